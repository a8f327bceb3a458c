/**
 * Distortions of a square uint8 RGB image, in place: the sixteen operations of EfficientNetV2's
 * published training, and erasing. Their numbers are drawn elsewhere. What is computed is as in
 * that code: blends are float32, clipped and truncated. lib/data/native/distortions.cc has the same
 * bits. Pure.
 */
import { sampleStream } from './sample-stream.ts';

/** The order is that of the native code. */
export const DISTORTION_KINDS = [
  'autoContrast',
  'equalize',
  'invert',
  'warp',
  'posterize',
  'solarize',
  'color',
  'contrast',
  'brightness',
  'sharpness',
  'fill',
  'solarizeAdd',
  'noise',
  'randomPixels',
] as const;

export type DistortionKind = (typeof DISTORTION_KINDS)[number];

/** At most so many numbers belong to a distortion. */
export const DISTORTION_NUMBERS_MAX = 6;

/**
 * What is done, with its numbers:
 *
 * - `autoContrast`, `equalize`, `invert`: none
 * - `warp`: xx, xy, x, yx, yy, y, which map an output pixel to source coordinates, both relative to
 *   the image's center; pixels from outside become gray
 * - `posterize`: bits to keep, 1 to 8
 * - `solarize`: threshold, 0 to 256, from which on values are inverted
 * - `color`, `brightness`, `sharpness`: factor of the blend with gray, black, or the smoothed image
 * - `contrast`: factor of the blend with a mean, and the mean; the image's own where this is -1
 * - `fill`: left, right, top, bottom in whole pixels, and the value to fill them with
 * - `solarizeAdd`: what is added to values below 128
 * - `noise`: left, right, top, bottom, and the seed and stream position of the noise in 128 to 255
 * - `randomPixels`: the same, with values in 0 to 255
 */
export interface Distortion {
  readonly kind: DistortionKind;
  readonly numbers: readonly number[];
}

/** The image that is distorted. */
export interface Square {
  /** sidePx * sidePx * 3 bytes, interleaved. */
  readonly pixels: Uint8Array;
  readonly sidePx: number;
}

export const GRAY = 128;
const CHANNELS = 3;

const DISTORT: Readonly<Record<DistortionKind, (on: Square, numbers: readonly number[]) => void>> =
  {
    autoContrast: ({ pixels }) => mapChannels(pixels, autoContrastTable),
    equalize: ({ pixels }) => mapChannels(pixels, equalizeTable),
    invert: ({ pixels }) => mapValues(pixels, (value) => 255 - value),
    warp,
    posterize: ({ pixels }, [bits = 8]) =>
      mapValues(pixels, (value) => (value >> (8 - bits)) << (8 - bits)),
    solarize: ({ pixels }, [threshold = 256]) =>
      mapValues(pixels, (value) => (value < threshold ? value : 255 - value)),
    color: ({ pixels }, [factor = 1]) => blend(pixels, factor, coloredLumas(pixels)),
    contrast: ({ pixels }, [factor = 1, mean = -1]) =>
      mapValues(pixels, blendTable(factor, mean < 0 ? meanOf(lumasOf(pixels)) : mean)),
    brightness: ({ pixels }, [factor = 1]) => mapValues(pixels, blendTable(factor, 0)),
    sharpness: ({ pixels, sidePx }, [factor = 1]) =>
      blend(pixels, factor, smoothed(pixels, sidePx)),
    fill: (on, [left = 0, right = 0, top = 0, bottom = 0, value = GRAY]) =>
      eachBoxRow(on, { left, right, top, bottom }, (row) => row.fill(value)),
    solarizeAdd: ({ pixels }, [addition = 0]) =>
      mapValues(pixels, (value) => (value < GRAY ? Math.min(255, value + addition) : value)),
    noise,
    randomPixels,
  };

/** Distorts the image in place. */
export function distort(on: Square, { kind, numbers }: Distortion): void {
  DISTORT[kind](on, numbers);
}

function mapValues(pixels: Uint8Array, map: (value: number) => number): void {
  const table = Uint8Array.from({ length: 256 }, (_, value) => map(value));
  for (let at = 0; at < pixels.length; at++) pixels[at] = table[pixels[at] as number] as number;
}

/** Replaces values channel by channel through a table made from the channel's histogram. */
function mapChannels(pixels: Uint8Array, tableOf: (histogram: Uint32Array) => Uint8Array): void {
  for (let channel = 0; channel < CHANNELS; channel++) {
    const histogram = new Uint32Array(256);
    for (let at = channel; at < pixels.length; at += CHANNELS) {
      const value = pixels[at] as number;
      histogram[value] = (histogram[value] as number) + 1;
    }
    const table = tableOf(histogram);
    for (let at = channel; at < pixels.length; at += CHANNELS) {
      pixels[at] = table[pixels[at] as number] as number;
    }
  }
}

/** Stretches the channel to 0 to 255. */
function autoContrastTable(histogram: Uint32Array): Uint8Array {
  const low = histogram.findIndex((count) => count > 0);
  const high = histogram.findLastIndex((count) => count > 0);
  return Uint8Array.from({ length: 256 }, (_, value) => {
    if (low >= high) return value;
    return Math.min(255, Math.max(0, Math.floor(((value - low) * 255) / (high - low))));
  });
}

