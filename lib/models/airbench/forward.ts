/**
 * The forward pass of airbench networks on tensors (paper, section 2 and appendix A). B batch,
 * H height, W width, C channels. Pure in its inputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { CrescendoError } from '../../base/errors.ts';
import type { ForwardContext } from '../network.ts';
import { convolution, rows } from '../nn/layers.ts';
import type { AirbenchSpec, GroupSpec } from './spec.ts';

/** What batch norms add to the variance. */
const EPSILON = 1e-5;

/** What the features are multiplied with, so that training begins with small logits. */
const FEATURE_SCALE = 1 / 9;

/**
 * Features [B, F] of images [B, S, S, 3].
 * @throws CRESCENDO_CONFIG_INVALID for images of which the groups would leave nothing
 */
export function airbenchFeatures(
  spec: AirbenchSpec,
  images: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor2D {
  requireSide(spec, images.shape[1]);
  let x_BHWC = whitened(spec, images, context);
  for (const group of spec.groups) x_BHWC = applyGroup(group, x_BHWC, context);
  const [batch, height, width, channels] = x_BHWC.shape;
  const largest = tf.maxPool(x_BHWC, [height, width], 1, 'valid');
  return tf.mul(tf.reshape(largest, [batch, channels]), FEATURE_SCALE);
}

function whitened(spec: AirbenchSpec, images: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  const kernel = context.parameter('stem.conv.kernel') as tf.Tensor4D;
  const bias = context.parameter('stem.conv.bias') as tf.Tensor1D;
  const linear_BHWC = tf.conv2d(images, kernel, spec.stemStride, 'valid');
  return tf.reshape(context.addBias(rows(linear_BHWC), bias, 'gelu'), linear_BHWC.shape);
}

/** Convolution and pooling, then the group's other convolutions, each normed and activated. */
function applyGroup(
  { name, layers }: GroupSpec,
  x_BHWC: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor4D {
  const widened_BHWC = convolution(context, x_BHWC, `${name}.conv1`, 1);
  const halved_BHWC = tf.maxPool(widened_BHWC, 2, 2, 'valid');
  let y_BHWC = context.batchNorm(halved_BHWC, `${name}.norm1`, 'gelu', EPSILON);
  for (let layer = 2; layer <= layers; layer++) {
    const convolved_BHWC = convolution(context, y_BHWC, `${name}.conv${layer}`, 1);
    y_BHWC = context.batchNorm(convolved_BHWC, `${name}.norm${layer}`, 'gelu', EPSILON);
  }
  return y_BHWC;
}

function requireSide(spec: AirbenchSpec, sidePx: number): void {
  const smallestPx = 2 ** spec.groups.length * spec.stemStride + 1;
  if (sidePx >= smallestPx) return;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `${spec.name} halves its maps ${spec.groups.length} times, which leaves nothing of images of ` +
      `${sidePx} px: choose image sizes from ${smallestPx} px up (schedule.imageSizePx)`,
  );
}
