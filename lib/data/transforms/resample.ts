/**
 * Bilinear resampling of a box of a uint8 image into normalized float32, one axis after the other.
 * When it shrinks, the triangle filter widens with the scale (antialiasing); when it enlarges, it
 * is ordinary bilinear interpolation with half-pixel centers. Beyond its border an image is
 * mirrored (edge pixel repeated), which for the half pixel at an edge equals clamping. Pure.
 */
import type { Sample } from '../dataset.ts';

/** A box in source pixels; may be fractional and may reach beyond the image. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * For each output coordinate, the source indices that it reads and their weights, `taps` of each.
 */
interface AxisTaps {
  readonly taps: number;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Colors are normalized as (value - 128) / 128, the preprocessing of EfficientNetV2. */
const NORMALIZATION_SCALE = 1 / 128;

/**
 * Resamples `box` of `image` to `sidePx` x `sidePx` x 3 normalized floats at `offset` of `output`;
 * gray is repeated in the three channels. `flip` mirrors left and right.
 */
export function resample(
  image: Sample,
  box: Box,
  flip: boolean,
  sidePx: number,
  output: Float32Array,
  offset: number,
): void {
  const columns = axisTaps(box.x, box.width, image.widthPx, sidePx, flip);
  const rows = axisTaps(box.y, box.height, image.heightPx, sidePx, false);
  const narrowed = resampleRows(image, columns, sidePx, usedRows(rows, image.heightPx));
  const rowFloats = sidePx * image.channels;
  const line = new Float64Array(rowFloats);
  for (let y = 0; y < sidePx; y++) {
    line.fill(-1);
    for (let tap = y * rows.taps; tap < (y + 1) * rows.taps; tap++) {
      const weight = (rows.weights[tap] as number) * NORMALIZATION_SCALE;
      if (weight === 0) continue;
      const start = (rows.indices[tap] as number) * rowFloats;
      for (let at = 0; at < rowFloats; at++) {
        line[at] = (line[at] as number) + weight * (narrowed[start + at] as number);
      }
    }
    const target = offset + y * sidePx * 3;
    if (image.channels === 3) output.set(line, target);
    else replicateGray(line, output, target);
  }
}

function replicateGray(line: Float64Array, output: Float32Array, offset: number): void {
  let target = offset;
  for (const value of line) {
    output[target] = value;
    output[target + 1] = value;
    output[target + 2] = value;
    target += 3;
  }
}

/** Horizontal pass over the rows that are needed: heightPx x sidePx x channels. */
function resampleRows(
  image: Sample,
  columns: AxisTaps,
  sidePx: number,
  used: Uint8Array,
): Float32Array {
  const { pixels, widthPx, heightPx, channels } = image;
  const narrowed = new Float32Array(heightPx * sidePx * channels);
  const { taps, indices, weights } = columns;
  for (let y = 0; y < heightPx; y++) {
    if (used[y] === 0) continue;
    const source = y * widthPx * channels;
    let target = y * sidePx * channels;
    for (let x = 0; x < sidePx; x++) {
      for (let channel = 0; channel < channels; channel++) {
        let sum = 0;
        for (let tap = x * taps; tap < (x + 1) * taps; tap++) {
          const at = source + (indices[tap] as number) * channels + channel;
          sum += (weights[tap] as number) * (pixels[at] as number);
        }
        narrowed[target++] = sum;
      }
    }
  }
  return narrowed;
}

function usedRows(rows: AxisTaps, heightPx: number): Uint8Array {
  const used = new Uint8Array(heightPx);
  for (const index of rows.indices) used[index] = 1;
  return used;
}

/** Taps of one axis: output o reads around (o + 0.5) * scale - 0.5 + start; weights sum to 1. */
function axisTaps(
  start: number,
  length: number,
  sourceLength: number,
  sidePx: number,
  flip: boolean,
): AxisTaps {
  const scale = length / sidePx;
  const radius = Math.max(1, scale);
  const taps = radius === 1 ? 2 : Math.ceil(2 * radius) + 1;
  const indices = new Int32Array(sidePx * taps);
  const weights = new Float64Array(sidePx * taps);
  for (let coordinate = 0; coordinate < sidePx; coordinate++) {
    const center = (coordinate + 0.5) * scale - 0.5 + start;
    const first = radius === 1 ? Math.floor(center) : Math.ceil(center - radius);
    const base = (flip ? sidePx - 1 - coordinate : coordinate) * taps;
    let total = 0;
    for (let tap = 0; tap < taps; tap++) {
      const weight = Math.max(0, 1 - Math.abs(first + tap - center) / radius);
      indices[base + tap] = mirror(first + tap, sourceLength);
      weights[base + tap] = weight;
      total += weight;
    }
    for (let tap = base; tap < base + taps; tap++) weights[tap] = (weights[tap] as number) / total;
  }
  return { taps, indices, weights };
}

/** Index of the mirrored sequence ... 1 0 | 0 1 ... n-1 | n-1 n-2 ... */
function mirror(index: number, length: number): number {
  const period = 2 * length;
  const wrapped = ((index % period) + period) % period;
  return wrapped < length ? wrapped : period - 1 - wrapped;
}
