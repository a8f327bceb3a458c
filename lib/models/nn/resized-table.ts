/**
 * Tables of learned values by place, resized bilinearly to maps of another size with half-pixel
 * centers, as tf.image.resize does.
 */
import * as tf from '@tensorflow/tfjs-core';
import { interpolationWeights } from './interpolation.ts';
import type { ForwardContext } from '../network.ts';

/** [rows, columns, count] of a table of any size with so many values at a place. */
export function resizedTable(
  table: tf.Tensor3D,
  rows: number,
  columns: number,
  context: Pick<ForwardContext, 'matMul'>,
): tf.Tensor3D {
  const [fromRows, fromColumns, count] = table.shape;
  if (fromRows === rows && fromColumns === columns) return table;
  const down = context.matMul(
    interpolation(fromRows, rows),
    tf.reshape(table, [fromRows, fromColumns * count]),
  );
  const turned = tf.transpose(tf.reshape(down, [rows, fromColumns, count]), [1, 0, 2]);
  const across = context.matMul(
    interpolation(fromColumns, columns),
    tf.reshape(turned, [fromColumns, rows * count]),
  );
  return tf.transpose(tf.reshape(across, [columns, rows, count]), [1, 0, 2]) as tf.Tensor3D;
}

function interpolation(from: number, to: number): tf.Tensor2D {
  return tf.tensor2d(interpolationWeights(from, to), [to, from]);
}
