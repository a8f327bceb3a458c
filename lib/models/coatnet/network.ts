/** CoAtNet as networks: tables and forward pass put together. */
import type { ModelConfig } from '../../run/run-config.ts';
import { coAtNetFeatures } from './forward.ts';
import {
  buildSpec,
  layoutOf,
  multiplyAdds,
  survivalProbabilities,
  VARIANTS,
  type CoAtNetVariant,
} from './spec.ts';
import { constantSchedule, networkBase, scaleOf } from '../network-base.ts';
import type { Network } from '../network.ts';
import type { Model } from '../model.ts';

export function coAtNetModels(): Model[] {
  return VARIANTS.map((variant) => ({
    name: variant.name,
    // The paper trains at one size, with RandAugment 2, 15 and mixup 0.8.
    ...constantSchedule(224, { randAugmentMagnitude: 15, mixupAlpha: 0.8, dropoutRate: 0 }),
    build: (config, classCount) => buildNetwork(variant, config, classCount),
  }));
}

function buildNetwork(variant: CoAtNetVariant, config: ModelConfig, classCount: number): Network {
  const spec = buildSpec(variant, classCount, scaleOf(config), config.coatnet);
  const base = networkBase(spec, layoutOf(spec), {
    featureChannels: spec.lastChannels,
    survivalProbabilities: survivalProbabilities(spec),
    features: (images, context) => coAtNetFeatures(spec, images, context),
    multiplyAdds: (imageSizePx) => multiplyAdds(spec, imageSizePx),
  });
  return { family: 'coatnet', spec, ...base };
}
