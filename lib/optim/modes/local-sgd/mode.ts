/**
 * Local SGD: each worker takes several steps by itself, with its own optimizer, and then all
 * workers reduce what their weights moved and take one outer step by it (local-sgd.ts). One order
 * covers all those steps, and each member is a leaf of the tree.
 */
import { allReduceBytes, type PlannedBytes } from '../../../collective/all-reduce/planned-bytes.ts';
import type { RunConfig } from '../../../run/run-config.ts';
import { initialMomentsOf } from '../../optimizer.ts';
import type { CostShape } from '../costs.ts';
import type { Mode } from '../mode.ts';
import { SENDING_SUMS } from '../owners.ts';
import { LocalSgdCompute } from './compute.ts';
import { OUTER_MOMENTUM, OUTER_UPDATES } from './local-sgd.ts';

export function localSgdMode(run: RunConfig): Mode | undefined {
  const { localSgd, optimizer, emaDecay } = run.training;
  const { innerSteps } = localSgd;
  if (innerSteps === 0) return undefined;
  const moments = initialMomentsOf(optimizer).length;
  return {
    name: 'local-sgd',
    plan: { stepsPerOrder: innerSteps, leaves: 'members', optimizerState: 'replicated' },
    costs: {
      bytesPerStep: (shape) => bytesPerStep(innerSteps, shape),
      // The anchor of weights, statistics and moments.
      memoryBytes: ({ parameters: { elements: p }, statisticElements: m }) =>
        4 * (p * (1 + moments) + m),
      bytesNote: ` on average, in one all-reduce for ${innerSteps} steps`,
      estimate: {
        stepsPerAllReduce: innerSteps,
        leave: 'after-compute',
        gather: 'sums',
        rarerBy: 'more training.localSgd.innerSteps',
        notes: [
          `training.localSgd: one all-reduce for ${innerSteps} steps, its bytes and time as the ` +
            'mean of a step; the outer update is not counted',
        ],
      },
    },
    state: {
      moments: 'replicated',
      ema: 'by-mode',
      vectors: [OUTER_MOMENTUM],
      counts: [OUTER_UPDATES],
    },
    owners: () => SENDING_SUMS,
    compute: (engine, work) => new LocalSgdCompute(engine, work, localSgd, emaDecay),
  };
}

/** One all-reduce for all steps of an order, whose leaves are the members. */
function bytesPerStep(innerSteps: number, { plan, buckets, workers }: CostShape): PlannedBytes {
  const allReduces = plan.phases.reduce(
    (sum, { stepCount }) => sum + Math.ceil(stepCount / innerSteps),
    0,
  );
  const each = allReduceBytes(buckets, workers, workers);
  const perStep = (bytes: number): number => Math.round((bytes * allReduces) / plan.stepCount);
  return {
    sentBytesPerStep: perStep(each.sentBytesPerStep),
    receivedBytesPerStep: perStep(each.receivedBytesPerStep),
  };
}
