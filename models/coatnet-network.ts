/** CoAtNet as networks: tables and forward pass put together. */
import type { ModelConfig } from '../config/run-config.ts';
import { coAtNetFeatures } from './coatnet-forward.ts';
import {
  buildSpec,
  layoutOf,
  multiplyAdds,
  survivalProbabilities,
  VARIANTS,
  type CoAtNetVariant,
} from './coatnet.ts';
import { dense } from './layers.ts';
import type { Network } from './network.ts';
import type { Model } from './registry.ts';

const IMAGE_SIZE_PX = 224;

export function coAtNetModels(): Model[] {
  return VARIANTS.map((variant) => ({
    name: variant.name,
    trainImageSizePx: IMAGE_SIZE_PX,
    evaluationImageSizePx: IMAGE_SIZE_PX,
    schedule: {
      // The paper trains at one size, with RandAugment 2, 15 and mixup 0.8.
      imageSizePx: { min: IMAGE_SIZE_PX, max: IMAGE_SIZE_PX },
      randAugmentMagnitude: { min: 15, max: 15 },
      mixupAlpha: { min: 0.8, max: 0.8 },
      dropoutRate: { min: 0, max: 0 },
    },
    build: (config, classCount) => buildNetwork(variant, config, classCount),
  }));
}

function buildNetwork(variant: CoAtNetVariant, config: ModelConfig, classCount: number): Network {
  const scale = {
    width: config.widthMultiplier,
    depth: config.depthMultiplier,
    stochasticDepthRate: config.stochasticDepthRate,
  };
  const spec = buildSpec(variant, classCount, scale, config.coatnet);
  const { parameters, statistics } = layoutOf(spec);
  return {
    family: 'coatnet',
    spec,
    name: spec.name,
    classCount,
    featureChannels: spec.lastChannels,
    parameters,
    statistics,
    survivalProbabilities: survivalProbabilities(spec),
    features: (images, context) => coAtNetFeatures(spec, images, context),
    classify: (features_BF, context) => dense(context, features_BF, 'head.dense'),
    multiplyAdds: (imageSizePx) => multiplyAdds(spec, imageSizePx),
  };
}
