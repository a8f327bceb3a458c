/**
 * Synchronous training: in every step the gradients of all micro-batches are reduced along one
 * tree, and each worker updates its own copy of the weights with the outcome. So the weights have
 * the same bytes on any number of workers.
 */
import { allReduceBytes } from '../../../collective/all-reduce/planned-bytes.ts';
import type { Mode } from '../mode.ts';
import { SENDING_SUMS } from '../owners.ts';

export function synchronousMode(): Mode {
  return {
    name: 'synchronous',
    plan: { stepsPerOrder: 1, leaves: 'micro-batches', optimizerState: 'replicated' },
    costs: {
      bytesPerStep: ({ plan, buckets, workers }) =>
        allReduceBytes(buckets, plan.microBatches, workers),
      memoryBytes: () => 0,
      bytesNote: '',
      estimate: {
        stepsPerAllReduce: 1,
        leave: 'in-backward',
        gather: 'sums',
        rarerBy: 'training.localSgd',
        notes: [],
      },
    },
    state: { moments: 'replicated', ema: 'each-update', vectors: [], counts: [] },
    owners: () => SENDING_SUMS,
    compute: (engine, work) => ({
      owners: { kind: 'none' },
      computeStep: (order) => work.sumMicroBatches(order, { by: 'workers' }),
      apply: ({ step, learningRate, sum }) => engine.applyUpdate(step, learningRate, sum),
    }),
  };
}
