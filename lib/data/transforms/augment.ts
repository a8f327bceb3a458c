/**
 * Random transforms of training images: crop, flip, RandAugment, cutout. Every draw is a function
 * of the run's seed and the sample's stream position, so every worker makes the same pixels. Pure.
 */
import { RandomStream } from '../../base/random.ts';
import type { AugmentationConfig, EvaluationConfig, Recipe } from '../../run/run-config.ts';
import { randAugment } from './rand-augment.ts';
import { resample } from './resample.ts';
import type { Box } from './resample.ts';
import type { Sample } from '../dataset.ts';

const WORD = 0x1_0000_0000;
/** `pad`: the largest shift, as a fraction of the side. */
const PAD_SHIFT_RATIO = 1 / 8;
/**
 * `resized`: limits as in Inception (Szegedy et al., "Going deeper with convolutions", 2015); the
 * released code of EfficientNetV2 starts at a smaller area.
 */
const CROP_AREA_MIN: Readonly<Record<Recipe, number>> = { paper: 0.08, automl: 0.05 };
const CROP_ASPECT_MIN = 3 / 4;
const CROP_ASPECT_MAX = 4 / 3;
const CROP_ATTEMPTS = 10;

/** The random stream of a sample at a stream position (0 to 2^53 - 1) for one purpose. */
export function sampleStream(seed: number, purpose: string, position: number): RandomStream {
  return new RandomStream(seed, purpose, position % WORD, Math.floor(position / WORD));
}

/** The transforms of the training images of a phase. */
export interface AugmentSettings {
  readonly seed: number;
  readonly recipe: Recipe;
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
  const { seed, sidePx, augmentation } = settings;
  const stream = sampleStream(seed, 'augment', position);
  const flip = stream.uint32() % 2 === 1 && augmentation.horizontalFlip;
  const box = cropBox(image, settings, stream);
  resample(image, box, flip, sidePx, output, offset);
  if (settings.randAugmentMagnitude > 0) distort(settings, position, output, offset);
  if (augmentation.cutoutRatio > 0) {
    const pixels = output.subarray(offset, offset + sidePx * sidePx * 3);
    cutOut(pixels, settings, sampleStream(seed, 'cutout', position));
  }
}

/** RandAugment, which works on uint8 pixels. */
function distort(
  settings: AugmentSettings,
  position: number,
  output: Float32Array,
  offset: number,
): void {
  const { seed, sidePx, recipe, randAugmentMagnitude: magnitude } = settings;
  const pixels = new Uint8Array(sidePx * sidePx * 3);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = (output[offset + at] as number) * 128 + 128.5;
  }
  const stream = sampleStream(seed, 'rand-augment', position);
  randAugment({ pixels, sidePx, magnitude, stream, recipe });
  for (let at = 0; at < pixels.length; at++) {
    output[offset + at] = (pixels[at] as number) / 128 - 1;
  }
}

/**
 * Erases a square around a random pixel of the normalized image, clipped at the borders. It becomes
 * gray (DeVries and Taylor, "Improved regularization of convolutional neural networks with cutout",
 * 2017), or in the released code's form noise uniform in 0 to 1.
 */
function cutOut(pixels: Float32Array, settings: AugmentSettings, stream: RandomStream): void {
  const { sidePx, recipe, augmentation } = settings;
  const half = Math.floor(sidePx * augmentation.cutoutRatio);
  const [centerX, centerY] = [stream.below(sidePx), stream.below(sidePx)];
  const left = Math.max(0, centerX - half) * 3;
  const right = Math.min(sidePx, centerX + half) * 3;
  for (let y = Math.max(0, centerY - half); y < Math.min(sidePx, centerY + half); y++) {
    const row = y * sidePx * 3;
    for (let at = row + left; at < row + right; at++) {
      pixels[at] = recipe === 'automl' ? stream.uniform() : 0;
    }
  }
}

/** The box that a crop mode takes from an image. */
export function cropBox(
  image: Sample,
  settings: Pick<AugmentSettings, 'augmentation' | 'recipe' | 'sidePx'>,
  stream: RandomStream,
): Box {
  switch (settings.augmentation.crop) {
    case 'none':
      return wholeBox(image);
    case 'pad':
      return shiftedBox(image, settings.sidePx, stream);
    case 'resized':
      return randomBox(image, CROP_AREA_MIN[settings.recipe], stream);
  }
}

/** The whole image, which resampling squashes to a square. */
export function wholeBox(image: Sample): Box {
  return { x: 0, y: 0, width: image.widthPx, height: image.heightPx };
}

/**
 * The part of an image that evaluation uses: a centered square, or the whole image, squashed. The
 * square's side is S / (S + 32) of the short side, in whole pixels, as in EfficientNetV2's released
 * code.
 */
export function evaluationBox(image: Sample, crop: EvaluationConfig['crop'], sidePx: number): Box {
  const isCropped = crop === 'center' || (crop === 'center-below-320' && sidePx < 320);
  if (!isCropped) return wholeBox(image);
  const shortSidePx = Math.min(image.widthPx, image.heightPx);
  const side = Math.max(1, Math.floor((sidePx / (sidePx + 32)) * shortSidePx));
  const start = (length: number): number => Math.floor((length - side) / 2);
  return { x: start(image.widthPx), y: start(image.heightPx), width: side, height: side };
}

/** The whole image, shifted by whole output pixels, so that the shift does not blur. */
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

/**
 * A random box: area uniform up to the whole image, aspect log-uniform from 3/4 to 4/3; the whole
 * image if none fits.
 */
function randomBox(image: Sample, areaMin: number, stream: RandomStream): Box {
  const area = image.widthPx * image.heightPx;
  const logMin = Math.log(CROP_ASPECT_MIN);
  const logMax = Math.log(CROP_ASPECT_MAX);
  for (let attempt = 0; attempt < CROP_ATTEMPTS; attempt++) {
    const boxArea = area * (areaMin + (1 - areaMin) * stream.uniform());
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
