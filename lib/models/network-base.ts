/** What networks of all families are put together from besides their own tables and forward pass. */
import type { ModelConfig } from '../run/run-config.ts';
import { dense } from './nn/layers.ts';
import type { NetworkLayout, Scale } from './nn/layout.ts';
import type { NetworkBase } from './network.ts';
import type { Model } from './model.ts';

export function scaleOf(config: ModelConfig): Scale {
  return {
    width: config.widthMultiplier,
    depth: config.depthMultiplier,
    stochasticDepthRate: config.stochasticDepthRate,
  };
}

/** With a linear classifier on the features, `head.dense`. */
export function networkBase(
  { name, classCount }: Pick<NetworkBase, 'name' | 'classCount'>,
  { parameters, statistics }: NetworkLayout,
  own: Pick<NetworkBase, 'featureChannels' | 'survivalProbabilities' | 'features' | 'multiplyAdds'>,
): NetworkBase {
  return {
    ...own,
    ...{ name, classCount, parameters, statistics },
    classify: (features_BF, context) => dense(context, features_BF, 'head.dense'),
  };
}

/** Trained and evaluated at one image size, with settings that do not change. */
export function constantSchedule(
  sizePx: number,
  settings: { randAugmentMagnitude: number; mixupAlpha: number; dropoutRate: number },
): Pick<Model, 'trainImageSizePx' | 'evaluationImageSizePx' | 'schedule'> {
  const always = (value: number): { min: number; max: number } => ({ min: value, max: value });
  return {
    trainImageSizePx: sizePx,
    evaluationImageSizePx: sizePx,
    schedule: {
      imageSizePx: always(sizePx),
      randAugmentMagnitude: always(settings.randAugmentMagnitude),
      mixupAlpha: always(settings.mixupAlpha),
      dropoutRate: always(settings.dropoutRate),
    },
  };
}
