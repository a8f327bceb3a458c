/**
 * The preprocessing of images for evaluation. It belongs to the weights: those of other frameworks
 * were trained with the preprocessing of EfficientNetV2's released code. Pure.
 */
import { wholeBox } from './augment.ts';
import type { Sample } from '../dataset.ts';
import { resample, type Box } from './resample.ts';

export const PREPROCESSINGS = ['whole', 'center-crop', 'center-crop-imagenet'] as const;

/**
 * `whole`: squashed to a square, values (v - 128) / 128; this project trains and evaluates with it.
 * `center-crop`: below 320 px the center, size / (size + 32) of the short side, otherwise squashed;
 * the same values (S, M, L, XL). `center-crop-imagenet`: the same box, values normalized by
 * ImageNet's mean and deviation (B0 to B3 and EfficientNet, whose published code resizes with
 * bicubic interpolation where this is bilinear; ResNet).
 */
export type Preprocessing = (typeof PREPROCESSINGS)[number];

/** From this size on the released code uses the whole image. */
const WHOLE_FROM_PX = 320;
const CROP_PADDING_PX = 32;
/** Means of red, green and blue, as ratios of 255. */
const IMAGENET_MEAN = [0.485, 0.456, 0.406] as const;
const IMAGENET_DEVIATION = [0.229, 0.224, 0.225] as const;

/** Writes the image as sidePx x sidePx x 3 floats at `offset`. */
export function preprocess(
  image: Sample,
  preprocessing: Preprocessing,
  sidePx: number,
  output: Float32Array,
  offset: number,
): void {
  const isCropped = preprocessing !== 'whole' && sidePx < WHOLE_FROM_PX;
  const box = isCropped ? centerBox(image, sidePx) : wholeBox(image);
  resample(image, box, false, sidePx, output, offset);
  if (preprocessing !== 'center-crop-imagenet') return;
  for (let at = 0; at < sidePx * sidePx * 3; at++) {
    const value = ((output[offset + at] as number) * 128 + 128) / 255;
    const channel = at % 3;
    output[offset + at] =
      (value - (IMAGENET_MEAN[channel] as number)) / (IMAGENET_DEVIATION[channel] as number);
  }
}

function centerBox({ widthPx, heightPx }: Sample, sidePx: number): Box {
  const shortPx = Math.min(widthPx, heightPx);
  const side = (shortPx * sidePx) / (sidePx + CROP_PADDING_PX);
  return { x: (widthPx - side) / 2, y: (heightPx - side) / 2, width: side, height: side };
}
