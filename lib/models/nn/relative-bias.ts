/**
 * The relative-position bias of CoAtNet's attention: one value per head and displacement, from a
 * table [2 H' - 1, 2 W' - 1, heads] made for maps of H' x W'. On maps of another size the table is
 * resized bilinearly (paper, section 4.1; half-pixel centers, as tf.image.resize in the authors'
 * MaxViT code), as part of the forward pass: weights keep their shape through all sizes of a
 * schedule, and gradients reach the table through the resize.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext } from '../network.ts';
import { resizedTable } from './resized-table.ts';

/** [heads, N, N] for maps of height x width, N their product: bias of key y at query x. */
export function relativeBias(
  table: tf.Tensor3D,
  height: number,
  width: number,
  context: Pick<ForwardContext, 'matMul'>,
): tf.Tensor3D {
  const [rows, columns] = [2 * height - 1, 2 * width - 1];
  const heads = table.shape[2];
  const resized = resizedTable(table, rows, columns, context);
  const byHead = tf.transpose(resized, [2, 0, 1]);
  const across = byDifference(tf.reshape(byHead, [heads * rows, columns, 1]), width);
  const both = byDifference(tf.reshape(across, [heads, rows, width * width]), height);
  // [heads, query row, key row, query column, key column]
  const apart = tf.reshape(both, [heads, height, height, width, width]);
  const tokens = height * width;
  return tf.reshape(tf.transpose(apart, [0, 1, 3, 2, 4]), [heads, tokens, tokens]);
}

/**
 * [A, L, L, E] of values [A, 2 L - 1, E]: at (x, y) what stands at y - x + L - 1. A gather would
 * need a table of indices and a scattered gradient; instead the values are repeated L times with a
 * gap of one, and cut into rows one shorter than the repeats, so that each row is shifted by one.
 */
function byDifference(values: tf.Tensor3D, length: number): tf.Tensor4D {
  const [outer, count, inner] = values.shape;
  const gap: [number, number][] = [
    [0, 0],
    [0, 1],
    [0, 0],
  ];
  const spaced = tf.reshape(tf.pad(values, gap), [outer, 1, (count + 1) * inner]);
  const repeated = tf.reshape(tf.mul(spaced, tf.ones([1, length, 1])), [
    outer,
    length * (count + 1),
    inner,
  ]);
  const cut = tf.slice(repeated, [0, 0, 0], [outer, length * count, inner]);
  const shifted = tf.reshape(cut, [outer, length, count, inner]);
  return tf.slice(shifted, [0, 0, length - 1, 0], [outer, length, length, inner]) as tf.Tensor4D;
}
