/** Networks by name. */
import { closest } from '../base/did-you-mean.ts';
import { CrescendoError, defined } from '../base/errors.ts';
import { defaultModelConfig } from '../run/parse.ts';
import { recipeOf } from '../run/recipes/registry.ts';
import type { ModelConfig, NetworkTable, ScheduleConfig } from '../run/run-config.ts';
import { airbench } from './airbench/family.ts';
import { coAtNet } from './coatnet/family.ts';
import { efficientNet } from './efficientnet/family.ts';
import { modelFamily, type Model, type Variant } from './family.ts';
import type { Network } from './network.ts';
import { resNet } from './resnet/family.ts';
import { viT } from './vit/family.ts';

export interface ModelListing extends Variant {
  /** Side of the images at the end of training. */
  readonly trainImageSizePx: number;
  readonly evaluationImageSizePx: number;
  readonly schedule: Partial<ScheduleConfig>;
  /** Counted for 1000 classes, like the next. */
  readonly trainableParameters: number;
  /** Includes the moving statistics of batch norms. */
  readonly totalParameters: number;
  /** Counted for one image of the evaluation size. */
  readonly multiplyAdds: number;
}

const FAMILIES = [
  modelFamily(efficientNet),
  modelFamily(coAtNet),
  modelFamily(resNet),
  modelFamily(airbench),
  modelFamily(viT),
];
const MODELS: readonly Model[] = FAMILIES.flatMap(({ models }) => models);

/** A table may have more than three times those of the largest named model. */
const PARAMETERS_MAX = 2 ** 33;

/**
 * The network a run asks for.
 * @throws CRESCENDO_CONFIG_INVALID for an unknown name, or a table of a network that cannot be
 */
export function buildNetwork(config: ModelConfig, classCount: number): Network {
  const model = MODELS.find(({ variant }) => variant.name === config.name);
  if (config.table !== undefined) return networkOfTable(config, config.table, classCount, model);
  if (model !== undefined) return model.build(config, classCount);
  const names = MODELS.map(({ variant }) => variant.name);
  const near = closest(config.name, names);
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `model "${config.name}" is unknown (model.name)` +
      `${near === undefined ? '' : `; did you mean ${near}?`}: choose one of ${names.join(', ')}`,
  );
}

function networkOfTable(
  config: ModelConfig,
  table: NetworkTable,
  classCount: number,
  named: Model | undefined,
): Network {
  const refuse = (problem: string): never => {
    throw new CrescendoError('CRESCENDO_CONFIG_INVALID', problem);
  };
  if (named !== undefined) {
    refuse(
      `model.name: ${config.name} is the name of a model, and model.table is given too: leave ` +
        'the table out, or give its network another name',
    );
  }
  const family = FAMILIES.find(({ name }) => name === table.family);
  const model = defined(family, table.family).modelOfTable(config.name, table);
  const network = model.build(config, classCount);
  const { total } = countParameters(network);
  if (total > PARAMETERS_MAX) {
    refuse(
      `model.table: the network has ${total} parameters, and at most ${PARAMETERS_MAX} are ` +
        'possible: make it narrower or shorter',
    );
  }
  return network;
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
    const { name } = model.variant;
    const recipe = defined(recipeOf(name), `recipe of ${name}`);
    const { trainImageSizePx, evaluationImageSizePx, schedule } = recipe;
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
