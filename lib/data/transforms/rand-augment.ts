/**
 * RandAugment (Cubuk et al., 2020): two random distortions of a square uint8 RGB image, with the
 * sixteen operations and level scales of EfficientNetV2's published training. There are three
 * deviations, of which the first two do not apply with `recipe: automl`. Distances in pixels, which
 * are made for 224 px, shrink with smaller images; otherwise an image of 32 px would be moved out
 * of the frame. Contrast uses the true mean. Levels that a pixel cannot express (posterize to no
 * bits or more than 8) are clamped. Pure.
 */
import type { RandomStream } from '../../base/random.ts';
import { assert } from '../../base/errors.ts';
import type { Recipe } from '../../run/run-config.ts';

const LAYERS = 2;
const FILL = 128;
const TRANSLATE_PX_PER_LEVEL = 10;
const CUTOUT_PX_PER_LEVEL = 4;
/** Image side for which the distances in pixels are made. */
const DISTANCE_SIDE_PX = 224;
const SOLARIZE_ADD_BELOW = 128;

/** The input of an operation: the image, which is changed in place, and the magnitude. */
export interface Distortion {
  /** sidePx * sidePx * 3 bytes, interleaved. */
  readonly pixels: Uint8Array;
  readonly sidePx: number;
  /** RandAugment magnitude, 0 to 30; may be fractional. */
  readonly magnitude: number;
  readonly stream: RandomStream;
  readonly recipe: Recipe;
}

/** Maps an output pixel to source coordinates, both relative to the image's center. */
type Mapping = readonly [xx: number, xy: number, x: number, yx: number, yy: number, y: number];

/** The operations by name; each is drawn with the same probability. */
export const RAND_AUGMENT_OPERATIONS: Readonly<Record<string, (on: Distortion) => void>> = {
  autoContrast: ({ pixels }) => mapChannels(pixels, autoContrastTable),
  equalize: ({ pixels }) => mapChannels(pixels, equalizeTable),
  invert: ({ pixels }) => mapValues(pixels, (value) => 255 - value),
  rotate: (on) => {
    const radians = (signed(on, 3 * on.magnitude) * Math.PI) / 180;
    const cosine = Math.cos(radians);
    const sine = Math.sin(radians);
    warp(on, [cosine, sine, 0, -sine, cosine, 0]);
  },
  posterize: ({ pixels, magnitude }) => {
    const bits = Math.min(8, Math.max(1, Math.floor(0.4 * magnitude)));
    mapValues(pixels, (value) => (value >> (8 - bits)) << (8 - bits));
  },
  solarize: ({ pixels, magnitude }) => {
    const threshold = Math.min(256, Math.floor(25.6 * magnitude));
    mapValues(pixels, (value) => (value < threshold ? value : 255 - value));
  },
  color: (on) => blend(on, grays(on.pixels)),
  contrast: (on) => {
    const mean = on.recipe === 'automl' ? releasedMean(on.sidePx) : meanOf(grays(on.pixels));
    blend(on, new Uint8Array(on.pixels.length).fill(mean));
  },
  brightness: (on) => blend(on, new Uint8Array(on.pixels.length)),
  sharpness: (on) => blend(on, smoothed(on.pixels, on.sidePx)),
  // Shears keep the first row or column in place, so the center moves by half of the shear.
  shearX: (on) => {
    const level = signed(on, 0.03 * on.magnitude);
    warp(on, [1, level, (level * (on.sidePx - 1)) / 2, 0, 1, 0]);
  },
  shearY: (on) => {
    const level = signed(on, 0.03 * on.magnitude);
    warp(on, [1, 0, 0, level, 1, (level * (on.sidePx - 1)) / 2]);
  },
  translateX: (on) => warp(on, [1, 0, translationPx(on), 0, 1, 0]),
  translateY: (on) => warp(on, [1, 0, 0, 0, 1, translationPx(on)]),
  cutout,
  solarizeAdd: ({ pixels, magnitude }) => {
    const addition = Math.floor(11 * magnitude);
    mapValues(pixels, (value) =>
      value < SOLARIZE_ADD_BELOW ? Math.min(255, value + addition) : value,
    );
  },
};

const OPERATIONS = Object.values(RAND_AUGMENT_OPERATIONS);

/** Applies two operations drawn with replacement to the image, in place. */
export function randAugment(on: Distortion): void {
  for (let layer = 0; layer < LAYERS; layer++) {
    const operation = OPERATIONS[on.stream.below(OPERATIONS.length)];
    assert(operation !== undefined, 'an operation drawn beyond the list');
    operation(on);
  }
}

function signed(on: Distortion, level: number): number {
  return on.stream.uint32() % 2 === 1 ? -level : level;
}

