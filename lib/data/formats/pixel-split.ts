/** Splits of small decoded images of one shape, which are kept in memory. */
import { createHash } from 'node:crypto';
import { assert } from '../../base/errors.ts';
import { permute } from '../../base/random.ts';
import type { DatasetSplit } from '../dataset.ts';
import { PIXEL_PADDING_BYTES } from '../decode-image.ts';

/** Seed of the permutation that mixes the classes; never changed. */
const ORDER_SEED = 0;

export interface ImageShape {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly channels: 1 | 3;
}

/** Images in the order of their files. */
export interface PixelImages {
  readonly shape: ImageShape;
  /** The images one after the other, interleaved, and PIXEL_PADDING_BYTES more. */
  readonly bytes: Uint8Array;
  /** The number that its file gives to the class of each. */
  readonly labels: Int32Array;
}

/** SHA-256 (hex) of the shapes, pixels and labels of the splits of a dataset. */
export function pixelsSha256(splits: readonly (PixelImages | undefined)[]): string {
  const hash = createHash('sha256');
  for (const found of splits) {
    hash.update(JSON.stringify(found?.shape ?? null));
    if (found !== undefined) hash.update(found.bytes).update(found.labels);
  }
  return hash.digest('hex');
}

/** Zeroed memory for so many images. */
export function pixelBytes(count: number, { heightPx, widthPx, channels }: ImageShape): Uint8Array {
  return new Uint8Array(count * heightPx * widthPx * channels + PIXEL_PADDING_BYTES);
}

/**
 * Samples in an order in which classes are mixed.
 * @param firstLabel the number that files give to the first class
 */
export function pixelSplit(found: PixelImages | undefined, firstLabel: number): DatasetSplit {
  const sampleCount = found?.labels.length ?? 0;
  const placeOf = (index: number): number => {
    assert(index >= 0 && index < sampleCount, `sample ${index} of ${sampleCount}`);
    return permute(index, sampleCount, ORDER_SEED, 0);
  };
  return {
    sampleCount,
    labelOf: (index) => (found?.labels[placeOf(index)] ?? -1) - firstLabel,
    imageOf: (index) => {
      const place = placeOf(index);
      assert(found !== undefined, 'a split without images has no samples');
      const { bytes, shape } = found;
      const imageBytes = shape.heightPx * shape.widthPx * shape.channels;
      return { kind: 'pixels', bytes, offset: place * imageBytes, ...shape };
    },
  };
}
