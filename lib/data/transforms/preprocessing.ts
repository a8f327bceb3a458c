/**
 * The preprocessing of images for evaluation. It belongs to the weights: those of other frameworks
 * were trained with the preprocessing of EfficientNetV2's released code. Pure.
 */
import type { EvaluationConfig, RunConfig } from '../../run/run-config.ts';
import { evaluationBox } from './augment.ts';
import type { PixelImage } from '../dataset.ts';
import { INTERPOLATION_FILTERS, resample } from './resample.ts';

export const PREPROCESSINGS = [
  'whole',
  'center-crop',
  'center-crop-always',
  'center-crop-imagenet',
  'center-crop-imagenet-bicubic',
] as const;

/**
 * `whole`: squashed to a square, values (v - 128) / 128; this project trains and evaluates with it.
 * `center-crop`: below 320 px the center, size / (size + 32) of the short side, otherwise squashed;
 * the same values (S, M, L, XL). `center-crop-always`: that center at all sizes.
 * `center-crop-imagenet`: the box of `center-crop`, values normalized by ImageNet's mean and
 * deviation (ResNet). `center-crop-imagenet-bicubic`: the same, resized with bicubic interpolation
 * instead of bilinear (B0 to B3 and EfficientNet).
 */
export type Preprocessing = (typeof PREPROCESSINGS)[number];

interface Normalization {
  /** Red, green and blue, 0 to 255. */
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

const HALF: Normalization = { means: [128, 128, 128], deviations: [128, 128, 128] };

const IMAGENET: Normalization = {
  means: [0.485, 0.456, 0.406].map((mean) => mean * 255),
  deviations: [0.229, 0.224, 0.225].map((deviation) => deviation * 255),
};

const NORMALIZATIONS: Readonly<Record<Preprocessing, Normalization>> = {
  whole: HALF,
  'center-crop': HALF,
  'center-crop-always': HALF,
  'center-crop-imagenet': IMAGENET,
  'center-crop-imagenet-bicubic': IMAGENET,
};

type Crop = EvaluationConfig['crop'];

export type Interpolation = RunConfig['interpolation'];

const CROPS: Readonly<Record<Preprocessing, Crop>> = {
  whole: 'none',
  'center-crop': 'center-below-320',
  'center-crop-always': 'center',
  'center-crop-imagenet': 'center-below-320',
  'center-crop-imagenet-bicubic': 'center-below-320',
};

/** What images of weights are cropped to in an evaluation. */
export function cropOf(preprocessing: Preprocessing): Crop {
  return CROPS[preprocessing];
}

/** How a run that evaluates with a crop prepares its images. */
export function preprocessingOf(crop: Crop): Preprocessing {
  return PREPROCESSINGS.find((one) => CROPS[one] === crop) ?? 'whole';
}

/** How images of weights are resized that do not say so themselves. */
export function interpolationOf(preprocessing: Preprocessing): Interpolation {
  return preprocessing === 'center-crop-imagenet-bicubic' ? 'bicubic' : 'bilinear';
}

/** Whether the engine normalizes pixels as these weights need it. */
export function isNormalizedByEngine(preprocessing: Preprocessing): boolean {
  return NORMALIZATIONS[preprocessing] === HALF;
}

/** Writes the image as sidePx x sidePx x 3 floats. */
export function preprocess(
  image: PixelImage,
  preprocessing: Preprocessing,
  sidePx: number,
  output: Float32Array,
  interpolation: Interpolation = interpolationOf(preprocessing),
): void {
  const pixels = new Uint8Array(sidePx * sidePx * 3);
  const box = evaluationBox(image, CROPS[preprocessing], sidePx);
  resample(image, box, INTERPOLATION_FILTERS[interpolation], false, sidePx, pixels);
  normalize(pixels, preprocessing, output);
}

/** Interleaved RGB of uint8 as floats. */
export function normalize(
  pixels: Uint8Array,
  preprocessing: Preprocessing,
  output: Float32Array,
): void {
  const { means, deviations } = NORMALIZATIONS[preprocessing];
  for (const [at, value] of pixels.entries()) {
    output[at] = (value - (means[at % 3] as number)) / (deviations[at % 3] as number);
  }
}
