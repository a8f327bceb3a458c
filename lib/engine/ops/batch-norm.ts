/**
 * Batch normalization in training with the activation after it: by our own op
 * (batch_norm.cc), by TensorFlow's fused one, or composed of its parts. The variance for the
 * moving average has Bessel's correction, as TensorFlow's fused op returns it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { plainGelu } from './gelu.ts';
import type { Activation } from '../../models/network.ts';
import { runOp, type OpAttributes } from './native-op.ts';

export interface NormalizedBatch {
  readonly y_BHWC: tf.Tensor4D;
  /** [C] each; kept, so the caller disposes. */
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

export type NormalizeBatch = (
  x_BHWC: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  activation: Activation,
  epsilon: number,
) => NormalizedBatch;

/** As activation.h numbers them. */
const ACTIVATIONS: Readonly<Record<Activation, number>> = { none: 0, swish: 1, gelu: 2, relu: 3 };

/** Our own op for processors: activation included, in both directions. */
export const ownBatchNorm: NormalizeBatch = (x_BHWC, gamma, beta, activation, epsilon) => {
  const kind = { activation: { int: ACTIVATIONS[activation] } };
  const statistics: tf.Tensor1D[] = [];
  const normalize = tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const attributes = { ...kind, epsilon: { float: epsilon } };
    const inputs = [x, scale, offset];
    const [y, mean, variance, deviation] = runOp('CrescendoBatchNorm', inputs, 4, attributes) as [
      ...[tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D],
    ];
    statistics.push(tf.keep(mean), tf.keep(variance));
    save([x, scale, offset, mean, deviation]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runOp('CrescendoBatchNormGrad', [dy, ...saved], 3, kind),
    };
  });
  const y_BHWC = normalize(x_BHWC, gamma, beta) as tf.Tensor4D;
  return { y_BHWC, mean: statistics[0] as tf.Tensor1D, variance: statistics[1] as tf.Tensor1D };
};

/** Fused batch norm of TensorFlow, with its fused gradient. */
export const fusedBatchNorm: NormalizeBatch = (x_BHWC, gamma, beta, activation, epsilon) => {
  const attributes: OpAttributes = {
    T: { type: 'float32' },
    U: { type: 'float32' },
    epsilon: { float: epsilon },
    data_format: { text: 'NHWC' },
    is_training: { bool: true },
  };
  const statistics: tf.Tensor1D[] = [];
  const normalize = tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const empty = tf.tensor1d([], 'float32');
    const outputs = runOp('FusedBatchNormV3', [x, scale, offset, empty, empty], 6, {
      ...attributes,
      exponential_avg_factor: { float: 1 },
    }) as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor, tf.Tensor, tf.Tensor];
    statistics.push(tf.keep(outputs[1]), tf.keep(outputs[2]));
    save([x, scale, outputs[3], outputs[4], outputs[5]]);
    return {
      value: outputs[0],
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runOp('FusedBatchNormGradV3', [dy, ...saved], 5, attributes).slice(0, 3),
    };
  });
  const z_BHWC = normalize(x_BHWC, gamma, beta) as tf.Tensor4D;
  return {
    y_BHWC: activate(z_BHWC, activation),
    mean: statistics[0] as tf.Tensor1D,
    variance: statistics[1] as tf.Tensor1D,
  };
};

/** The same from moments, for backends without the fused op. */
export const composedBatchNorm: NormalizeBatch = (x_BHWC, gamma, beta, activation, epsilon) => {
  const { mean, variance } = tf.moments(x_BHWC, [0, 1, 2]);
  const y_BHWC = tf.batchNorm(
    x_BHWC,
    mean as tf.Tensor1D,
    variance as tf.Tensor1D,
    beta,
    gamma,
    epsilon,
  );
  const count = x_BHWC.size / (x_BHWC.shape[3] as number);
  const correction = count > 1 ? count / (count - 1) : 1;
  return {
    y_BHWC: activate(y_BHWC as tf.Tensor4D, activation),
    mean: tf.keep(tf.clone(mean)) as tf.Tensor1D,
    variance: tf.keep(tf.mul(variance, correction)) as tf.Tensor1D,
  };
};

export function activate(x_BHWC: tf.Tensor4D, activation: Activation): tf.Tensor4D {
  switch (activation) {
    case 'none':
      return x_BHWC;
    case 'swish':
      return swish(x_BHWC);
    case 'gelu':
      return plainGelu(x_BHWC);
    case 'relu':
      return tf.relu(x_BHWC);
  }
}

/** x * sigmoid(x) with a gradient of its own, which keeps half of what autodiff would. */
export function swish<T extends tf.Tensor>(x: T): T {
  const activate = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const gate = tf.sigmoid(input);
    save([input, gate]);
    return {
      value: tf.mul(input, gate),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [value, sigmoid] = saved as [tf.Tensor, tf.Tensor];
        const slope = tf.mul(sigmoid, tf.add(1, tf.mul(value, tf.sub(1, sigmoid))));
        return [tf.mul(dy, slope)];
      },
    };
  });
  return activate(x) as T;
}
