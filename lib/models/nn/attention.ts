/**
 * The layers of a transformer on maps [B, H, W, C], each position a token (Vaswani et al.,
 * "Attention Is All You Need", 2017). B batch, N = H W tokens, h heads, D channels of a head.
 */
import * as tf from '@tensorflow/tfjs-core';
import { dense, rows } from './layers.ts';
import type { ForwardContext } from '../network.ts';

/**
 * softmax(q k / sqrt(D) + bias) v by head, then a projection: `name.qkv`, `name.attention_project`.
 * @param bias_hNN of key y at query x, by head; undefined: none
 */
export function selfAttention(
  context: ForwardContext,
  x_BHWC: tf.Tensor4D,
  name: string,
  heads: number,
  bias_hNN: tf.Tensor3D | undefined,
): tf.Tensor4D {
  const [batch, height, width] = x_BHWC.shape;
  const tokens = height * width;
  const qkv = dense(context, rows(x_BHWC), `${name}.qkv`);
  const channels = qkv.shape[1] / 3;
  const headChannels = channels / heads;
  const split = tf.transpose(
    tf.reshape(qkv, [batch, tokens, 3, heads, headChannels]),
    [2, 0, 3, 1, 4],
  );
  const [query, key, value] = tf.unstack(split) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const scores_BhNN: tf.Tensor4D = tf.matMul(query, key, false, true);
  const weights = context.attentionWeights(scores_BhNN, 1 / Math.sqrt(headChannels), bias_hNN);
  const mixed = tf.transpose(tf.matMul(weights, value), [0, 2, 1, 3]);
  const flat = tf.reshape(mixed, [batch * tokens, channels]) as tf.Tensor2D;
  const output = dense(context, flat, `${name}.attention_project`);
  return tf.reshape(output, [batch, height, width, channels]);
}

/** Norm, expansion, GELU, projection: `name.feed_forward_norm`, `_expand` and `_project`. */
export function feedForward(
  context: ForwardContext,
  x_BHWC: tf.Tensor4D,
  name: string,
  epsilon: number,
): tf.Tensor4D {
  const normalized = context.layerNorm(x_BHWC, `${name}.feed_forward_norm`, epsilon);
  const hidden = dense(context, rows(normalized), `${name}.feed_forward_expand`, 'gelu');
  return tf.reshape(dense(context, hidden, `${name}.feed_forward_project`), x_BHWC.shape);
}
