/**
 * The forward pass of vision transformers on tensors (paper section 3.1). B batch, S image side in
 * pixels, P patches, N = P + 1 tokens, C channels. Pure in its inputs.
 */
import * as tf from '@tensorflow/tfjs-core';
import { CrescendoError } from '../../base/errors.ts';
import { feedForward, selfAttention } from '../nn/attention.ts';
import { residual, rows } from '../nn/layers.ts';
import type { ForwardContext } from '../network.ts';
import { resizedTable } from '../nn/resized-table.ts';
import { PATCH_SIDE_PX, TABLE_SIDE, type ViTSpec } from './spec.ts';

/** What layer norms add to the variance. */
const EPSILON = 1e-6;

/**
 * Features [B, F] of images [B, S, S, 3]: the class token behind the last norm. What is left of an
 * image beside whole patches is not seen.
 * @throws CRESCENDO_CONFIG_INVALID for images smaller than a patch
 */
export function viTFeatures(
  spec: ViTSpec,
  images: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor2D {
  let x_B1NC = tokens(spec, images, context);
  for (const { name, firstBranch } of spec.blocks) {
    const normalized = context.layerNorm(x_B1NC, `${name}.attention_norm`, EPSILON);
    const attended = selfAttention(context, normalized, name, spec.heads, undefined);
    x_B1NC = residual(context, x_B1NC, attended, firstBranch);
    const mixed = feedForward(context, x_B1NC, name, EPSILON);
    x_B1NC = residual(context, x_B1NC, mixed, firstBranch + 1);
  }
  const [batch] = x_B1NC.shape;
  const { featureChannels: channels } = spec;
  const token = tf.slice(x_B1NC, [0, 0, 0, 0], [batch, 1, 1, channels]);
  return context.layerNorm(
    tf.reshape(token, [batch, channels]) as tf.Tensor2D,
    'head.norm',
    EPSILON,
  );
}

/** [B, 1, N, C]: the class token and the patches, with their positions. */
function tokens(spec: ViTSpec, images: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  const [batch, sizePx] = images.shape;
  const side = Math.floor(sizePx / PATCH_SIDE_PX);
  if (side === 0) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${spec.name} cuts images into patches of ${PATCH_SIDE_PX} px, and images of ${sizePx} px ` +
        `have none: choose image sizes from ${PATCH_SIDE_PX} px up (schedule.imageSizePx)`,
    );
  }
  const patches = side ** 2;
  const kernel = context.parameter('stem.patches.kernel') as tf.Tensor4D;
  const bias = context.parameter('stem.patches.bias') as tf.Tensor1D;
  const linear = tf.conv2d(images, kernel, PATCH_SIDE_PX, 'valid');
  const embedded = context.addBias(rows(linear), bias, 'none');
  const x_B1PC = tf.reshape(embedded, [batch, 1, patches, spec.featureChannels]);
  // The class token is added to zeros before the patches, so that no op repeats it B times.
  const before: [number, number] = [1, 0];
  const x_B1NC = tf.pad(x_B1PC, [[0, 0], [0, 0], before, [0, 0]]);
  const token_1C = context.parameter('stem.class_token.table') as tf.Tensor2D;
  const token_NC = tf.pad(token_1C, [
    [0, patches],
    [0, 0],
  ]);
  return tf.add(x_B1NC, tf.add(positions(spec, side, context), token_NC));
}

/** [N, C] for maps of side x side patches, the class token's first. */
function positions(spec: ViTSpec, side: number, context: ForwardContext): tf.Tensor2D {
  const table_NC = context.parameter('stem.positions.table') as tf.Tensor2D;
  if (side === TABLE_SIDE) return table_NC;
  const { featureChannels: channels } = spec;
  const ofToken = tf.slice(table_NC, [0, 0], [1, channels]);
  const ofPatches = tf.slice(table_NC, [1, 0], [TABLE_SIDE ** 2, channels]);
  const map = tf.reshape(ofPatches, [TABLE_SIDE, TABLE_SIDE, channels]) as tf.Tensor3D;
  const resized = tf.reshape(resizedTable(map, side, side, context), [side ** 2, channels]);
  return tf.concat([ofToken, resized as tf.Tensor2D], 0);
}
