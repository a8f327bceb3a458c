/**
 * RandAugment (Cubuk et al., 2020): two random distortions of an image, with the sixteen operations
 * and level scales of EfficientNetV2's published training. There are three deviations, of which the
 * first two do not apply with `recipe: automl`. Distances in pixels, which are made for 224 px,
 * shrink with smaller images; otherwise an image of 32 px would be moved out of the frame. Contrast
 * uses the true mean. Levels that a pixel cannot express (posterize to no bits or more than 8) are
 * clamped. Pure.
 */
import type { RandomStream } from '../../base/random.ts';
import { assert } from '../../base/errors.ts';
import type { Recipe } from '../../run/run-config.ts';
import { GRAY, type Distortion } from './distortions.ts';

const LAYERS = 2;
const TRANSLATE_PX_PER_LEVEL = 10;
const CUTOUT_PX_PER_LEVEL = 4;
/** Image side for which the distances in pixels are made. */
const DISTANCE_SIDE_PX = 224;

/** What the numbers of an operation depend on. */
export interface RandAugmentDraw {
  readonly sidePx: number;
  /** RandAugment magnitude, 0 to 30; may be fractional. */
  readonly magnitude: number;
  readonly stream: RandomStream;
  readonly recipe: Recipe;
}

/** The operations by name; each is drawn with the same probability. */
export const RAND_AUGMENT_OPERATIONS: Readonly<
  Record<string, (draw: RandAugmentDraw) => Distortion>
> = {
  autoContrast: () => ({ kind: 'autoContrast', numbers: [] }),
  equalize: () => ({ kind: 'equalize', numbers: [] }),
  invert: () => ({ kind: 'invert', numbers: [] }),
  rotate: (draw) => {
    const radians = (signed(draw.stream, 3 * draw.magnitude) * Math.PI) / 180;
    const cosine = Math.cos(radians);
    const sine = Math.sin(radians);
    return { kind: 'warp', numbers: [cosine, sine, 0, -sine, cosine, 0] };
  },
  posterize: ({ magnitude }) => {
    const bits = Math.min(8, Math.max(1, Math.floor(0.4 * magnitude)));
    return { kind: 'posterize', numbers: [bits] };
  },
  solarize: ({ magnitude }) => {
    return { kind: 'solarize', numbers: [Math.min(256, Math.floor(25.6 * magnitude))] };
  },
  color: (draw) => ({ kind: 'color', numbers: [blendFactor(draw)] }),
  contrast: (draw) => {
    const mean = draw.recipe === 'automl' ? releasedMean(draw.sidePx) : -1;
    return { kind: 'contrast', numbers: [blendFactor(draw), mean] };
  },
  brightness: (draw) => ({ kind: 'brightness', numbers: [blendFactor(draw)] }),
  sharpness: (draw) => ({ kind: 'sharpness', numbers: [blendFactor(draw)] }),
  // Shears keep the first row or column in place, so the center moves by half of the shear.
  shearX: (draw) => {
    const level = signed(draw.stream, 0.03 * draw.magnitude);
    return { kind: 'warp', numbers: [1, level, (level * (draw.sidePx - 1)) / 2, 0, 1, 0] };
  },
  shearY: (draw) => {
    const level = signed(draw.stream, 0.03 * draw.magnitude);
    return { kind: 'warp', numbers: [1, 0, 0, level, 1, (level * (draw.sidePx - 1)) / 2] };
  },
  translateX: (draw) => ({ kind: 'warp', numbers: [1, 0, translationPx(draw), 0, 1, 0] }),
  translateY: (draw) => ({ kind: 'warp', numbers: [1, 0, 0, 0, 1, translationPx(draw)] }),
  cutout: (draw) => {
    const half = Math.floor(CUTOUT_PX_PER_LEVEL * draw.magnitude * distanceScale(draw));
    const { left, right, top, bottom } = squareAround(draw.stream, draw.sidePx, half);
    return { kind: 'fill', numbers: [left, right, top, bottom, GRAY] };
  },
  solarizeAdd: ({ magnitude }) => {
    return { kind: 'solarizeAdd', numbers: [Math.floor(11 * magnitude)] };
  },
};

const OPERATIONS = Object.values(RAND_AUGMENT_OPERATIONS);

/** Two operations, drawn with replacement. */
export function drawRandAugment(draw: RandAugmentDraw): Distortion[] {
  return Array.from({ length: LAYERS }, () => {
    const operation = OPERATIONS[draw.stream.below(OPERATIONS.length)];
    assert(operation !== undefined, 'an operation drawn beyond the list');
    return operation(draw);
  });
}

/** A square around a random pixel, clipped at the borders. */
export function squareAround(
  stream: RandomStream,
  sidePx: number,
  half: number,
): { left: number; right: number; top: number; bottom: number } {
  const centerX = stream.below(sidePx);
  const centerY = stream.below(sidePx);
  return {
    left: Math.max(0, centerX - half),
    right: Math.min(sidePx, centerX + half),
    top: Math.max(0, centerY - half),
    bottom: Math.min(sidePx, centerY + half),
  };
}

function blendFactor({ magnitude }: RandAugmentDraw): number {
  return (magnitude / 10) * 1.8 + 0.1;
}

/** Negative with probability one half. */
export function signed(stream: RandomStream, level: number): number {
  return stream.uint32() % 2 === 1 ? -level : level;
}

function distanceScale({ sidePx, recipe }: RandAugmentDraw): number {
  return recipe === 'automl' ? 1 : Math.min(1, sidePx / DISTANCE_SIDE_PX);
}

function translationPx(draw: RandAugmentDraw): number {
  return signed(draw.stream, TRANSLATE_PX_PER_LEVEL * draw.magnitude * distanceScale(draw));
}

/** google/automl's mean: the number of pixels over 256 levels, whatever the image, at most 255. */
function releasedMean(sidePx: number): number {
  return Math.min(255, Math.floor((sidePx * sidePx) / 256));
}
