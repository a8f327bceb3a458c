/**
 * Losses summed over the batch, and their label smoothing. B samples, C classes.
 *
 *   softmax  -sum_k t_k log softmax(z)_k           t = t (1 - e) + e / C
 *   sigmoid  sum_k softplus(z_k) - t_k z_k         t = t (1 - e) + e / 2
 *
 * Sigmoid takes each class as a question of two answers, so its smoothing goes to a half, as in
 * TensorFlow's sigmoid_cross_entropy and Keras's BinaryCrossentropy; those average over the
 * classes, this sums, as the pre-trainings on ImageNet-21k do.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { TrainingConfig } from '../run/run-config.ts';

export type LossKind = TrainingConfig['loss'];

/** Targets [B, C] after label smoothing. */
export function smoothed(targets_BC: tf.Tensor2D, smoothing: number, loss: LossKind): tf.Tensor2D {
  if (smoothing === 0) return targets_BC;
  const classCount = loss === 'softmax' ? targets_BC.shape[1] : 2;
  return tf.add(tf.mul(targets_BC, 1 - smoothing), smoothing / classCount);
}

/** The loss of logits [B, C], summed over the batch. */
export function lossSum(
  logits_BC: tf.Tensor2D,
  targets_BC: tf.Tensor2D,
  loss: LossKind,
): tf.Scalar {
  if (loss === 'softmax') {
    return tf.neg(tf.sum(tf.mul(targets_BC, tf.logSoftmax(logits_BC)))) as tf.Scalar;
  }
  return tf.sum(tf.sub(tf.softplus(logits_BC), tf.mul(targets_BC, logits_BC))) as tf.Scalar;
}
