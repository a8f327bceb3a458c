/** Journals of runs that never were. */
import type { JournalRecord } from '../../coordinator/core/events.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { planRun, type RunPlan } from '../../lib/run/plan.ts';
import { aRun } from './engines.ts';
import type { RunOverrides } from './run-files.ts';

const SHA256 = 'ab'.repeat(32);

export type CommittedRecord = JournalRecord & { readonly kind: 'committed' };

/** Two epochs of 100 samples, 24 in 6 micro-batches a step: 9 steps in two phases. */
export function aPlan(overrides: RunOverrides = {}): RunPlan {
  const run = aRun(overrides);
  return planRun(run, modeOf(run).plan, 100, 60);
}

/** The first records of a run with two members. */
export function begunRun({ stepCount, totalSamples }: RunPlan): JournalRecord[] {
  return [
    {
      kind: 'started',
      runId: 'one',
      configFingerprint: SHA256,
      runConfigJson: '{}',
      stepCount,
      totalSamples,
    },
    { kind: 'generation', generation: 1, slots: [0, 1], reason: 'start' },
    { kind: 'checkpointed', committedSteps: 0, stateSha256: SHA256 },
  ];
}

/** The commit of the order that begins with a step, by two members. */
export function commitOf(
  plan: RunPlan,
  step: number,
  changes: Partial<CommittedRecord> = {},
): CommittedRecord {
  const microBatches = Array.from({ length: plan.microBatches }, (_, index) => index);
  const half = Math.ceil(plan.microBatches / 2);
  return {
    kind: 'committed',
    generation: 1,
    step,
    stepCount: 1,
    attempt: 0,
    phaseIndex: plan.phaseOf(step).index,
    compression: 'float32',
    ...plan.samplesOf(step),
    checksum: 1000 + step,
    leases: [
      { slot: 0, microBatches: microBatches.slice(0, half) },
      { slot: 1, microBatches: microBatches.slice(half) },
    ],
    ...changes,
  };
}

/** Commits of the steps [begin, end). */
export function commits(plan: RunPlan, begin: number, end: number): CommittedRecord[] {
  return Array.from({ length: end - begin }, (_, index) => commitOf(plan, begin + index));
}

export function checkpointOf(committedSteps: number): JournalRecord {
  return { kind: 'checkpointed', committedSteps, stateSha256: SHA256 };
}

export function restoredTo(toSteps: number, fromSteps: number, history = 2): JournalRecord {
  return { kind: 'restored', history, fromSteps, toSteps };
}
