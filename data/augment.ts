/**
 * Random views of training images: crop, flip, RandAugment, mixup. Every draw is a function of
 * the run's seed and the sample's stream position, so any worker makes the same pixels. Pure.
 */
import { RandomStream } from '../base/random.ts';
import type { AugmentationConfig } from '../config/run-config.ts';
import { randAugment } from './rand-augment.ts';
import { resample } from './resample.ts';
import type { Box } from './resample.ts';
import type { Sample } from './dataset.ts';

const WORD = 0x1_0000_0000;
/** `pad`: the largest shift, as a share of the side. */
const PAD_SHIFT_RATIO = 1 / 8;
/** `resized`: Inception-style limits (Szegedy et al., "Going deeper with convolutions", 2015). */
const CROP_AREA_MIN = 0.08;
const CROP_ASPECT_MIN = 3 / 4;
const CROP_ASPECT_MAX = 4 / 3;
const CROP_ATTEMPTS = 10;

/** The stream of draws of a sample at a stream position (0 to 2^53 - 1) for one purpose. */
export function sampleStream(seed: number, purpose: string, position: number): RandomStream {
  return new RandomStream(seed, purpose, position % WORD, Math.floor(position / WORD));
}

/** How the training images of a phase are varied. */
export interface AugmentSettings {
  readonly seed: number;
  readonly sidePx: number;
  readonly augmentation: AugmentationConfig;
  /** 0 turns RandAugment off. */
  readonly randAugmentMagnitude: number;
}

/** Writes the augmented sample at `position` as sidePx x sidePx x 3 floats at `offset`. */
export function augmentSample(
  image: Sample,
  settings: AugmentSettings,
  position: number,
  output: Float32Array,
  offset: number,
): void {
  const { seed, sidePx, augmentation, randAugmentMagnitude } = settings;
  const stream = sampleStream(seed, 'augment', position);
  const flip = stream.uint32() % 2 === 1 && augmentation.horizontalFlip;
  const box = cropBox(image, augmentation.crop, sidePx, stream);
  resample(image, box, flip, sidePx, output, offset);
  if (randAugmentMagnitude === 0) return;
  const pixels = new Uint8Array(sidePx * sidePx * 3);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = (output[offset + at] as number) * 128 + 128.5;
  }
  const draws = sampleStream(seed, 'rand-augment', position);
  randAugment({ pixels, sidePx, magnitude: randAugmentMagnitude, stream: draws });
  for (let at = 0; at < pixels.length; at++) {
    output[offset + at] = (pixels[at] as number) / 128 - 1;
  }
}

/** The box that a crop mode takes from an image. */
export function cropBox(
  image: Sample,
  crop: AugmentationConfig['crop'],
  sidePx: number,
  stream: RandomStream,
): Box {
  if (crop === 'pad') return shiftedBox(image, sidePx, stream);
  if (crop === 'resized') return randomBox(image, stream);
  return wholeBox(image);
}

/** The whole image, squashed to a square by whoever resamples it. */
export function wholeBox(image: Sample): Box {
  return { x: 0, y: 0, width: image.widthPx, height: image.heightPx };
}

/** The whole image shifted by whole output pixels, so that the shift itself blurs nothing. */
function shiftedBox(image: Sample, sidePx: number, stream: RandomStream): Box {
  const shiftMaxPx = Math.floor(sidePx * PAD_SHIFT_RATIO);
  const shiftX = stream.below(2 * shiftMaxPx + 1) - shiftMaxPx;
  const shiftY = stream.below(2 * shiftMaxPx + 1) - shiftMaxPx;
  return {
    x: (shiftX * image.widthPx) / sidePx,
    y: (shiftY * image.heightPx) / sidePx,
    width: image.widthPx,
    height: image.heightPx,
  };
}

/** Area uniform in 0.08 to 1, log-uniform aspect 3/4 to 4/3; the whole image when none fits. */
function randomBox(image: Sample, stream: RandomStream): Box {
  const area = image.widthPx * image.heightPx;
  const logMin = Math.log(CROP_ASPECT_MIN);
  const logMax = Math.log(CROP_ASPECT_MAX);
  for (let attempt = 0; attempt < CROP_ATTEMPTS; attempt++) {
    const boxArea = area * (CROP_AREA_MIN + (1 - CROP_AREA_MIN) * stream.uniform());
    const aspect = Math.exp(logMin + (logMax - logMin) * stream.uniform());
    const width = Math.sqrt(boxArea * aspect);
    const height = Math.sqrt(boxArea / aspect);
    if (width > image.widthPx || height > image.heightPx) continue;
    const x = (image.widthPx - width) * stream.uniform();
    const y = (image.heightPx - height) * stream.uniform();
    return { x, y, width, height };
  }
  return wholeBox(image);
}

/** Mixup's share of the sample itself: Beta(alpha, alpha), folded to 0.5 to 1; 1 for alpha 0. */
export function mixupRatio(seed: number, position: number, alpha: number): number {
  if (alpha === 0) return 1;
  const ratio = sampleStream(seed, 'mixup', position).beta(alpha, alpha);
  return Number.isNaN(ratio) ? 1 : Math.max(ratio, 1 - ratio);
}

/**
 * Mixes each row of `rows` (ratios.length rows of equal length) in place with the row that mirrors
 * it in the micro-shard: row i becomes ratio[i] * row i + (1 - ratio[i]) * row (B - 1 - i), as
 * EfficientNetV2's training does after Zhang et al., "mixup" (2018). For images and for targets.
 */
export function mixRows(rows: Float32Array, ratios: readonly number[]): void {
  const count = ratios.length;
  const length = rows.length / count;
  for (let low = 0; low < count - 1 - low; low++) {
    const high = count - 1 - low;
    const ratioLow = ratios[low] as number;
    const ratioHigh = ratios[high] as number;
    for (let at = 0; at < length; at++) {
      const a = rows[low * length + at] as number;
      const b = rows[high * length + at] as number;
      rows[low * length + at] = ratioLow * a + (1 - ratioLow) * b;
      rows[high * length + at] = ratioHigh * b + (1 - ratioHigh) * a;
    }
  }
}
