/**
 * AutoAugment (Cubuk et al., "AutoAugment: Learning augmentation strategies from data", CVPR 2019):
 * one of 25 sub-policies for each image, whose two operations are each applied with a probability.
 * Levels are fixed by the policy, from 0 to 10. Pure.
 */
import type { RandomStream } from '../../base/random.ts';
import { assert } from '../../base/errors.ts';
import type { AugmentationConfig, Recipe } from '../../run/run-config.ts';
import type { Distortion } from './distortions.ts';
import { RAND_AUGMENT_OPERATIONS, signed, type RandAugmentDraw } from './rand-augment.ts';

export type AutoAugmentName = Exclude<AugmentationConfig['autoAugment'], 'none'>;

/** An operation of a sub-policy: its name, its probability in tenths, and its level. */
type PolicyOperation = readonly [name: string, tenths: number, level: number];
type SubPolicy = readonly [PolicyOperation, PolicyOperation];

/** Side of the images for which the CIFAR-10 policy's distances are made. */
const CIFAR_SIDE_PX = 32;
/** A level's translation by policy v0 in pixels, whatever the size of the image. */
const V0_TRANSLATION_PX = 25;
/** The same as a share of the side, as in timm: 225 px would leave nothing of 224. */
const V0_TRANSLATION_RATIO = 0.045;

type Draw = (draw: RandAugmentDraw) => Distortion;

interface Policy {
  /** A sub-policy a line: name, tenths, level of the first, then of the second. */
  readonly table: string;
  /** Operations whose numbers follow another rule than RandAugment's. */
  readonly operations: Readonly<Record<string, Draw>>;
}

function v0Translation({ sidePx, magnitude, stream, recipe }: RandAugmentDraw): number {
  const px = recipe === 'automl' ? V0_TRANSLATION_PX : V0_TRANSLATION_RATIO * sidePx;
  return signed(stream, magnitude * px);
}

function cifarTranslation({ sidePx, magnitude, stream }: RandAugmentDraw): number {
  return signed(stream, (magnitude * sidePx) / CIFAR_SIDE_PX);
}

