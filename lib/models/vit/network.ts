/** Vision transformers as networks: tables and forward pass put together. */
import type { ModelConfig } from '../../run/run-config.ts';
import { constantSchedule, networkBase, scaleOf } from '../network-base.ts';
import type { Network } from '../network.ts';
import type { Model } from '../model.ts';
import { viTFeatures } from './forward.ts';
import {
  buildSpec,
  layoutOf,
  multiplyAdds,
  survivalProbabilities,
  VARIANTS,
  type ViTVariant,
} from './spec.ts';

export function viTModels(): Model[] {
  return VARIANTS.map((variant) => ({
    name: variant.name,
    // The paper has neither, and its dropout lies within the blocks.
    ...constantSchedule(224, { randAugmentMagnitude: 0, mixupAlpha: 0, dropoutRate: 0 }),
    build: (config, classCount) => buildNetwork(variant, config, classCount),
  }));
}

function buildNetwork(variant: ViTVariant, config: ModelConfig, classCount: number): Network {
  const spec = buildSpec(variant, classCount, scaleOf(config));
  const base = networkBase(spec, layoutOf(spec), {
    featureChannels: spec.channels,
    survivalProbabilities: survivalProbabilities(spec),
    features: (images, context) => viTFeatures(spec, images, context),
    multiplyAdds: (imageSizePx) => multiplyAdds(spec, imageSizePx),
  });
  return { family: 'vit', spec, ...base };
}
