/**
 * Batch normalisation in training with the activation after it: by our own op
 * (native/batch_norm.cc), by TensorFlow's fused one, or composed of its parts. The variance for the
 * moving average has Bessel's correction, as TensorFlow's fused op returns it.
 */
import * as tf from '@tensorflow/tfjs-core';
import { plainGelu } from './gelu.ts';
import type { Activation } from '../models/network.ts';

export interface NormalisedBatch {
  readonly y_BHWC: tf.Tensor4D;
  /** [C] each; kept, so the caller disposes. */
  readonly mean: tf.Tensor1D;
  readonly variance: tf.Tensor1D;
}

/** What the engine uses of tfjs-node's backend. */
interface NativeBackend {
  readonly binding: Readonly<
    Record<
      | 'TF_ATTR_STRING'
      | 'TF_ATTR_INT'
      | 'TF_ATTR_FLOAT'
      | 'TF_ATTR_TYPE'
      | 'TF_ATTR_BOOL'
      | 'TF_FLOAT',
      number
    >
  >;
  executeMultipleOutputs(
    name: string,
    attributes: readonly { name: string; type: number; value: unknown }[],
    inputs: readonly tf.Tensor[],
    outputCount: number,
  ): tf.Tensor[];
}

export type NormaliseBatch = (
  x_BHWC: tf.Tensor4D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  activation: Activation,
  epsilon: number,
) => NormalisedBatch;

/** As native/activation.h numbers them. */
const ACTIVATIONS: Readonly<Record<Activation, number>> = { none: 0, swish: 1, gelu: 2, relu: 3 };

/** Our own op for processors: activation included, in both directions. */
export const ownBatchNorm: NormaliseBatch = (x_BHWC, gamma, beta, activation, epsilon) => {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const kind = { name: 'activation', type: binding.TF_ATTR_INT, value: ACTIVATIONS[activation] };
  const addend = { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon };
  const statistics: tf.Tensor1D[] = [];
  const normalise = tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const [y, mean, variance, deviation] = backend.executeMultipleOutputs(
      'CrescendoBatchNorm',
      [addend, kind],
      [x, scale, offset],
      4,
    ) as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D];
    statistics.push(tf.keep(mean), tf.keep(variance));
    save([x, scale, offset, mean, deviation]);
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backend.executeMultipleOutputs('CrescendoBatchNormGrad', [kind], [dy, ...saved], 3),
    };
  });
  const y_BHWC = normalise(x_BHWC, gamma, beta) as tf.Tensor4D;
  return { y_BHWC, mean: statistics[0] as tf.Tensor1D, variance: statistics[1] as tf.Tensor1D };
};

/** Fused batch norm of TensorFlow, with its fused gradient. */
export const fusedBatchNorm: NormaliseBatch = (x_BHWC, gamma, beta, activation, epsilon) => {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  const attributes = [
    { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'U', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    { name: 'epsilon', type: binding.TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: binding.TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: binding.TF_ATTR_BOOL, value: true },
  ];
  const statistics: tf.Tensor1D[] = [];
  const normalise = tf.customGrad((...args) => {
    const [x, scale, offset, save] = args as unknown as [
      tf.Tensor4D,
      tf.Tensor1D,
      tf.Tensor1D,
      tf.GradSaveFunc,
    ];
    const empty = tf.tensor1d([], 'float32');
    const factor = { name: 'exponential_avg_factor', type: binding.TF_ATTR_FLOAT, value: 1 };
    const outputs = backend.executeMultipleOutputs(
      'FusedBatchNormV3',
      [...attributes, factor],
      [x, scale, offset, empty, empty],
      6,
    ) as [tf.Tensor4D, tf.Tensor1D, tf.Tensor1D, tf.Tensor, tf.Tensor, tf.Tensor];
    statistics.push(tf.keep(outputs[1]), tf.keep(outputs[2]));
    save([x, scale, outputs[3], outputs[4], outputs[5]]);
    return {
      value: outputs[0],
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        backend
          .executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5)
          .slice(0, 3),
    };
  });
  const z_BHWC = normalise(x_BHWC, gamma, beta) as tf.Tensor4D;
  return {
    y_BHWC: activate(z_BHWC, activation),
    mean: statistics[0] as tf.Tensor1D,
    variance: statistics[1] as tf.Tensor1D,
  };
};

/** The same from moments, for backends without the fused op. */
export const composedBatchNorm: NormaliseBatch = (x_BHWC, gamma, beta, activation, epsilon) => {
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
