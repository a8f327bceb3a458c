/**
 * What the first layer gets of the pixels of a micro-batch: normalized, then mixed by mixup and
 * CutMix. In tfjs ops, for the eager engine and for recording alike. B samples, S pixels.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Mixing } from '../data/transforms/mixing.ts';

/** How the images of a micro-batch are mixed, as tensors; see Mixing. */
export interface MixingTensors {
  /** [B, 1, 1, 1] */
  readonly ratios: tf.Tensor4D;
  /** [B, S, 1, 1]: 1 for the rows of the box, 0 for the others. */
  readonly boxRows: tf.Tensor4D;
  /** [B, 1, S, 1] */
  readonly boxColumns: tf.Tensor4D;
}

export type MixingValues = Readonly<Record<keyof MixingTensors, Float32Array>>;

/** Colors are normalized as (value - 128) / 128, the preprocessing of EfficientNetV2. */
export function normalized(pixels: tf.Tensor4D): tf.Tensor4D {
  return tf.mul(tf.sub(pixels, 128), 1 / 128);
}

/** @param mixupCount see Mixing */
export function mixed(
  images: tf.Tensor4D,
  mixupCount: number,
  { ratios, boxRows, boxColumns }: MixingTensors,
): tf.Tensor4D {
  const outside = tf.sub(1, tf.mul(boxRows, boxColumns));
  const own = tf.mul(ratios, outside);
  const others = partnersOf(images, mixupCount);
  return tf.add(tf.mul(own, images), tf.mul(tf.sub(1, own), others));
}

function partnersOf(images: tf.Tensor4D, mixupCount: number): tf.Tensor4D {
  const [batch] = images.shape;
  if (mixupCount === 0 || mixupCount === batch) return tf.reverse(images, 0);
  const [first, second] = tf.split(images, [mixupCount, batch - mixupCount]) as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  return tf.concat4d([tf.reverse(first, 0), tf.reverse(second, 0)], 0);
}

export function mixingShapes(
  batch: number,
  sizePx: number,
): Readonly<Record<keyof MixingTensors, [number, number, number, number]>> {
  return {
    ratios: [batch, 1, 1, 1],
    boxRows: [batch, sizePx, 1, 1],
    boxColumns: [batch, 1, sizePx, 1],
  };
}

export function mixingValues({ ratios, boxes }: Mixing, sizePx: number): MixingValues {
  const boxRows = new Float32Array(boxes.length * sizePx);
  const boxColumns = new Float32Array(boxes.length * sizePx);
  for (const [row, { left, right, top, bottom }] of boxes.entries()) {
    boxRows.fill(1, row * sizePx + top, row * sizePx + bottom);
    boxColumns.fill(1, row * sizePx + left, row * sizePx + right);
  }
  return { ratios, boxRows, boxColumns };
}
