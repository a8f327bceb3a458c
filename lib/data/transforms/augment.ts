/**
 * Draws the random transforms of training images: crop, flip, RandAugment or AutoAugment, cutout,
 * random erasing. Every draw is a function of the run's seed and the sample's stream position, so
 * every worker makes the same pixels. Pure.
 */
import type { RandomStream } from '../../base/random.ts';
import type { AugmentationConfig, EvaluationConfig, Recipe } from '../../run/run-config.ts';
import { drawAutoAugment } from './auto-augment.ts';
import { GRAY, type Distortion } from './distortions.ts';
import { drawErasing } from './erasing.ts';
import { drawRandAugment, squareAround } from './rand-augment.ts';
import type { Box } from './resample.ts';
import { sampleStream } from './sample-stream.ts';

/**
 * `resized`: limits as in Inception (Szegedy et al., "Going deeper with convolutions", 2015); the
 * released code of EfficientNetV2 starts at a smaller area.
 */
const CROP_AREA_MIN: Readonly<Record<Recipe, number>> = { paper: 0.08, automl: 0.05 };
const CROP_ASPECT_MIN = 3 / 4;
const CROP_ASPECT_MAX = 4 / 3;
const CROP_ATTEMPTS = 10;

/** The transforms of the training images of a phase. */
export interface AugmentSettings {
  readonly seed: number;
  readonly recipe: Recipe;
  readonly sidePx: number;
  readonly augmentation: AugmentationConfig;
  /** 0 turns RandAugment off. */
  readonly randAugmentMagnitude: number;
  /** 0 turns random erasing off. */
  readonly erasingRate: number;
}

/** What is done to an image to make it a square of a micro-batch. */
export interface RenderPlan {
  readonly box: Box;
  readonly flip: boolean;
  /**
   * Pixel (x, y) of the result is pixel (x + shiftX, y + shiftY) of the resampled box, which is
   * mirrored beyond its borders.
   */
  readonly shiftX: number;
  readonly shiftY: number;
  readonly distortions: readonly Distortion[];
}