function distanceScale({ sidePx, recipe }: Distortion): number {
  return recipe === 'automl' ? 1 : Math.min(1, sidePx / DISTANCE_SIDE_PX);
}

function translationPx(on: Distortion): number {
  return signed(on, TRANSLATE_PX_PER_LEVEL * on.magnitude * distanceScale(on));
}

function mapValues(pixels: Uint8Array, map: (value: number) => number): void {
  const table = new Uint8Array(256);
  for (let value = 0; value < 256; value++) table[value] = map(value);
  for (let at = 0; at < pixels.length; at++) pixels[at] = table[pixels[at] as number] as number;
}

/** Replaces values channel by channel through a table made from the channel's histogram. */
function mapChannels(pixels: Uint8Array, tableOf: (histogram: Uint32Array) => Uint8Array): void {
  for (let channel = 0; channel < 3; channel++) {
    const histogram = new Uint32Array(256);
    for (let at = channel; at < pixels.length; at += 3) {
      const value = pixels[at] as number;
      histogram[value] = (histogram[value] as number) + 1;
    }
    const table = tableOf(histogram);
    for (let at = channel; at < pixels.length; at += 3) {
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

/**
 * Extrapolates from `base` (of the same size) towards the image and beyond; clips and truncates.
 */
function blend({ pixels, magnitude }: Distortion, base: Uint8Array): void {
  const factor = (magnitude / 10) * 1.8 + 0.1;
  for (let at = 0; at < pixels.length; at++) {
    const from = base[at] as number;
    const value = from + factor * ((pixels[at] as number) - from);
    pixels[at] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

/** The image in gray: luma (ITU-R BT.601), the same in the three channels. */
function grays(pixels: Uint8Array): Uint8Array {
  const gray = new Uint8Array(pixels.length);
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at] as number;
    const green = pixels[at + 1] as number;
    const luma = 0.2989 * red + 0.587 * green + 0.114 * (pixels[at + 2] as number);
    gray[at] = luma;
    gray[at + 1] = luma;
    gray[at + 2] = luma;
  }
  return gray;
}

/** google/automl's mean: the number of pixels over 256 levels, whatever the image, at most 255. */
function releasedMean(sidePx: number): number {
  return Math.min(255, Math.floor((sidePx * sidePx) / 256));
}

function meanOf(values: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] as number;
  return Math.floor(sum / values.length);
}

/** Each inner pixel's 3 x 3 mean with a center weight of 5; pixels at the border stay. */
function smoothed(pixels: Uint8Array, sidePx: number): Uint8Array {
  const result = pixels.slice();
  const stride = sidePx * 3;
  for (let y = 1; y < sidePx - 1; y++) {
    for (let at = y * stride + 3; at < (y + 1) * stride - 3; at++) {
      let sum = 4 * (pixels[at] as number);
      for (let row = at - stride; row <= at + stride; row += stride) {
        sum += (pixels[row - 3] as number) + (pixels[row] as number) + (pixels[row + 3] as number);
      }
      result[at] = sum / 13;
    }
  }
  return result;
}

/** Nearest-neighbor affine warp about the image's center; pixels from outside become gray. */
function warp(on: Distortion, [xx, xy, x, yx, yy, y]: Mapping): void {
  const { pixels, sidePx } = on;
  const warped = new Uint8Array(pixels.length).fill(FILL);
  const center = (sidePx - 1) / 2;
  const offsetX = x + center + 0.5;
  const offsetY = y + center + 0.5;
  let target = 0;
  for (let row = 0; row < sidePx; row++) {
    const fromY = row - center;
    for (let column = 0; column < sidePx; column++, target += 3) {
      const fromX = column - center;
      const sourceX = Math.floor(xx * fromX + xy * fromY + offsetX);
      const sourceY = Math.floor(yx * fromX + yy * fromY + offsetY);
      if (sourceX < 0 || sourceY < 0 || sourceX >= sidePx || sourceY >= sidePx) continue;
      const source = (sourceY * sidePx + sourceX) * 3;
      warped[target] = pixels[source] as number;
      warped[target + 1] = pixels[source + 1] as number;
      warped[target + 2] = pixels[source + 2] as number;
    }
  }
  pixels.set(warped);
}

/** Grays out a square around a random pixel. */
function cutout(on: Distortion): void {
  const { pixels, sidePx, magnitude, stream } = on;
  const half = Math.floor(CUTOUT_PX_PER_LEVEL * magnitude * distanceScale(on));
  const centerX = stream.below(sidePx);
  const centerY = stream.below(sidePx);
  const left = Math.max(0, centerX - half);
  const right = Math.min(sidePx, centerX + half);
  for (let y = Math.max(0, centerY - half); y < Math.min(sidePx, centerY + half); y++) {
    if (right > left) pixels.fill(FILL, (y * sidePx + left) * 3, (y * sidePx + right) * 3);
  }
}
