/** The toy model of a simulated run: its gradient, which all workers make alike, and SGD. Pure. */
import { snapshotLayout } from '../checkpoint/snapshot.ts';
import { TAIL_ELEMENTS } from '../collective/step-vector.ts';
import type { OwnersStart } from '../optim/modes/owners.ts';
import type { ModePlan } from '../run/mode-plan.ts';

export const TOY_PARAMETERS = 48;
/** The toy's training state: its weights. */
export const TOY_LAYOUT = snapshotLayout([
  { name: 'weights', type: 'float32', elements: TOY_PARAMETERS },
]);

interface ToyMicroBatch {
  readonly step: number;
  readonly microBatch: number;
  readonly samples: number;
  /** Added to every value; 0 for a right gradient. */
  readonly bias: number;
  readonly isNonfinite: boolean;
}

/** A gradient that depends on weights, step and micro-batch; then the tail. */
export function toyGradient(
  weights: Float32Array,
  { step, microBatch, samples, bias, isNonfinite }: ToyMicroBatch,
): Float32Array {
  const values = new Float32Array(TOY_PARAMETERS + TAIL_ELEMENTS);
  for (let index = 0; index < TOY_PARAMETERS; index++) {
    const noise = ((step * 31 + microBatch * 17 + index * 7) % 97) / 97 - 0.5;
    values[index] = 0.1 * (weights[index] as number) + 0.01 * noise + bias;
  }
  values.set([1, 0, samples, isNonfinite ? 1 : 0], TOY_PARAMETERS);
  return values;
}

/** Plain SGD on weights that lie in one segment, where owners make weights. */
export function toyOwners(
  weights: Float32Array,
  optimizerState: ModePlan['optimizerState'],
): OwnersStart {
  if (optimizerState === 'replicated') return { kind: 'none' };
  const update = {
    segments: Int32Array.of(0, TOY_PARAMETERS, 0),
    rates: Float32Array.of(1),
    initialMoments: [0],
    isClipped: false,
  };
  return { kind: 'shards', update, initialWeights: weights.slice() };
}
