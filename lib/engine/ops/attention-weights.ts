/** The weights of attention, softmax(scale scores + bias) over the keys. */
import * as tf from '@tensorflow/tfjs-core';
import type { AttentionWeights } from '../../models/network.ts';
import { runOneOutput, runOp } from './native-op.ts';

export const plainAttentionWeights: AttentionWeights = (scores_BhNN, scale, bias_hNN) => {
  const scaled = tf.mul<tf.Tensor4D>(scores_BhNN, scale);
  if (bias_hNN === undefined) return tf.softmax(scaled);
  return tf.softmax(tf.add<tf.Tensor4D>(scaled, tf.expandDims(bias_hNN, 0)));
};

/** By our own op (attention.cc): one pass forward, one for both gradients. */
export const ownAttentionWeights: AttentionWeights = (scores_BhNN, scale, bias_hNN) => {
  const attributes = { scale: { float: scale } };
  const weigh = tf.customGrad((...args) => {
    const [scores, bias, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const weights = runOneOutput('CrescendoAttentionWeights', [scores, bias], attributes);
    save([weights, bias]);
    return {
      value: weights,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
        runOp('CrescendoAttentionWeightsGrad', [dy, ...saved], 2, attributes),
    };
  });
  return weigh(scores_BhNN, bias_hNN ?? tf.tensor1d([], 'float32')) as tf.Tensor4D;
};
