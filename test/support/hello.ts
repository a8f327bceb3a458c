/** What a worker says when it connects. */
import { PROTOCOL_VERSION } from '../../proto/limits.ts';
import type { DatasetIdentity, Hello, Prepared } from '../../proto/generated/messages.ts';
import { NOTHING_HELD } from '../../worker/core/step.ts';

/** That of a new worker, but for `changes`. */
export function aHello(changes: Partial<Hello> = {}): Hello {
  return {
    kind: 'hello',
    protocolVersion: PROTOCOL_VERSION,
    configFingerprint: '',
    joinToken: '',
    hostName: 'test',
    processId: 1,
    dataUrl: 'ws://127.0.0.1:1',
    machine: 'h',
    localPath: '',
    metricsAddress: '',
    workerId: 'worker',
    runId: '',
    slot: 0,
    ...changes,
  };
}

/** What workers and coordinators see. */
export const A_DATASET: DatasetIdentity = {
  trainSampleCount: 100,
  validationSampleCount: 60,
  classCount: 2,
  classNames: ['cat', 'dog'],
  classNamesSha256: 'cc',
  filesSha256: 'ff',
};

/** A worker whose engine is ready, with a state of one value, but for `changes`. */
export function aPrepared(changes: Partial<Prepared> = {}): Prepared {
  return {
    kind: 'prepared',
    engineDescription: '',
    totalElements: 1,
    stateElements: 1,
    held: NOTHING_HELD,
    dataset: A_DATASET,
    ...changes,
  };
}
