/** The weights of attention, softmax(scale scores + bias) over the keys. */
import * as tf from '@tensorflow/tfjs-core';
import type { AttentionWeights } from '../models/network.ts';

interface NativeBackend {
  readonly binding: Readonly<Record<'TF_ATTR_FLOAT', number>>;
  executeMultipleOutputs(
    name: string,
    attributes: readonly { name: string; type: number; value: unknown }[],
    inputs: readonly tf.Tensor[],
    outputCount: number,
  ): tf.Tensor[];
}

export const plainAttentionWeights: AttentionWeights = (scores_BhNN, scale, bias_hNN) => {
  const scaled = tf.mul<tf.Tensor4D>(scores_BhNN, scale);
  if (bias_hNN === undefined) return tf.softmax(scaled);
  return tf.softmax(tf.add<tf.Tensor4D>(scaled, tf.expandDims(bias_hNN, 0)));
};

/** By our own op (native/attention.cc): one pass forward, one for both gradients. */
export const ownAttentionWeights: AttentionWeights = (scores_BhNN, scale, bias_hNN) => {
  const backend = tf.backend() as unknown as NativeBackend;
  const attributes = [{ name: 'scale', type: backend.binding.TF_ATTR_FLOAT, value: scale }];
  const execute = (op: string, inputs: readonly tf.Tensor[], outputs: number): tf.Tensor[] =>
    backend.executeMultipleOutputs(op, attributes, inputs, outputs);
  const weigh = tf.customGrad((...args) => {
    const [scores, bias, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const [weights] = execute('CrescendoAttentionWeights', [scores, bias], 1) as [tf.Tensor];
    save([weights, bias]);
    return {
      value: weights,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        execute('CrescendoAttentionWeightsGrad', [dy, ...saved], 2),
    };
  });
  return weigh(scores_BhNN, bias_hNN ?? tf.tensor1d([], 'float32')) as tf.Tensor4D;
};
