/**
 * Resampling of a box of a uint8 image to a square, one axis after the other, first the rows. When
 * it shrinks, the filter widens with the scale (antialiasing); when it enlarges, the triangle is
 * ordinary bilinear interpolation with half-pixel centers. Pixels outside the box have no weight.
 * Weights are in fixed point, and each pass is rounded to uint8, as in Pillow.
 * lib/data/native/resample.cc has the same bits. Pure.
 */
import { assert } from '../../base/errors.ts';
import type { RunConfig } from '../../run/run-config.ts';
import type { PixelImage } from '../dataset.ts';

/** A box in whole pixels of an image, within it. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** In the order of the native code. `triangle` is bilinear, `cubic` bicubic interpolation. */
export const FILTERS = ['triangle', 'cubic'] as const;

export type Filter = (typeof FILTERS)[number];

/** The filters of the run file's interpolations. */
export const INTERPOLATION_FILTERS: Readonly<Record<RunConfig['interpolation'], Filter>> = {
  bilinear: 'triangle',
  bicubic: 'cubic',
};

/** For each output coordinate, the first source index that it reads and the weights from there. */
interface AxisTaps {
  readonly count: number;
  readonly begins: Int32Array;
  readonly weights: Int16Array;
}

const ONE = 1 << 14;
/** Widths of the filters to each side, in pixels of the coarser side. */
const SUPPORT: Readonly<Record<Filter, number>> = { triangle: 1, cubic: 2 };

/**
 * Writes `box` of `image` as sidePx x sidePx x 3 bytes; gray is repeated in the three channels.
 * `flip` mirrors left and right.
 */
export function resample(
  image: PixelImage,
  box: Box,
  filter: Filter,
  flip: boolean,
  sidePx: number,
  output: Uint8Array,
): void {
  const { bytes, offset, widthPx, heightPx, channels } = image;
  assert(
    box.x >= 0 && box.y >= 0 && box.x + box.width <= widthPx && box.y + box.height <= heightPx,
    `a box beyond an image of ${widthPx} x ${heightPx} pixels`,
  );
  const rows = axisTaps(box.y, box.height, filter, sidePx);
  const columns = axisTaps(box.x, box.width, filter, sidePx);
  const rowBytes = widthPx * channels;
  const row = new Uint8Array(rowBytes);
  const target = new Uint8Array(sidePx * channels);
  for (let y = 0; y < sidePx; y++) {
    addRows(bytes, offset, rowBytes, rows, y, row);
    addColumns(row, columns, channels, flip, target);
    const begin = y * sidePx * 3;
    if (channels === 3) output.set(target, begin);
    else target.forEach((value, x) => output.fill(value, begin + x * 3, begin + (x + 1) * 3));
  }
}

function addRows(
  bytes: Uint8Array,
  offset: number,
  rowBytes: number,
  { count, begins, weights }: AxisTaps,
  y: number,
  row: Uint8Array,
): void {
  const first = offset + (begins[y] as number) * rowBytes;
  for (let at = 0; at < rowBytes; at++) {
    let sum = ONE / 2;
    for (let tap = 0; tap < count; tap++) {
      const weight = weights[y * count + tap] as number;
      if (weight !== 0) sum += weight * (bytes[first + tap * rowBytes + at] as number);
    }
    row[at] = Math.min(255, Math.max(0, Math.floor(sum / ONE)));
  }
}

function addColumns(
  row: Uint8Array,
  { count, begins, weights }: AxisTaps,
  channels: number,
  flip: boolean,
  target: Uint8Array,
): void {
  const side = begins.length;
  for (let x = 0; x < side; x++) {
    const first = (begins[x] as number) * channels;
    for (let channel = 0; channel < channels; channel++) {
      let sum = ONE / 2;
      for (let tap = 0; tap < count; tap++) {
        const weight = weights[x * count + tap] as number;
        if (weight !== 0) sum += weight * (row[first + tap * channels + channel] as number);
      }
      const at = (flip ? side - 1 - x : x) * channels + channel;
      target[at] = Math.min(255, Math.max(0, Math.floor(sum / ONE)));
    }
  }
}

/** Cubic: Keys, "Cubic convolution interpolation for digital image processing" (1981), a = -1/2. */
function weightAt(filter: Filter, distance: number): number {
  const x = Math.abs(distance);
  if (filter === 'triangle') return x < 1 ? 1 - x : 0;
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** Weights of each output coordinate add up to ONE. */
function axisTaps(start: number, length: number, filter: Filter, sidePx: number): AxisTaps {
  const scale = Math.max(1, length / sidePx);
  const radius = SUPPORT[filter] * scale;
  const count = Math.ceil(2 * radius) + 1;
  const begins = new Int32Array(sidePx);
  const weights = new Int16Array(sidePx * count);
  for (let coordinate = 0; coordinate < sidePx; coordinate++) {
    const center = (coordinate + 0.5) * (length / sidePx) + start;
    const begin = Math.max(start, Math.floor(center - radius + 0.5));
    const end = Math.min(start + length, Math.floor(center + radius + 0.5));
    begins[coordinate] = begin;
    const exact = Array.from({ length: end - begin }, (_, tap) =>
      weightAt(filter, (begin + tap + 0.5 - center) / scale),
    );
    quantize(exact, weights.subarray(coordinate * count, (coordinate + 1) * count));
  }
  return { count, begins, weights };
}

/** What rounding leaves to ONE goes to the largest weight. */
function quantize(exact: readonly number[], weights: Int16Array): void {
  const total = exact.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  let largest = 0;
  for (const [tap, weight] of exact.entries()) {
    const share = total === 0 ? 1 / exact.length : weight / total;
    const rounded = Math.floor(share * ONE + 0.5);
    weights[tap] = rounded;
    sum += rounded;
    if (weight > (exact[largest] as number)) largest = tap;
  }
  weights[largest] = (weights[largest] as number) + ONE - sum;
}
