/**
 * Batch normalization that is not trained: in training too it normalizes with moving statistics.
 */
import * as tf from '@tensorflow/tfjs-core';
import { defined } from '../../base/errors.ts';
import type { Activation } from '../../models/network.ts';
import type { StatisticSpec } from '../../models/nn/layout.ts';
import type { TrainingState } from '../../optim/training-state.ts';
import { activate, type NormalizedBatch } from './batch-norm.ts';

export interface MovingStatistics {
  /** [C] */
  readonly mean: tf.Tensor1D;
  /** [C] */
  readonly variance: tf.Tensor1D;
}

/** Gradients reach x, gamma and beta. What comes back are copies of the moving statistics, kept. */
export function frozenBatchNorm(
  x_BHWC: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  { mean, variance }: MovingStatistics,
  activation: Activation,
  epsilon: number,
): NormalizedBatch {
  const scale = tf.mul(gamma, tf.rsqrt(tf.add(variance, epsilon)));
  const shift = tf.sub(beta, tf.mul(mean, scale));
  const z_BHWC = tf.add<tf.Tensor4D>(tf.mul(x_BHWC, scale), shift);
  const y_BHWC = activate(z_BHWC, activation);
  const kept = <T extends tf.Tensor>(one: T): T => tf.keep(tf.clone(one));
  return { y_BHWC, mean: kept(mean), variance: kept(variance) };
}

/** Tensors of the statistics that are not trained, by the name of their batch norm. */
export function frozenNormTensors(
  { statisticsLayout, frozenNorms }: Pick<TrainingState, 'statisticsLayout' | 'frozenNorms'>,
  tensorOf: (entry: StatisticSpec) => tf.Tensor1D,
): ReadonlyMap<string, MovingStatistics> {
  const statistic = (name: string): tf.Tensor1D => {
    const placed = statisticsLayout.placed.find(({ entry }) => entry.name === name);
    return tensorOf(defined(placed, name).entry);
  };
  return new Map(
    [...frozenNorms].map((name) => [
      name,
      { mean: statistic(`${name}.moving_mean`), variance: statistic(`${name}.moving_variance`) },
    ]),
  );
}
