/**
 * Sharded optimizer state (ZeRO-1): gradients are reduced as in synchronous training, but the owner
 * of a chunk of the reduced gradient updates that part of the weights before it sends the chunk
 * on, and only it and its backup keep that part of the optimizer state (optimizer-shards.ts).
 */
import { sharedCopy } from '../../../base/shared-copy.ts';
import { allReduceBytes, type PlannedBytes } from '../../../collective/all-reduce/planned-bytes.ts';
import { formatOf } from '../../../collective/buckets.ts';
import { bytesPerValue } from '../../../collective/kernels/vector.ts';
import { ShardLayout } from '../../../collective/shard-layout.ts';
import type { RunConfig } from '../../../run/run-config.ts';
import { initialMomentsOf } from '../../optimizer.ts';
import { NORM_BLOCK_ELEMENTS, normPieces } from '../../update-pieces.ts';
import { updateSegments } from '../../update-segments.ts';
import type { CostShape } from '../costs.ts';
import type { Mode, ModeCompute, ModeEngine, StepWork } from '../mode.ts';
import { OptimizerShards } from './optimizer-shards.ts';

const CLIPPED_NOTE =
  'training.optimizer.sharded: with training.clipNorm weights travel after the backward pass, ' +
  'which is not counted';

export function shardedMode(run: RunConfig): Mode | undefined {
  const { optimizer, clipNorm } = run.training;
  if (!optimizer.sharded) return undefined;
  return {
    name: 'sharded',
    plan: { stepsPerOrder: 1, leaves: 'micro-batches', optimizerState: 'sharded' },
    costs: {
      bytesPerStep: (shape) => bytesPerStep(run, shape),
      memoryBytes: (shape) => shardBytes(initialMomentsOf(optimizer).length, shape),
      bytesNote: '',
      estimate: {
        stepsPerAllReduce: 1,
        leave: 'in-backward',
        gather: 'weights',
        rarerBy: 'training.localSgd',
        notes: clipNorm > 0 ? [CLIPPED_NOTE] : [],
      },
    },
    state: { moments: 'sharded', ema: 'each-update', vectors: [], counts: [] },
    owners: (start, context) => new OptimizerShards(start, context),
    compute: (engine, work) => shardedCompute(run, engine, work),
  };
}

function shardedCompute({ training }: RunConfig, engine: ModeEngine, work: StepWork): ModeCompute {
  const { state } = engine;
  return {
    owners: {
      kind: 'shards',
      update: {
        segments: state.segments.segments,
        rates: state.segments.rates,
        initialMoments: initialMomentsOf(training.optimizer),
        blockElements: NORM_BLOCK_ELEMENTS,
        isClipped: training.clipNorm > 0,
      },
      initialWeights: sharedCopy(state.weights),
    },
    computeStep: (order) => {
      const settings = state.updateSettings(order.learningRates[0], order.sampleCount);
      return work.sumMicroBatches(order, { by: 'owners', settings });
    },
    apply: ({ sum, gradientNorm }) => state.adopt(sum, gradientNorm),
  };
}

/** Owners send weights, and squares for the norm; to their backups they send sums, not weights. */
function bytesPerStep({ training }: RunConfig, shape: CostShape): PlannedBytes {
  const { plan, buckets, workers, parameters } = shape;
  const { segments } = updateSegments(parameters, training);
  const bytes = allReduceBytes(buckets, plan.microBatches, workers, {
    alignmentElements: NORM_BLOCK_ELEMENTS,
    resultBytesOf: ({ offset, length }) => {
      const squares = normPieces(segments, offset, offset + length).length / 3;
      return length * 4 + squares * Float64Array.BYTES_PER_ELEMENT;
    },
    backupSavedBytesOf: (chunk) => chunk.length * (4 - bytesPerValue(formatOf(buckets, chunk))),
  });
  // A count goes with each member's squares.
  const counts = Float64Array.BYTES_PER_ELEMENT * (workers - 1);
  return {
    sentBytesPerStep: bytes.sentBytesPerStep + counts,
    receivedBytesPerStep: bytes.receivedBytesPerStep + counts,
  };
}

/** The largest shard: its weights, its moments, and what these become in the step at hand. */
function shardBytes(moments: number, { buckets, parameters, workers }: CostShape): number {
  const members = Array.from({ length: workers }, (_, slot) => ({ slot, machine: '' }));
  const ofGradient = buckets.filter(({ begin }) => begin < parameters.elements);
  const layout = new ShardLayout(members, ofGradient, NORM_BLOCK_ELEMENTS);
  const elements = members.map(({ slot }) =>
    layout.rangesOf(slot).reduce((sum, { begin, end }) => sum + end - begin, 0),
  );
  return 4 * Math.max(...elements) * (1 + 2 * moments);
}
