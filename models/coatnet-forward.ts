/**
 * The forward pass of CoAtNet on tensors (paper section 2 and appendix A.1). B batch, H height,
 * W width, C channels, N = H W tokens, D channels of a head. Pure in its inputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BlockSpec, CoAtNetSpec } from './coatnet.ts';
import { conv1x1, conv3x3, dense, residual, spatialMean, squeezeExcite } from './layers.ts';
import type { ForwardContext } from './network.ts';
import { relativeBias } from './relative-bias.ts';

/**
 * Features [B, F] of images [B, S, S, 3]: the mean over the last map, normalised, and a tanh layer;
 * with a linear head the mean of the normalised map.
 */
export function coAtNetFeatures(
  spec: CoAtNetSpec,
  images: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor2D {
  let x_BHWC = conv3x3(context, images, 'stem.conv1', 2);
  x_BHWC = conv3x3(context, context.batchNorm(x_BHWC, 'stem.norm', 'gelu'), 'stem.conv2', 1);
  for (const block of spec.blocks) {
    x_BHWC =
      block.kind === 'mbconv'
        ? mbconvBlock(spec, block, x_BHWC, context)
        : attentionBlock(spec, block, x_BHWC, context);
  }
  if (spec.options.head === 'linear') {
    return spatialMean(context.layerNorm(x_BHWC, 'head.norm'));
  }
  const pooled_BC = spatialMean(x_BHWC);
  return tf.tanh(dense(context, context.layerNorm(pooled_BC, 'head.norm'), 'head.hidden'));
}

/** Pre-norm, expand, depthwise, squeeze-and-excitation, project with a bias. */
function mbconvBlock(
  spec: CoAtNetSpec,
  block: BlockSpec,
  x_BHWC: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor4D {
  const { name, stride } = block;
  const isStridedEarly = spec.options.stride === 'expand';
  let y_BHWC = context.batchNorm(x_BHWC, `${name}.pre_norm`, 'none');
  if (stride === 2 && isStridedEarly) y_BHWC = everySecond(y_BHWC);
  y_BHWC = conv1x1(context, y_BHWC, `${name}.expand`);
  y_BHWC = context.batchNorm(y_BHWC, `${name}.expand_norm`, 'gelu');
  const kernel = context.parameter(`${name}.depthwise.kernel`) as tf.Tensor4D;
  y_BHWC = context.depthwise(y_BHWC, kernel, isStridedEarly ? 1 : stride);
  y_BHWC = context.batchNorm(y_BHWC, `${name}.depthwise_norm`, 'gelu');
  y_BHWC = squeezeExcite(context, y_BHWC, name);
  y_BHWC = conv1x1(context, y_BHWC, `${name}.project`);
  const bias = context.parameter(`${name}.project.bias`) as tf.Tensor1D;
  y_BHWC = tf.reshape(context.addBias(rows(y_BHWC), bias, 'none'), y_BHWC.shape);
  return residual(context, shortcut(spec, block, x_BHWC, context), y_BHWC, block.firstBranch);
}

/** Relative attention, then a feed-forward layer, each pre-norm with a residual. */
function attentionBlock(
  spec: CoAtNetSpec,
  block: BlockSpec,
  x_BHWC: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor4D {
  const { name, stride, firstBranch } = block;
  let y_BHWC = context.layerNorm(x_BHWC, `${name}.attention_norm`);
  if (stride === 2) y_BHWC = halved(spec, y_BHWC);
  y_BHWC = attention(block, y_BHWC, context);
  const joined_BHWC = residual(
    context,
    shortcut(spec, block, x_BHWC, context),
    y_BHWC,
    firstBranch,
  );
  const normalised = context.layerNorm(joined_BHWC, `${name}.feed_forward_norm`);
  const hidden = dense(context, rows(normalised), `${name}.feed_forward_expand`, 'gelu');
  const output = dense(context, hidden, `${name}.feed_forward_project`);
  return residual(context, joined_BHWC, tf.reshape(output, joined_BHWC.shape), firstBranch + 1);
}

/** softmax(q k / sqrt(D) + bias) v on all tokens of the map, by head. */
function attention(block: BlockSpec, x_BHWC: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  const { name, heads, outputChannels: channels } = block;
  const [batch, height, width] = x_BHWC.shape;
  const tokens = height * width;
  const headChannels = channels / heads;
  const qkv = dense(context, rows(x_BHWC), `${name}.qkv`);
  const split = tf.transpose(
    tf.reshape(qkv, [batch, tokens, 3, heads, headChannels]),
    [2, 0, 3, 1, 4],
  );
  const [query, key, value] = tf.unstack(split) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  const table = context.parameter(`${name}.relative_bias.table`) as tf.Tensor3D;
  const bias_hNN = relativeBias(table, height, width, context);
  const scores: tf.Tensor4D = tf.matMul(query, key, false, true);
  const weights = context.attentionWeights(scores, 1 / Math.sqrt(headChannels), bias_hNN);
  const mixed = tf.transpose(tf.matMul(weights, value), [0, 2, 1, 3]);
  const flat = tf.reshape(mixed, [batch * tokens, channels]) as tf.Tensor2D;
  const output = dense(context, flat, `${name}.attention_project`);
  return tf.reshape(output, [batch, height, width, channels]);
}

/** What the branch is added to: the input, halved and projected where the block does so. */
function shortcut(
  spec: CoAtNetSpec,
  block: BlockSpec,
  x_BHWC: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor4D {
  const pooled = block.stride === 2 ? halved(spec, x_BHWC) : x_BHWC;
  if (block.inputChannels === block.outputChannels) return pooled;
  const [batch, height, width] = pooled.shape;
  const projected = dense(context, rows(pooled), `${block.name}.shortcut`);
  return tf.reshape(projected, [batch, height, width, block.outputChannels]);
}

function halved(spec: CoAtNetSpec, x_BHWC: tf.Tensor4D): tf.Tensor4D {
  return spec.options.pool === 'max'
    ? tf.maxPool(x_BHWC, 2, 2, 'same')
    : tf.avgPool(x_BHWC, 2, 2, 'same');
}

/** What a 1x1 convolution of stride 2 sees: a mean over one pixel. */
function everySecond(x_BHWC: tf.Tensor4D): tf.Tensor4D {
  return tf.avgPool(x_BHWC, 1, 2, 'same');
}

/** [B H W, C] */
function rows(x_BHWC: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x_BHWC.shape;
  return tf.reshape(x_BHWC, [batch * height * width, channels]);
}
