/**
 * Deliberate defects, made by replacing a method of a production class for a while. A checker is
 * worth something if it finds the defects that it is there for.
 */
import { CoordinatorCore } from '../../coordinator/core/core.ts';
import { EvaluationTask } from '../../coordinator/core/evaluation-task.ts';
import type { Effect } from '../../coordinator/core/events.ts';
import { Leases } from '../../coordinator/core/leases.ts';
import { StepTask } from '../../coordinator/core/step-task.ts';
import { SimulatedAppendFile } from '../../lib/simulator/disk-handles.ts';
import { SimulatedDisk } from '../../lib/simulator/simulated-disk.ts';
import { ToyCompute } from '../../lib/simulator/toy-compute.ts';
import { OptimizerShards } from '../../lib/optim/modes/sharded/optimizer-shards.ts';
import { WorkerCore } from '../../worker/core/core.ts';
import type { WorkerEffect } from '../../worker/core/events.ts';
import { StepProgress, type ReducedStep } from '../../worker/core/step.ts';
import { FRAME_MUTATIONS } from './frame-mutations.ts';
import { replace, type Mutation } from './mutation.ts';

/** Changes what the coordinator's core asks for. */
function replaceEffects(
  change: (effects: readonly Effect[], core: CoordinatorCore) => Effect[],
): () => void {
  return replace(
    CoordinatorCore.prototype,
    'apply',
    (original) =>
      function (event, nowMs) {
        return change(original.call(this, event, nowMs), this);
      },
  );
}

const workers: readonly Mutation[] = [
  {
    defect: 'the reduced gradient of the step before is applied again',
    foundBy: ['agreement'],
    mutate: () => {
      const last = new WeakMap<StepProgress, ReducedStep>();
      return replace(
        StepProgress.prototype,
        'commitUpTo',
        (original) =>
          function (committedSteps) {
            const committed = original.call(this, committedSteps);
            if (committed === undefined) return undefined;
            const values = committed.gradient.values.slice();
            const copy = { ...committed, gradient: { ...committed.gradient, values } };
            const before = last.get(this);
            last.set(this, copy);
            const isLate = committed.order.step % 10 === 9 && before !== undefined;
            return isLate ? { ...committed, gradient: before.gradient } : committed;
          },
      );
    },
  },
  {
    defect: 'a joiner is sent weights that are not those after the committed steps',
    foundBy: ['agreement'],
    // An audit would find it first.
    settings: { auditRatio: 0 },
    mutate: () =>
      replace(
        ToyCompute.prototype,
        'request',
        (original) =>
          function (request) {
            if (request.kind !== 'importState') return original.call(this, request);
            const state = request.state.map((value) => value * 1.0001);
            original.call(this, { ...request, state });
          },
      ),
  },
  {
    defect: 'each new membership starts one more row of heartbeats',
    foundBy: ['bounds'],
    mutate: () =>
      replace(
        WorkerCore.prototype,
        'apply',
        (original) =>
          function (event, nowMs): readonly WorkerEffect[] {
            const effects = original.call(this, event, nowMs);
            const isRoster = event.kind === 'message' && event.message.kind === 'roster';
            if (!isRoster) return effects;
            const beat = { kind: 'heartbeatDue' } as const;
            return [...effects, { kind: 'after', delayMs: 10, event: beat }];
          },
      ),
  },
];

