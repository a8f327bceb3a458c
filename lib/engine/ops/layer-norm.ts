/** Layer normalization along the last axis (Ba, Kiros, Hinton 2016). */
import * as tf from '@tensorflow/tfjs-core';
import { runOneOutput, runOp } from './native-op.ts';

export type LayerNorm = <T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
) => T;

/** By tfjs ops, with a gradient of its own that keeps less than autodiff would. */
export const plainLayerNorm: LayerNorm = <T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): T => {
  const normalize = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as unknown as [
      tf.Tensor,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const centered = tf.sub(input, tf.mean(input, -1, true));
    const variance = tf.mean(tf.square(centered), -1, true);
    const inverse = tf.rsqrt(tf.add(variance, epsilon));
    const normal = tf.mul(centered, inverse);
    save([normal, inverse, scale]);
    return {
      value: tf.add(tf.mul(normal, scale), offset),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradients(dy, saved),
    };
  });
  return normalize(x, gamma, beta) as T;
};

/** The gradients of x, gamma and beta. */
function gradients(dy: tf.Tensor, saved: readonly tf.Tensor[]): tf.Tensor[] {
  const [normal, inverse, scale] = saved as [tf.Tensor, tf.Tensor, tf.Tensor1D];
  const axes = Array.from({ length: dy.rank - 1 }, (_, axis) => axis);
  const inner = tf.mul(dy, scale);
  const tilt = tf.mean(tf.mul(inner, normal), -1, true);
  const centered = tf.sub(tf.sub(inner, tf.mean(inner, -1, true)), tf.mul(normal, tilt));
  return [tf.mul(centered, inverse), tf.sum(tf.mul(dy, normal), axes), tf.sum(dy, axes)];
}

/** By our own op (layer_norm.cc). */
export const ownLayerNorm: LayerNorm = <T extends tf.Tensor>(
  x: T,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): T => {
  const attributes = { epsilon: { float: epsilon } };
  const normalize = tf.customGrad((...args) => {
    const [input, scale, offset, save] = args as unknown as [
      ...[x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, save: tf.GradSaveFunc],
    ];
    save([input, scale]);
    return {
      value: runOneOutput('CrescendoLayerNorm', [input, scale, offset], attributes),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runOp('CrescendoLayerNormGrad', [dy, ...saved], 3, attributes),
    };
  });
  return normalize(x, gamma, beta) as T;
};
