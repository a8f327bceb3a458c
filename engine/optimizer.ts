/**
 * Optimisers on the flat parameter vector: a handful of element-wise ops per step, whatever the
 * number of parameters. P elements.
 *
 *   sgd            v <- m v + g;                       w <- w - lr v (nesterov: w - lr (g + m v))
 *   rmsprop        s <- d s + (1 - d) g^2;  v <- m v + lr g / sqrt(s + eps);          w <- w - v
 *   rmsprop-keras  the same with s starting at zero instead of one
 */
import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerConfig } from '../config/run-config.ts';

/** Slot vectors in a fixed order: momentum, then the mean square where there is one. */
export function initialSlots(config: OptimizerConfig, elements: number): Float32Array[] {
  const momentum = new Float32Array(elements);
  switch (config.name) {
    case 'sgd':
      return [momentum];
    case 'rmsprop':
      return [momentum, new Float32Array(elements).fill(1)];
    case 'rmsprop-keras':
      return [momentum, new Float32Array(elements)];
  }
}

/** New weights and slots; call inside tidy, the inputs stay the caller's. */
export function updateWeights(
  config: OptimizerConfig,
  learningRate: number,
  weights: tf.Tensor1D,
  gradient: tf.Tensor1D,
  slots: readonly tf.Tensor1D[],
): { weights: tf.Tensor1D; slots: tf.Tensor1D[] } {
  const [momentum, meanSquare] = slots as [tf.Tensor1D, tf.Tensor1D | undefined];
  if (meanSquare === undefined) {
    const velocity = tf.add(tf.mul(momentum, config.momentum), gradient) as tf.Tensor1D;
    const direction = config.nesterov
      ? tf.add(gradient, tf.mul(velocity, config.momentum))
      : velocity;
    const updated = tf.sub(weights, tf.mul(direction, learningRate)) as tf.Tensor1D;
    return { weights: updated, slots: [velocity] };
  }
  const square = tf.add(
    tf.mul(meanSquare, config.decay),
    tf.mul(tf.square(gradient), 1 - config.decay),
  ) as tf.Tensor1D;
  const scaled = tf.div(tf.mul(gradient, learningRate), tf.sqrt(tf.add(square, config.epsilon)));
  const velocity = tf.add(tf.mul(momentum, config.momentum), scaled) as tf.Tensor1D;
  return { weights: tf.sub(weights, velocity) as tf.Tensor1D, slots: [velocity, square] };
}

/** Effective EMA decay after `step` (0-based) updates: min(d, (1 + n) / (10 + n)). */
export function emaDecayAt(step: number, decay: number): number {
  return Math.min(decay, (1 + step) / (10 + step));
}
