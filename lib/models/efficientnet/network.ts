/** EfficientNets as networks: tables and forward pass put together. */
import type { ModelConfig } from '../../run/run-config.ts';
import { efficientNetFeatures } from './forward.ts';
import { buildSpec, layoutOf, multiplyAdds, type VariantSpec } from './spec.ts';
import { EFFICIENTNETV1_VARIANTS } from './variants-v1.ts';
import { EFFICIENTNETV2_VARIANTS } from './variants-v2.ts';
import { networkBase, scaleOf } from '../network-base.ts';
import type { Network } from '../network.ts';
import type { Model } from '../model.ts';

export function efficientNetModels(): Model[] {
  return [...EFFICIENTNETV2_VARIANTS, ...EFFICIENTNETV1_VARIANTS].map((variant) => ({
    name: variant.name,
    trainImageSizePx: variant.trainImageSizePx,
    evaluationImageSizePx: variant.evaluationImageSizePx,
    schedule: variant.schedule,
    build: (config, classCount) => buildNetwork(variant, config, classCount),
  }));
}

function buildNetwork(variant: VariantSpec, config: ModelConfig, classCount: number): Network {
  const spec = buildSpec(variant, classCount, scaleOf(config));
  const base = networkBase(spec, layoutOf(spec), {
    featureChannels: spec.headChannels,
    survivalProbabilities: spec.blocks.map((block) => block.survivalProbability),
    features: (images, context) => efficientNetFeatures(spec, images, context),
    multiplyAdds: (imageSizePx) => multiplyAdds(spec, imageSizePx),
  });
  return { family: 'efficientnet', spec, ...base };
}
