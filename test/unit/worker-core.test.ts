/** A worker's decisions, without sockets, timers or threads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Welcome } from '../../proto/generated/messages.ts';
import { WorkerCore } from '../../worker/core/core.ts';
import type { ReadyReply, WorkerEffect, WorkerEvent } from '../../worker/core/events.ts';
import { aRun } from '../support/engines.ts';
import { A_DATASET } from '../support/hello.ts';

const MINUTE = 60_000;
const RUN = aRun({ cluster: { reconnectMinutes: 10 } });

const READY: ReadyReply = {
  kind: 'ready',
  totalElements: 4,
  gradientElements: 0,
  parameters: [],
  stateElements: 0,
  checkpointLayout: [],
  stateLayout: [],
  owners: { kind: 'none' },
  buckets: [],
  description: 'toy',
  dataset: A_DATASET,
};

class Driven {
  readonly #core = new WorkerCore();
  readonly #effects: WorkerEffect[] = [];
  nowMs = 0;

  apply(event: WorkerEvent): void {
    this.#effects.push(...this.#core.apply(event, this.nowMs));
  }

  welcome(): void {
    const welcome: Welcome = {
      kind: 'welcome',
      slot: 0,
      runId: 'run',
      runConfigJson: JSON.stringify(RUN),
      configFingerprint: 'f',
      peerToken: 'peers',
      heartbeatIntervalMs: 1_000,
    };
    this.apply({ kind: 'message', message: welcome });
  }

  /** How often it has said that it is prepared. */
  get preparedCount(): number {
    return this.#effects.filter((one) => one.kind === 'prepared').length;
  }

  /** What it asked of its compute thread. */
  get requests(): string[] {
    return this.#effects.flatMap((one) => (one.kind === 'request' ? [one.request.kind] : []));
  }

  /** Before each time that it connects anew. */
  get pauses(): number[] {
    return this.#effects.flatMap((one) => (one.kind === 'reconnect' ? [one.delayMs] : []));
  }

  get failure(): string | undefined {
    const failed = this.#effects.find((one) => one.kind === 'failed');
    return failed?.error.message;
  }
}

/** A worker that lost its coordinator, and was welcomed again. */
function returned(): Driven {
  const worker = new Driven();
  worker.welcome();
  worker.apply({ kind: 'reply', reply: READY });
  assert.equal(worker.preparedCount, 1);
  worker.apply({ kind: 'coordinatorLost', reason: 'late in step 3' });
  worker.apply({ kind: 'connected' });
  worker.welcome();
  return worker;
}

test('a worker that comes back is prepared once its compute thread has answered', () => {
  for (const kind of ['pong', 'unitDone'] as const) {
    const worker = returned();
    assert.equal(worker.preparedCount, 1, 'its computing may be what hangs');
    assert.deepEqual(worker.requests, ['ping']);
    worker.apply({ kind: 'reply', reply: { kind } });
    assert.equal(worker.preparedCount, 2);
    worker.apply({ kind: 'reply', reply: { kind } });
    assert.equal(worker.preparedCount, 2);
  }
});

test('an answer that comes while there is no coordinator counts for the next welcome only', () => {
  const worker = returned();
  worker.apply({ kind: 'coordinatorLost', reason: 'reset' });
  worker.apply({ kind: 'reply', reply: { kind: 'pong' } });
  assert.equal(worker.preparedCount, 1);
  worker.apply({ kind: 'connected' });
  worker.welcome();
  worker.apply({ kind: 'reply', reply: { kind: 'pong' } });
  assert.equal(worker.preparedCount, 2);
});

test('a worker whose compute thread does not answer for an hour ends, to be started anew', () => {
  const worker = returned();
  const beat = (): void => {
    worker.nowMs += 1_000;
    worker.apply({ kind: 'message', message: { kind: 'heartbeatSeen' } });
    worker.apply({ kind: 'heartbeatDue' });
  };
  while (worker.nowMs < 59 * MINUTE) beat();
  assert.equal(worker.failure, undefined);
  while (worker.nowMs < 61 * MINUTE) beat();
  assert.equal(worker.failure, 'the compute thread hangs');
});

test('a worker that is held off asks again when it may, and looks for long enough then', () => {
  const worker = new Driven();
  const refuse = (retryAfterMs: number): void => {
    const code = 'CRESCENDO_WORKER_HELD_OFF';
    worker.apply({
      kind: 'message',
      message: { kind: 'refused', code, message: 'held off', retryAfterMs },
    });
  };
  for (let count = 1; count <= 20; count++) {
    refuse(15_000);
    assert.deepEqual(worker.pauses, Array<number>(count).fill(15_000));
    worker.apply({ kind: 'coordinatorLost', reason: 'closed by the coordinator' });
    worker.nowMs += 15_000;
    worker.apply({ kind: 'connected' });
  }
  assert.equal(worker.failure, undefined);
  worker.welcome();
  worker.apply({ kind: 'reply', reply: READY });
  assert.equal(worker.preparedCount, 1);
  worker.apply({ kind: 'coordinatorLost', reason: 'reset' });
  worker.apply({ kind: 'connected' });
  refuse(0);
  assert.match(String(worker.failure), /refused: held off/);
});

test('a coordinator of which bytes come lives, however long its message takes', () => {
  const worker = returned();
  const beat = (event: WorkerEvent): void => {
    worker.nowMs += 1_000;
    worker.apply(event);
    worker.apply({ kind: 'heartbeatDue' });
  };
  const before = worker.pauses.length;
  for (let count = 0; count < 60; count++) beat({ kind: 'bytesReceived' });
  assert.equal(worker.pauses.length, before);
  for (let count = 0; count < 60; count++) beat({ kind: 'reply', reply: { kind: 'unitDone' } });
  assert.ok(worker.pauses.length > before, 'it connects anew');
});
