/**
 * The forward pass of CoAtNet on tensors (paper section 2 and appendix A.1). B batch, H height,
 * W width, C channels, N = H W tokens, h heads. Pure in its inputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { feedForward, selfAttention } from '../nn/attention.ts';
import type { BlockSpec, CoAtNetSpec } from './spec.ts';
import {
  conv1x1,
  convolution,
  dense,
  everySecond,
  residual,
  rows,
  spatialMean,
  squeezeExcite,
} from '../nn/layers.ts';
import type { ForwardContext } from '../network.ts';
import { relativeBias } from '../nn/relative-bias.ts';

/** What norms add to the variance; the values are those of the authors' MaxViT code. */
const BATCH_NORM_EPSILON = 1e-3;
const LAYER_NORM_EPSILON = 1e-5;

/**
 * Features [B, F] of images [B, S, S, 3]: the mean over the last map, normalized, and a tanh layer;
 * with a linear head the mean of the normalized map.
 */
export function coAtNetFeatures(
  spec: CoAtNetSpec,
  images: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor2D {
  let x_BHWC = convolution(context, images, 'stem.conv1', spec.stemStride);
  x_BHWC = convolution(context, normalized(context, x_BHWC, 'stem.norm', 'gelu'), 'stem.conv2', 1);
  for (const block of spec.blocks) {
    x_BHWC =
      block.kind === 'mbconv'
        ? mbconvBlock(spec, block, x_BHWC, context)
        : attentionBlock(spec, block, x_BHWC, context);
  }
  if (spec.options.head === 'linear') {
    return spatialMean(context.layerNorm(x_BHWC, 'head.norm', LAYER_NORM_EPSILON));
  }
  const pooled_BC = spatialMean(x_BHWC);
  const normalized_BC = context.layerNorm(pooled_BC, 'head.norm', LAYER_NORM_EPSILON);
  return tf.tanh(dense(context, normalized_BC, 'head.hidden'));
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
  let y_BHWC = normalized(context, x_BHWC, `${name}.pre_norm`, 'none');
  if (stride === 2 && isStridedEarly) y_BHWC = everySecond(y_BHWC);
  y_BHWC = conv1x1(context, y_BHWC, `${name}.expand`);
  y_BHWC = normalized(context, y_BHWC, `${name}.expand_norm`, 'gelu');
  const kernel = context.parameter(`${name}.depthwise.kernel`) as tf.Tensor4D;
  y_BHWC = context.depthwise(y_BHWC, kernel, isStridedEarly ? 1 : stride);
  y_BHWC = normalized(context, y_BHWC, `${name}.depthwise_norm`, 'gelu');
  if (block.squeezeChannels > 0) y_BHWC = squeezeExcite(context, y_BHWC, name);
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
  let y_BHWC = context.layerNorm(x_BHWC, `${name}.attention_norm`, LAYER_NORM_EPSILON);
  if (stride === 2) y_BHWC = halved(spec, y_BHWC);
  const [, height, width] = y_BHWC.shape;
  const table = context.parameter(`${name}.relative_bias.table`) as tf.Tensor3D;
  const bias_hNN = relativeBias(table, height, width, context);
  y_BHWC = selfAttention(context, y_BHWC, name, block.heads, bias_hNN);
  const joined_BHWC = residual(
    context,
    shortcut(spec, block, x_BHWC, context),
    y_BHWC,
    firstBranch,
  );
  y_BHWC = feedForward(context, joined_BHWC, name, LAYER_NORM_EPSILON);
  return residual(context, joined_BHWC, y_BHWC, firstBranch + 1);
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

function normalized(
  context: ForwardContext,
  x_BHWC: tf.Tensor4D,
  name: string,
  activation: 'none' | 'gelu',
): tf.Tensor4D {
  return context.batchNorm(x_BHWC, name, activation, BATCH_NORM_EPSILON);
}

function halved(spec: CoAtNetSpec, x_BHWC: tf.Tensor4D): tf.Tensor4D {
  return spec.options.pool === 'max'
    ? tf.maxPool(x_BHWC, 2, 2, 'same')
    : tf.avgPool(x_BHWC, 2, 2, 'same');
}
