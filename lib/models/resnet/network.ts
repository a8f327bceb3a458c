/** ResNet as networks: tables and forward pass put together. */
import type { ModelConfig } from '../../run/run-config.ts';
import { constantSchedule, networkBase, scaleOf } from '../network-base.ts';
import type { Network } from '../network.ts';
import type { Model } from '../model.ts';
import { resNetFeatures } from './forward.ts';
import { buildSpec, layoutOf, multiplyAdds, VARIANTS, type ResNetVariant } from './spec.ts';

export function resNetModels(): Model[] {
  return VARIANTS.map((variant) => ({
    name: variant.name,
    // The paper trains with crops and flips alone.
    ...constantSchedule(224, { randAugmentMagnitude: 0, mixupAlpha: 0, dropoutRate: 0 }),
    build: (config, classCount) => buildNetwork(variant, config, classCount),
  }));
}

function buildNetwork(variant: ResNetVariant, config: ModelConfig, classCount: number): Network {
  const spec = buildSpec(variant, classCount, scaleOf(config));
  const base = networkBase(spec, layoutOf(spec), {
    featureChannels: spec.lastChannels,
    survivalProbabilities: spec.blocks.map((block) => block.survivalProbability),
    features: (images, context) => resNetFeatures(spec, images, context),
    multiplyAdds: (imageSizePx) => multiplyAdds(spec, imageSizePx),
  });
  return { family: 'resnet', spec, ...base };
}