/** Width and height of an image in pixels. */
export interface ImageExtent {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Draws what is done to the training sample at a stream position. */
export function drawAugmentation(
  image: ImageExtent,
  settings: AugmentSettings,
  position: number,
): RenderPlan {
  const { seed, sidePx, augmentation, recipe, randAugmentMagnitude: magnitude } = settings;
  const stream = sampleStream(seed, 'augment', position);
  const flip = stream.uint32() % 2 === 1 && augmentation.horizontalFlip;
  const place = drawPlace(image, settings, stream);
  const { autoAugment: policy } = augmentation;
  const distortions: Distortion[] = [];
  if (magnitude > 0) {
    const randAugment = sampleStream(seed, 'rand-augment', position);
    distortions.push(...drawRandAugment({ sidePx, magnitude, stream: randAugment, recipe }));
  }
  if (policy !== 'none') {
    const autoAugment = sampleStream(seed, 'auto-augment', position);
    distortions.push(...drawAutoAugment({ policy, sidePx, recipe, stream: autoAugment }));
  }
  if (augmentation.cutoutRatio > 0) distortions.push(drawCutout(settings, position));
  if (settings.erasingRate > 0) distortions.push(...drawErasing(settings, position));
  return { ...place, flip, distortions };
}

/** A validation image: the part that evaluation uses, and nothing drawn. */
export function evaluationPlan(
  image: ImageExtent,
  crop: EvaluationConfig['crop'],
  sidePx: number,
): RenderPlan {
  return wholePlan(evaluationBox(image, crop, sidePx));
}

/** A box as it is. */
function wholePlan(box: Box): RenderPlan {
  return { box, flip: false, shiftX: 0, shiftY: 0, distortions: [] };
}

/**
 * Erases a square around a random pixel, clipped at the borders. It becomes gray (DeVries and
 * Taylor, "Improved regularization of convolutional neural networks with cutout", 2017), or in the
 * released code's form noise uniform in 0 to 1 of the normalized image.
 */
function drawCutout(
  { seed, sidePx, recipe, augmentation }: AugmentSettings,
  position: number,
): Distortion {
  const half = Math.floor(sidePx * augmentation.cutoutRatio);
  const stream = sampleStream(seed, 'cutout', position);
  const { left, right, top, bottom } = squareAround(stream, sidePx, half);
  const box = [left, right, top, bottom];
  return recipe === 'automl'
    ? { kind: 'noise', numbers: [...box, seed, position] }
    : { kind: 'fill', numbers: [...box, GRAY] };
}

/** What a crop mode takes from an image. */
function drawPlace(
  image: ImageExtent,
  { augmentation, recipe, sidePx }: Pick<AugmentSettings, 'augmentation' | 'recipe' | 'sidePx'>,
  stream: RandomStream,
): Pick<RenderPlan, 'box' | 'shiftX' | 'shiftY'> {
  switch (augmentation.crop) {
    case 'none':
      return { box: wholeBox(image), shiftX: 0, shiftY: 0 };
    case 'pad':
      return { box: wholeBox(image), ...drawShift(sidePx, augmentation.padRatio, stream) };
    case 'resized':
      return { box: randomBox(image, CROP_AREA_MIN[recipe], stream), shiftX: 0, shiftY: 0 };
  }
}

/** The whole image, which resampling squashes to a square. */
export function wholeBox(image: ImageExtent): Box {
  return { x: 0, y: 0, width: image.widthPx, height: image.heightPx };
}

/**
 * The part of an image that evaluation uses: a centered square, or the whole image, squashed. The
 * square's side is S / (S + 32) of the short side, in whole pixels, as in EfficientNetV2's released
 * code.
 */
export function evaluationBox(
  image: ImageExtent,
  crop: EvaluationConfig['crop'],
  sidePx: number,
): Box {
  const isCropped = crop === 'center' || (crop === 'center-below-320' && sidePx < 320);
  if (!isCropped) return wholeBox(image);
  const shortSidePx = Math.min(image.widthPx, image.heightPx);
  const side = Math.max(1, Math.floor((sidePx / (sidePx + 32)) * shortSidePx));
  const start = (length: number): number => Math.floor((length - side) / 2);
  return { x: start(image.widthPx), y: start(image.heightPx), width: side, height: side };
}

/** Whole pixels, so that the shift does not blur. */
function drawShift(
  sidePx: number,
  padRatio: number,
  stream: RandomStream,
): { shiftX: number; shiftY: number } {
  const shiftMaxPx = Math.floor(sidePx * padRatio);
  const shiftX = stream.below(2 * shiftMaxPx + 1) - shiftMaxPx;
  const shiftY = stream.below(2 * shiftMaxPx + 1) - shiftMaxPx;
  return { shiftX, shiftY };
}

/**
 * A random box in whole pixels: area uniform up to the whole image, aspect log-uniform from 3/4 to
 * 4/3; the whole image if none fits.
 */
function randomBox(image: ImageExtent, areaMin: number, stream: RandomStream): Box {
  const area = image.widthPx * image.heightPx;
  const logMin = Math.log(CROP_ASPECT_MIN);
  const logMax = Math.log(CROP_ASPECT_MAX);
  for (let attempt = 0; attempt < CROP_ATTEMPTS; attempt++) {
    const boxArea = area * (areaMin + (1 - areaMin) * stream.uniform());
    const aspect = Math.exp(logMin + (logMax - logMin) * stream.uniform());
    const width = Math.max(1, Math.round(Math.sqrt(boxArea * aspect)));
    const height = Math.max(1, Math.round(Math.sqrt(boxArea / aspect)));
    if (width > image.widthPx || height > image.heightPx) continue;
    const x = stream.below(image.widthPx - width + 1);
    const y = stream.below(image.heightPx - height + 1);
    return { x, y, width, height };
  }
  return wholeBox(image);
}