/** Flattens the channel's histogram, as PIL's ImageOps.equalize does. */
function equalizeTable(histogram: Uint32Array): Uint8Array {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const last = histogram.findLast((count) => count > 0) ?? 0;
  const step = Math.floor((total - last) / 255);
  let sum = Math.floor(step / 2);
  return Uint8Array.from({ length: 256 }, (_, value) => {
    if (step === 0) return value;
    const mapped = Math.min(255, Math.floor(sum / step));
    sum += histogram[value] as number;
    return mapped;
  });
}

/** `value` moved away from `from`, or towards it with a factor below 1. */
function blended(from: number, factor: number, value: number): number {
  const sum = Math.fround(from + Math.fround(Math.fround(factor) * (value - from)));
  return Math.floor(Math.min(255, Math.max(0, sum)));
}

function blendTable(factor: number, from: number): (value: number) => number {
  return (value) => blended(from, factor, value);
}

/** @param base of the same size */
function blend(pixels: Uint8Array, factor: number, base: Uint8Array): void {
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = blended(base[at] as number, factor, pixels[at] as number);
  }
}

/** Luma of each pixel (ITU-R BT.601, with TensorFlow's factors). */
function lumasOf(pixels: Uint8Array): Uint8Array {
  const lumas = new Uint8Array(pixels.length / CHANNELS);
  for (let index = 0; index < lumas.length; index++) {
    const at = index * CHANNELS;
    const red = 2989 * (pixels[at] as number);
    const green = 5870 * (pixels[at + 1] as number);
    lumas[index] = Math.floor((red + green + 1140 * (pixels[at + 2] as number)) / 10_000);
  }
  return lumas;
}

/** The image in gray, with three channels. */
function coloredLumas(pixels: Uint8Array): Uint8Array {
  const gray = new Uint8Array(pixels.length);
  for (const [index, luma] of lumasOf(pixels).entries()) {
    gray.fill(luma, index * CHANNELS, (index + 1) * CHANNELS);
  }
  return gray;
}

function meanOf(values: Uint8Array): number {
  return Math.floor(values.reduce((sum, value) => sum + value, 0) / values.length);
}

/** Each inner pixel's 3 x 3 mean with a center weight of 5; pixels at the border stay. */
function smoothed(pixels: Uint8Array, sidePx: number): Uint8Array {
  const result = pixels.slice();
  const stride = sidePx * CHANNELS;
  for (let y = 1; y < sidePx - 1; y++) {
    for (let at = y * stride + CHANNELS; at < (y + 1) * stride - CHANNELS; at++) {
      let sum = 4 * (pixels[at] as number);
      for (let row = at - stride; row <= at + stride; row += stride) {
        sum += (pixels[row - 3] as number) + (pixels[row] as number) + (pixels[row + 3] as number);
      }
      result[at] = Math.floor(sum / 13);
    }
  }
  return result;
}

/** Nearest-neighbor affine warp about the image's center. */
function warp({ pixels, sidePx }: Square, numbers: readonly number[]): void {
  const [xx = 1, xy = 0, x = 0, yx = 0, yy = 1, y = 0] = numbers;
  const warped = new Uint8Array(pixels.length).fill(GRAY);
  const center = (sidePx - 1) / 2;
  const offsetX = x + center + 0.5;
  const offsetY = y + center + 0.5;
  let target = 0;
  for (let row = 0; row < sidePx; row++) {
    const fromY = row - center;
    for (let column = 0; column < sidePx; column++, target += CHANNELS) {
      const fromX = column - center;
      const sourceX = Math.floor(xx * fromX + xy * fromY + offsetX);
      const sourceY = Math.floor(yx * fromX + yy * fromY + offsetY);
      if (sourceX < 0 || sourceY < 0 || sourceX >= sidePx || sourceY >= sidePx) continue;
      const source = (sourceY * sidePx + sourceX) * CHANNELS;
      warped[target] = pixels[source] as number;
      warped[target + 1] = pixels[source + 1] as number;
      warped[target + 2] = pixels[source + 2] as number;
    }
  }
  pixels.set(warped);
}

interface PixelBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function eachBoxRow(
  { pixels, sidePx }: Square,
  { left, right, top, bottom }: PixelBox,
  change: (row: Uint8Array) => void,
): void {
  if (right <= left) return;
  for (let y = top; y < bottom; y++) {
    const row = y * sidePx * CHANNELS;
    change(pixels.subarray(row + left * CHANNELS, row + right * CHANNELS));
  }
}

function noise(on: Square, numbers: readonly number[]): void {
  const [left = 0, right = 0, top = 0, bottom = 0, seed = 0, position = 0] = numbers;
  const stream = sampleStream(seed, 'cutout-noise', position);
  eachBoxRow(on, { left, right, top, bottom }, (row) => {
    for (let at = 0; at < row.length; at++) row[at] = GRAY + stream.below(GRAY);
  });
}

/** Four values of each random number, the lowest bits first. */
function randomPixels(on: Square, numbers: readonly number[]): void {
  const [left = 0, right = 0, top = 0, bottom = 0, seed = 0, position = 0] = numbers;
  const stream = sampleStream(seed, 'erasing-pixels', position);
  let word = 0;
  let values = 0;
  eachBoxRow(on, { left, right, top, bottom }, (row) => {
    for (let at = 0; at < row.length; at++, values++) {
      word = values % 4 === 0 ? stream.uint32() : word >>> 8;
      row[at] = word & 0xff;
    }
  });
}
