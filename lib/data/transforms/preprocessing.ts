/**
 * The preprocessing of images for evaluation. It belongs to the weights: those of other frameworks
 * were trained with the preprocessing of EfficientNetV2's released code. Pure.
 */
import { wholeBox } from './augment.ts';
import type { PixelImage } from '../dataset.ts';
import { resample, type Box } from './resample.ts';

export const PREPROCESSINGS = [
  'whole',
  'center-crop',
  'center-crop-imagenet',
  'center-crop-imagenet-bicubic',
] as const;

/**
 * `whole`: squashed to a square, values (v - 128) / 128; this project trains and evaluates with it.
 * `center-crop`: below 320 px the center, size / (size + 32) of the short side, otherwise squashed;
 * the same values (S, M, L, XL). `center-crop-imagenet`: the same box, values normalized by
 * ImageNet's mean and deviation (ResNet). `center-crop-imagenet-bicubic`: the same, resized with
 * bicubic interpolation instead of bilinear (B0 to B3 and EfficientNet).
 */
export type Preprocessing = (typeof PREPROCESSINGS)[number];

/** From this size on the released code uses the whole image. */
const WHOLE_FROM_PX = 320;
const CROP_PADDING_PX = 32;

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
  'center-crop-imagenet': IMAGENET,
  'center-crop-imagenet-bicubic': IMAGENET,
};

/** Writes the image as sidePx x sidePx x 3 floats. */
export function preprocess(
  image: PixelImage,
  preprocessing: Preprocessing,
  sidePx: number,
  output: Float32Array,
): void {
  const isCropped = preprocessing !== 'whole' && sidePx < WHOLE_FROM_PX;
  const box = isCropped ? centerBox(image, sidePx) : wholeBox(image);
  const pixels = new Uint8Array(sidePx * sidePx * 3);
  const filter = preprocessing === 'center-crop-imagenet-bicubic' ? 'cubic' : 'triangle';
  resample(image, box, filter, false, sidePx, pixels);
  const { means, deviations } = NORMALIZATIONS[preprocessing];
  for (const [at, value] of pixels.entries()) {
    output[at] = (value - (means[at % 3] as number)) / (deviations[at % 3] as number);
  }
}

function centerBox({ widthPx, heightPx }: PixelImage, sidePx: number): Box {
  const shortPx = Math.min(widthPx, heightPx);
  const side = Math.max(1, Math.floor((shortPx * sidePx) / (sidePx + CROP_PADDING_PX)));
  const start = (length: number): number => Math.floor((length - side) / 2);
  return { x: start(widthPx), y: start(heightPx), width: side, height: side };
}
