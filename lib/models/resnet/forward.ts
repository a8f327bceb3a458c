/**
 * The forward pass of ResNet on tensors (paper section 3.3, blocks of Figure 5 right). Padding is
 * symmetric, where TensorFlow's SAME pads one side only if a map of even size is halved. B batch,
 * H height, W width, C channels. Pure in its inputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { conv1x1, everySecond, residual, spatialMean } from '../nn/layers.ts';
import type { ForwardContext } from '../network.ts';
import type { BlockSpec, ResNetSpec } from './spec.ts';

/** What batch norms add to the variance. */
const EPSILON = 1e-5;

/** Features [B, F] of images [B, S, S, 3]. */
export function resNetFeatures(
  spec: ResNetSpec,
  images: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor2D {
  let x_BHWC = paddedConvolution(context, images, 'stem.conv', spec.stemStride);
  x_BHWC = context.batchNorm(x_BHWC, 'stem.norm', 'relu', EPSILON);
  // Nothing is below the zeros of the padding.
  if (spec.stemStride === 2) x_BHWC = tf.maxPool(padded(x_BHWC, 1), 3, 2, 'valid');
  for (const [index, block] of spec.blocks.entries()) {
    x_BHWC = applyBlock(block, index, x_BHWC, context);
  }
  return spatialMean(x_BHWC);
}

/** 1x1, 3x3 and 1x1 convolutions around a shortcut, which is added before the last activation. */
function applyBlock(
  block: BlockSpec,
  index: number,
  x_BHWC: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor4D {
  const { name, stride } = block;
  let y_BHWC = conv1x1(context, x_BHWC, `${name}.conv1`);
  y_BHWC = context.batchNorm(y_BHWC, `${name}.norm1`, 'relu', EPSILON);
  y_BHWC = paddedConvolution(context, y_BHWC, `${name}.conv2`, stride);
  y_BHWC = context.batchNorm(y_BHWC, `${name}.norm2`, 'relu', EPSILON);
  y_BHWC = conv1x1(context, y_BHWC, `${name}.conv3`);
  y_BHWC = context.batchNorm(y_BHWC, `${name}.norm3`, 'none', EPSILON);
  return tf.relu(residual(context, shortcut(block, x_BHWC, context), y_BHWC, index));
}

function shortcut(block: BlockSpec, x_BHWC: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  if (!block.isProjected) return x_BHWC;
  const seen_BHWC = block.stride === 2 ? everySecond(x_BHWC) : x_BHWC;
  const projected = conv1x1(context, seen_BHWC, `${block.name}.shortcut`);
  return context.batchNorm(projected, `${block.name}.shortcut_norm`, 'none', EPSILON);
}

/** A convolution whose padding is, on each side, what the kernel reaches beyond its center. */
function paddedConvolution(
  context: ForwardContext,
  x_BHWC: tf.Tensor4D,
  name: string,
  stride: 1 | 2,
): tf.Tensor4D {
  const kernel = context.parameter(`${name}.kernel`) as tf.Tensor4D;
  if (stride === 1) return tf.conv2d(x_BHWC, kernel, 1, 'same');
  return tf.conv2d(padded(x_BHWC, (kernel.shape[0] - 1) / 2), kernel, stride, 'valid');
}

/** Adds so many zeros at each border. */
function padded(x_BHWC: tf.Tensor4D, borderPx: number): tf.Tensor4D {
  const border: [number, number] = [borderPx, borderPx];
  return tf.pad(x_BHWC, [[0, 0], border, border, [0, 0]]);
}
