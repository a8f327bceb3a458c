/** Images of a micro-batch as an engine mixes them, and as a loop does that is plain to read. */
import * as tf from '@tensorflow/tfjs-core';
import type { Mixing } from '../../lib/data/transforms/mixing.ts';
import { mixed, mixingShapes, mixingValues } from '../../lib/engine/input-images.ts';

/** B x S x S x 3 floats, mixed by the engine's ops on tfjs's own backend. */
export async function mixedByEngine(
  pixels: Uint8Array,
  mixing: Mixing,
  sizePx: number,
): Promise<Float32Array> {
  // Brings the backend in JavaScript.
  await import('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  const batch = mixing.ratios.length;
  const shapes = mixingShapes(batch, sizePx);
  const values = mixingValues(mixing, sizePx);
  return tf.tidy(() => {
    const images = tf.tensor4d(Float32Array.from(pixels), [batch, sizePx, sizePx, 3]);
    const shaped = (name: keyof typeof values): tf.Tensor4D =>
      tf.tensor4d(values[name], shapes[name]);
    const tensors = {
      ratios: shaped('ratios'),
      boxRows: shaped('boxRows'),
      boxColumns: shaped('boxColumns'),
    };
    return mixed(images, mixing.mixupCount, tensors).dataSync<'float32'>();
  });
}

/** The same: within its box a row has its partner's pixels, elsewhere its share of its own. */
export function mixedPlainly(pixels: Uint8Array, mixing: Mixing, sizePx: number): Float32Array {
  const { mixupCount, ratios, boxes } = mixing;
  const result = new Float32Array(pixels.length);
  const imageBytes = sizePx * sizePx * 3;
  const partnerOf = (row: number): number =>
    row < mixupCount ? mixupCount - 1 - row : boxes.length - 1 - (row - mixupCount);
  for (const [row, box] of boxes.entries()) {
    for (let at = 0; at < imageBytes; at++) {
      const x = Math.floor(at / 3) % sizePx;
      const y = Math.floor(at / 3 / sizePx);
      const isInside = x >= box.left && x < box.right && y >= box.top && y < box.bottom;
      const own = isInside ? 0 : (ratios[row] as number);
      const value = pixels[row * imageBytes + at] as number;
      const other = pixels[partnerOf(row) * imageBytes + at] as number;
      result[row * imageBytes + at] = own * value + (1 - own) * other;
    }
  }
  return result;
}
