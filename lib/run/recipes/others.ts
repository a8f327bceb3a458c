/**
 * CoAtNet (Dai et al., 2021), ViT (Dosovitskiy et al., 2021), ResNet (He et al., 2016), and
 * airbench (Jordan, 2024). Pure.
 */
import {
  IMAGENET_CROPS,
  constantSchedule,
  scaledRate,
  stairs,
  warmupOf,
  type ModelRecipe,
} from './recipe.ts';

/** 10,000 steps of 300 epochs of 1,281,167 images in batches of 4096. */
const ADAM_WARMUP_SHARE = 10_000 / 93_835;

const ADAM = { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

function coatnet(variant: number, stochasticDepthRate: number): readonly [string, ModelRecipe] {
  return [
    `coatnet-${variant}`,
    {
      source: 'CoAtNet (Dai et al., 2021)',
      // One size, with RandAugment 2, 15 and mixup 0.8.
      ...constantSchedule(224, { randAugmentMagnitude: 15, mixupAlpha: 0.8, dropoutRate: 0 }),
      content: {
        model: { stochasticDepthRate, batchNormMomentum: 0.99 },
        ...IMAGENET_CROPS,
      },
      training: (length) => {
        const { globalSize } = length;
        const peak = scaledRate({ rate: 0.001, batch: 4096, isAdaptive: true }, globalSize);
        return {
          optimizer: ADAM,
          learningRate: {
            peak,
            ...warmupOf(ADAM_WARMUP_SHARE, length),
            decay: 'cosine',
            decayFrom: 'warmup-end',
            minimum: Number((peak / 100).toPrecision(6)),
          },
          weightDecay: 0.05,
          clipNorm: 1,
          labelSmoothing: 0.1,
          emaDecay: 0,
        };
      },
      isDefault: true,
    },
  ];
}

function vit(name: string): readonly [string, ModelRecipe] {
  return [
    name,
    {
      source: 'ViT (Dosovitskiy et al., 2021)',
      // It has neither, and its dropout lies within the blocks.
      ...constantSchedule(224, { randAugmentMagnitude: 0, mixupAlpha: 0, dropoutRate: 0 }),
      content: {
        model: { stochasticDepthRate: 0 },
        ...IMAGENET_CROPS,
      },
      training: (length) => ({
        optimizer: ADAM,
        learningRate: {
          peak: scaledRate({ rate: 0.003, batch: 4096, isAdaptive: true }, length.globalSize),
          ...warmupOf(ADAM_WARMUP_SHARE, length),
          decay: 'cosine',
          decayFrom: 'warmup-end',
        },
        weightDecay: 0.3,
        clipNorm: 1,
        labelSmoothing: 0,
        emaDecay: 0,
      }),
      isDefault: true,
    },
  ];
}

function resnet(name: string): readonly [string, ModelRecipe] {
  return [
    name,
    {
      source: 'ResNet (He et al., 2016)',
      // Crops and flips alone.
      ...constantSchedule(224, { randAugmentMagnitude: 0, mixupAlpha: 0, dropoutRate: 0 }),
      content: {
        model: { stochasticDepthRate: 0 },
        ...IMAGENET_CROPS,
      },
      training: (length) => ({
        optimizer: { name: 'sgd', momentum: 0.9 },
        learningRate: {
          peak: scaledRate({ rate: 0.1, batch: 256, isAdaptive: false }, length.globalSize),
          ...stairs(0.1, 1 / 3, length),
        },
        weightDecay: 0.0001,
        labelSmoothing: 0,
        emaDecay: 0,
      }),
      isDefault: true,
    },
  ];
}

function airbench(name: string): readonly [string, ModelRecipe] {
  return [
    name,
    {
      source: 'configs/cifar10-airbench.yaml',
      // The paper (Jordan, 2024) trains with shifts, flips and cutout alone.
      ...constantSchedule(32, { randAugmentMagnitude: 0, mixupAlpha: 0, dropoutRate: 0 }),
      content: {
        model: { stemStride: 1, batchNormMomentum: 0.6 },
        augmentation: { crop: 'pad', padRatio: 0.0625 },
      },
      training: (length) => {
        const { globalSize } = length;
        const peak = scaledRate({ rate: 0.75, batch: 512, isAdaptive: false }, globalSize);
        return {
          optimizer: { name: 'sgd', momentum: 0.85, nesterov: true },
          learningRate: {
            peak,
            ...warmupOf(0.23, length),
            decay: 'linear',
            decayFrom: 'warmup-end',
            minimum: Number((peak / 15).toPrecision(6)),
          },
          learningRateFactors: { '*.beta': 64 },
          weightDecay: 0.00133,
          freeze: ['stem.conv.*'],
          labelSmoothing: 0.2,
          emaDecay: 0.96,
        };
      },
      isDefault: true,
    },
  ];
}

export const OTHER_RECIPES: readonly (readonly [string, ModelRecipe])[] = [
  coatnet(0, 0.2),
  coatnet(1, 0.3),
  coatnet(2, 0.5),
  coatnet(3, 0.7),
  // From here on, published with pre-training alone.
  ...[4, 5, 6, 7].map((variant) => coatnet(variant, 0.7)),
  airbench('airbench-94'),
  airbench('airbench-95'),
  vit('vit-b16'),
  vit('vit-l16'),
  resnet('resnet-50'),
  resnet('resnet-152'),
];