const POLICIES: Readonly<Record<AutoAugmentName, Policy>> = {
  // Policy v0 of EfficientNet's and EfficientNetV2's released code (google/automl), which trains B0
  // to B3 with it. The paper's own policy for ImageNet is another one.
  'imagenet-v0': {
    table: `
      equalize 8 1, shearY 8 4
      color 4 9, equalize 6 3
      color 4 1, rotate 6 8
      solarize 8 3, equalize 4 7
      solarize 4 2, solarize 6 2
      color 2 0, equalize 8 8
      equalize 4 8, solarizeAdd 8 3
      shearX 2 9, rotate 6 8
      color 6 1, equalize 10 2
      invert 4 9, rotate 6 0
      equalize 10 9, shearY 6 3
      color 4 7, equalize 6 0
      posterize 4 6, autoContrast 4 7
      solarize 6 8, color 6 9
      solarize 2 4, rotate 8 9
      rotate 10 7, translateY 8 9
      shearX 0 0, solarize 8 4
      shearY 8 0, color 6 4
      color 10 0, rotate 6 2
      equalize 8 4, equalize 0 8
      equalize 10 4, autoContrast 6 2
      shearY 4 7, solarizeAdd 6 7
      posterize 8 2, solarize 6 10
      solarize 6 8, equalize 6 1
      color 8 6, rotate 4 5`,
    operations: {
      translateY: (draw) => ({ kind: 'warp', numbers: [1, 0, 0, 0, 1, v0Translation(draw)] }),
    },
  },
  // The paper's policy, with the rules of its authors' code (tensorflow/models,
  // research/autoaugment): there posterize and solarize become stronger with their level.
  'cifar-10': {
    table: `
      invert 1 7, contrast 2 6
      rotate 7 2, translateX 3 9
      sharpness 8 1, sharpness 9 3
      shearY 5 8, translateY 7 9
      autoContrast 5 8, equalize 9 2
      shearY 2 7, posterize 3 7
      color 4 3, brightness 6 7
      sharpness 3 9, brightness 7 9
      equalize 6 5, equalize 5 1
      contrast 6 7, sharpness 6 5
      color 7 7, translateX 5 8
      equalize 3 7, autoContrast 4 8
      translateY 4 3, sharpness 2 6
      brightness 9 6, color 2 8
      solarize 5 2, invert 0 3
      equalize 2 0, autoContrast 6 0
      equalize 2 8, equalize 6 4
      color 9 9, equalize 6 6
      autoContrast 8 4, solarize 2 8
      brightness 1 3, color 7 0
      solarize 4 5, autoContrast 9 3
      translateY 9 9, translateY 7 9
      autoContrast 9 2, solarize 8 3
      equalize 8 8, invert 1 3
      translateY 7 9, autoContrast 9 1`,
    operations: {
      posterize: ({ magnitude }) => ({
        kind: 'posterize',
        numbers: [4 - Math.floor(0.4 * magnitude)],
      }),
      solarize: ({ magnitude }) => ({
        kind: 'solarize',
        numbers: [256 - Math.floor(25.6 * magnitude)],
      }),
      translateX: (draw) => ({ kind: 'warp', numbers: [1, 0, cifarTranslation(draw), 0, 1, 0] }),
      translateY: (draw) => ({ kind: 'warp', numbers: [1, 0, 0, 0, 1, cifarTranslation(draw)] }),
      // Away from the true mean, as Pillow's.
      contrast: (draw) =>
        operationOf(
          RAND_AUGMENT_OPERATIONS,
          'contrast',
        )({
          ...draw,
          recipe: 'paper',
        }),
    },
  },
};

/** The sub-policies of each policy. */
export const AUTO_AUGMENT_POLICIES: Readonly<Record<AutoAugmentName, readonly SubPolicy[]>> = {
  'imagenet-v0': parsed(POLICIES['imagenet-v0'].table),
  'cifar-10': parsed(POLICIES['cifar-10'].table),
};

function parsed(table: string): SubPolicy[] {
  return table
    .trim()
    .split('\n')
    .map((line) => {
      const [first, second] = line.split(',').map((text): PolicyOperation => {
        const [name = '', tenths, level] = text.trim().split(' ');
        return [name, Number(tenths), Number(level)];
      });
      assert(first !== undefined && second !== undefined, `sub-policy ${line}`);
      return [first, second];
    });
}

/** What the draws of an image depend on. */
interface AutoAugmentDraw {
  readonly policy: AutoAugmentName;
  readonly sidePx: number;
  readonly recipe: Recipe;
  readonly stream: RandomStream;
}

/** None, one or two operations: those of a random sub-policy that are applied. */
export function drawAutoAugment({ policy, ...draw }: AutoAugmentDraw): Distortion[] {
  const { stream } = draw;
  const subPolicies = AUTO_AUGMENT_POLICIES[policy];
  const drawn = subPolicies[stream.below(subPolicies.length)] ?? [];
  return drawn.flatMap(([name, tenths, level]) => {
    if (stream.uniform() * 10 >= tenths) return [];
    return [policyOperation(policy, name)({ ...draw, magnitude: level })];
  });
}

/** Draws the numbers of an operation of a policy; the magnitude is its level. */
export function policyOperation(policy: AutoAugmentName, name: string): Draw {
  const { operations } = POLICIES[policy];
  return name in operations
    ? operationOf(operations, name)
    : operationOf(RAND_AUGMENT_OPERATIONS, name);
}

function operationOf(operations: Readonly<Record<string, Draw>>, name: string): Draw {
  const operation = operations[name];
  assert(operation !== undefined, `operation ${name}`);
  return operation;
}
