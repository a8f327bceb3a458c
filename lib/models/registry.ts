/** Networks by name. */
import { closest } from '../base/did-you-mean.ts';
import { CrescendoError } from '../base/errors.ts';
import { defaultModelConfig } from '../run/parse.ts';
import type { ModelConfig } from '../run/run-config.ts';
import { airbench } from './airbench/family.ts';
import { coAtNet } from './coatnet/family.ts';
import { efficientNet } from './efficientnet/family.ts';
import { modelsOf, type Model, type Variant } from './family.ts';
import type { Network } from './network.ts';
import { resNet } from './resnet/family.ts';
import { viT } from './vit/family.ts';

export interface ModelListing extends Variant {
  /** Counted for 1000 classes, like the next. */
  readonly trainableParameters: number;
  /** Includes the moving statistics of batch norms. */
  readonly totalParameters: number;
  /** Counted for one image of the evaluation size. */
  readonly multiplyAdds: number;
}

const MODELS: readonly Model[] = [
  ...modelsOf(efficientNet),
  ...modelsOf(coAtNet),
  ...modelsOf(resNet),
  ...modelsOf(airbench),
  ...modelsOf(viT),
];

/** The network a run asks for. @throws CRESCENDO_CONFIG_INVALID for an unknown name */
export function buildNetwork(config: ModelConfig, classCount: number): Network {
  const model = MODELS.find(({ variant }) => variant.name === config.name);
  if (model !== undefined) return model.build(config, classCount);
  const names = MODELS.map(({ variant }) => variant.name);
  const near = closest(config.name, names);
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `model "${config.name}" is unknown (model.name)` +
      `${near === undefined ? '' : `; did you mean ${near}?`}: choose one of ${names.join(', ')}`,
  );
}

/** Parameter counts from the tables alone. */
export function countParameters(network: Network): { trainable: number; total: number } {
  const count = (specs: readonly { readonly shape: readonly number[] }[]): number =>
    specs.reduce((sum, { shape }) => sum + shape.reduce((left, right) => left * right, 1), 0);
  const trainable = count(network.parameters);
  return { trainable, total: trainable + count(network.statistics) };
}

export function listModels(): ModelListing[] {
  return MODELS.map((model) => {
    const { name, trainImageSizePx, evaluationImageSizePx, schedule } = model.variant;
    const network = model.build(defaultModelConfig(name), 1000);
    const { trainable, total } = countParameters(network);
    return {
      name,
      trainableParameters: trainable,
      totalParameters: total,
      multiplyAdds: network.multiplyAdds(evaluationImageSizePx),
      trainImageSizePx,
      evaluationImageSizePx,
      schedule,
    };
  });
}
