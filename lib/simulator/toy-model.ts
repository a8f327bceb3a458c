/** The toy model of a simulated run: its gradient, which all workers make alike, and SGD. Pure. */
import { snapshotLayout } from '../checkpoint/snapshot.ts';
import type { SpreadState } from '../checkpoint/state-leases.ts';
import { planBuckets } from '../collective/buckets.ts';
import { TAIL_ELEMENTS } from '../collective/step-vector.ts';
import type { OwnersStart } from '../optim/modes/owners.ts';
import type { ModePlan } from '../run/mode-plan.ts';

export const TOY_PARAMETERS = 48;
/** Parts of the optimizer state begin on multiples of so many elements: six parts at most. */
const PART_ELEMENTS = 8;
const WEIGHTS = { name: 'weights', type: 'float32', elements: TOY_PARAMETERS } as const;
/** What each worker holds of the toy's training state. */
export const TOY_LAYOUT = snapshotLayout([WEIGHTS]);

/** The toy's training state: its weights, and their momentum where that is sharded. */
export function toyState({ optimizerState }: Pick<ModePlan, 'optimizerState'>): SpreadState {
  if (optimizerState === 'replicated') return { layout: TOY_LAYOUT, sharded: undefined };
  const layout = snapshotLayout([WEIGHTS, { ...WEIGHTS, name: 'momentum' }]);
  const shape = { gradientElements: TOY_PARAMETERS, totalElements: TOY_PARAMETERS };
  const buckets = planBuckets({ tensorBegins: [0], ...shape }, 'float32');
  const sharded = { names: new Set(['momentum']), buckets, blockElements: PART_ELEMENTS };
  return { layout, sharded };
}

/** What a test may have a worker's model do wrong. */
export interface ToyFaults {
  /** Adds this to every gradient value: the worker then diverges from the others. */
  gradientBias?: number;
  /** Whether a micro-batch comes out infinite. */
  readonly isNonfinite?: (step: number, microBatch: number) => boolean;
  /** The step of whose sum this worker says a wrong checksum, as after a fault of its memory. */
  readonly wrongSumIn?: number | undefined;
  /** The step in which the lowest bit of each of its gradients is flipped, and nobody is told. */
  readonly flipsBitIn?: number | undefined;
}

interface ToyMicroBatch {
  readonly step: number;
  readonly microBatch: number;
  readonly samples: number;
}

/** A gradient that depends on weights, step and micro-batch; then the tail. */
export function toyGradient(
  weights: Float32Array,
  { step, microBatch, samples }: ToyMicroBatch,
  { gradientBias = 0, isNonfinite, flipsBitIn }: ToyFaults,
): Float32Array {
  const values = new Float32Array(TOY_PARAMETERS + TAIL_ELEMENTS);
  for (let index = 0; index < TOY_PARAMETERS; index++) {
    const noise = ((step * 31 + microBatch * 17 + index * 7) % 97) / 97 - 0.5;
    values[index] = 0.1 * (weights[index] as number) + 0.01 * noise + gradientBias;
  }
  values.set([1, 0, samples, isNonfinite?.(step, microBatch) === true ? 1 : 0], TOY_PARAMETERS);
  if (step === flipsBitIn) flipBit(values);
  return values;
}

function flipBit(values: Float32Array): void {
  const bits = new Uint32Array(values.buffer);
  bits[0] = (bits[0] ?? 0) ^ 1;
}

/** SGD with momentum on weights that lie in one segment, where owners make weights. */
export function toyOwners(
  weights: Float32Array,
  optimizerState: ModePlan['optimizerState'],
): OwnersStart {
  if (optimizerState === 'replicated') return { kind: 'none' };
  const update = {
    segments: Int32Array.of(0, TOY_PARAMETERS, 0),
    rates: Float32Array.of(1),
    initialMoments: [0],
    blockElements: PART_ELEMENTS,
    isClipped: false,
  };
  return { kind: 'shards', update, initialWeights: weights.slice() };
}
