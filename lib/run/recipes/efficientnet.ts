/** EfficientNet (Tan and Le, 2019 and 2021). Pure. */
import { constantSchedule, scaledRate, stairs, warmupOf, type ModelRecipe } from './recipe.ts';

/** Published of 350 epochs of 4096 images: steps of 2.4 epochs after 5 of warm-up. */
const EPOCHS = 350;

const training: ModelRecipe['training'] = (length) => ({
  optimizer: { name: 'rmsprop', momentum: 0.9, decay: 0.9, epsilon: 0.001 },
  learningRate: {
    peak: scaledRate({ rate: 0.256, batch: 4096, isAdaptive: false }, length.globalSize),
    ...warmupOf(5 / EPOCHS, length),
    ...stairs(0.97, 2.4 / EPOCHS, length),
  },
  weightDecay: 0.00001,
  labelSmoothing: 0.1,
  emaDecay: 0.9999,
});

/** Table 6 of the paper of version 2; the B variants have none there and use S's. */
function version2(
  name: string,
  trainImageSizePx: number,
  evaluationImageSizePx: number,
  magnitude: number,
  mixup: number,
  dropout: number,
): readonly [string, ModelRecipe] {
  const schedule = {
    imageSizePx: { min: 128, max: trainImageSizePx },
    randAugmentMagnitude: { min: 5, max: magnitude },
    mixupAlpha: { min: 0, max: mixup },
    dropoutRate: { min: 0.1, max: dropout },
  };
  const source = 'EfficientNetV2 (Tan and Le, 2021)';
  const sizes = { trainImageSizePx, evaluationImageSizePx, schedule };
  return [`efficientnetv2-${name}`, { source, ...sizes, content: {}, training, isDefault: false }];
}

function version1(
  name: string,
  sizePx: number,
  dropoutRate: number,
): readonly [string, ModelRecipe] {
  return [
    `efficientnet-${name}`,
    {
      source: 'EfficientNet (Tan and Le, 2019)',
      // The paper has AutoAugment in place of RandAugment.
      ...constantSchedule(sizePx, { randAugmentMagnitude: 0, mixupAlpha: 0, dropoutRate }),
      content: {
        model: { stochasticDepthRate: 0.2, batchNormMomentum: 0.99 },
        augmentation: { crop: 'resized', autoAugment: 'imagenet-v0' },
        evaluation: { crop: 'center' },
      },
      training,
      isDefault: true,
    },
  ];
}

// prettier-ignore
export const EFFICIENTNET_RECIPES: readonly (readonly [string, ModelRecipe])[] = [
  // name, training px, evaluation px, RandAugment, mixup, dropout, in the last phase
  version2('b0', 192, 224, 15, 0,   0.3),
  version2('b1', 192, 240, 15, 0,   0.3),
  version2('b2', 208, 260, 15, 0,   0.3),
  version2('b3', 240, 300, 15, 0,   0.3),
  version2('s',  300, 384, 15, 0,   0.3),
  version2('m',  380, 480, 20, 0.2, 0.4),
  version2('l',  380, 480, 25, 0.5, 0.5),
  version2('xl', 384, 512, 25, 0.5, 0.5),
  // name, px, dropout
  version1('b0', 224, 0.2), version1('b1', 240, 0.2), version1('b2', 260, 0.3),
  version1('b3', 300, 0.3), version1('b4', 380, 0.4), version1('b5', 456, 0.4),
  version1('b6', 528, 0.5), version1('b7', 600, 0.5),
];