const coordinators: readonly Mutation[] = [
  {
    defect: 'nobody is told that the run is over',
    foundBy: ['progress'],
    mutate: () => replaceEffects((effects) => effects.filter(({ kind }) => kind !== 'ended')),
  },
  {
    defect: 'a commit is told before it is journaled',
    foundBy: ['commits'],
    mutate: () =>
      replaceEffects((effects) => {
        const isRecord = ({ kind }: Effect): boolean => kind === 'journal';
        return [...effects.filter((one) => !isRecord(one)), ...effects.filter(isRecord)];
      }),
  },
  {
    defect: 'a worker that asks to leave is not let go',
    foundBy: ['drains'],
    mutate: () =>
      replace(
        CoordinatorCore.prototype,
        'apply',
        (original) =>
          function (event, nowMs) {
            return event.kind === 'drainRequested' ? [] : original.call(this, event, nowMs);
          },
      ),
  },
  {
    defect: 'a micro-batch is leased to two members',
    foundBy: ['samples', 'exceptions', 'errors'],
    mutate: () =>
      replace(
        Leases.prototype,
        'list',
        (original) =>
          function () {
            const [first, second, ...others] = original.call(this);
            if (first === undefined || second === undefined) return original.call(this);
            const microBatches = [...new Set([...first.microBatches, ...second.microBatches])];
            return [first, { ...second, microBatches }, ...others];
          },
      ),
  },
  {
    defect: 'a step is committed twice after a member was lost',
    foundBy: ['samples'],
    mutate: () =>
      replaceEffects((effects) => {
        const isRepeated = (one: Effect): boolean =>
          one.kind === 'journal' && one.record.kind === 'committed' && one.record.attempt > 0;
        return effects.flatMap((one) => (isRepeated(one) ? [one, one] : [one]));
      }),
  },
  {
    defect: 'a generation gets the number of the one before',
    foundBy: ['growth'],
    mutate: () =>
      replaceEffects((effects) =>
        effects.map((one): Effect => {
          if (one.kind !== 'journal' || one.record.kind !== 'generation') return one;
          const { generation } = one.record;
          const record = { ...one.record, generation: generation === 3 ? 2 : generation };
          return { ...one, record };
        }),
      ),
  },
  {
    defect: 'the second attempt at a step has the phase of the one after it',
    foundBy: ['phases'],
    settings: { phases: 3 },
    mutate: () =>
      replace(
        StepTask.prototype,
        'order',
        (original) =>
          function (ordering) {
            const order = original.call(this, ordering);
            const imageSizePx = order.phase.imageSizePx + (order.attempt > 0 ? 16 : 0);
            return { ...order, phase: { ...order.phase, imageSizePx } };
          },
      ),
  },
  {
    defect: 'no time limit is looked at',
    foundBy: ['deadlines', 'progress'],
    mutate: () =>
      replace(
        CoordinatorCore.prototype,
        'apply',
        (original) =>
          function (event, nowMs) {
            return event.kind === 'tick' ? [] : original.call(this, event, nowMs);
          },
      ),
  },
  {
    defect: 'validation batches of all members but one are counted twice',
    foundBy: ['evaluations'],
    settings: { validationSamples: 1_200, phases: 3, evaluatesAtPhaseEnd: true },
    mutate: () =>
      replace(
        EvaluationTask.prototype,
        'record',
        (original) =>
          function (slot, report) {
            if (report.kind !== 'evaluationDone') return original.call(this, slot, report);
            const batches = report.batches.map((one) => ({
              ...one,
              sampleCount: one.sampleCount * (slot > 0 ? 2 : 1),
            }));
            return original.call(this, slot, { ...report, batches });
          },
      ),
  },
];

const disks: readonly Mutation[] = [
  {
    defect: 'names of new files are not put on stable storage',
    foundBy: ['saved', 'exceptions', 'samples', 'growth', 'agreement', 'progress'],
    mutate: () => replace(SimulatedDisk.prototype, 'syncFolder', () => () => undefined),
  },
  {
    defect: 'the journal is not put on stable storage',
    foundBy: ['saved', 'samples', 'growth'],
    mutate: () => replace(SimulatedAppendFile.prototype, 'sync', () => () => undefined),
  },
];

const checkpoints: readonly Mutation[] = [
  {
    defect: 'a checkpoint has the moments of the one before it',
    foundBy: ['agreement'],
    settings: { mode: 'sharded', compression: 'float32', checkpointEverySteps: 5 },
    mutate: () => {
      const earlier = new Map<number, Float32Array>();
      return replace(
        OptimizerShards.prototype,
        'copyPart',
        (original) =>
          function (generation, section, begin, end) {
            const values = original.call(this, generation, section, begin, end);
            const stale = earlier.get(begin);
            earlier.set(begin, values);
            return stale?.length === values.length ? stale : values;
          },
      );
    },
  },
];

export const MUTATIONS: readonly Mutation[] = [
  ...FRAME_MUTATIONS,
  ...workers,
  ...coordinators,
  ...disks,
  ...checkpoints,
];
