/**
 * What a weights file says of its use, as one JSON entry of its metadata: which network it is, and
 * what its images are prepared like. The hashes of a run's weights do not cover it. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { parseModel } from '../run/parse.ts';
import type { ModelConfig, RunConfig, TrainingConfig } from '../run/run-config.ts';

const KEY = 'description';
/** Files with a higher one are of a later version of this project. */
const VERSION = 1;

/** What decides the shapes and the results of a network. */
export type DescribedModel = Pick<
  ModelConfig,
  'name' | 'widthMultiplier' | 'depthMultiplier' | 'stemStride' | 'coatnet' | 'table'
>;

function described(model: DescribedModel): DescribedModel {
  const { name, widthMultiplier, depthMultiplier, stemStride, coatnet, table } = model;
  const named = { name, widthMultiplier, depthMultiplier, stemStride, coatnet };
  return table === undefined ? named : { ...named, table };
}

export interface WeightsUse {
  readonly model: DescribedModel;
  /** Side of the images that it was last evaluated on. */
  readonly imageSizePx: number;
  /** A name in lib/data/transforms/preprocessing.ts. */
  readonly preprocessing: string;
  readonly interpolation: RunConfig['interpolation'];
  readonly loss: TrainingConfig['loss'];
}

/** The metadata entries. */
export function useMetadata({ model, ...use }: WeightsUse): Record<string, string> {
  const { imageSizePx, preprocessing, interpolation, loss } = use;
  const images = { imageSizePx, preprocessing, interpolation };
  const stated = { version: VERSION, model: described(model), ...images, loss };
  return { [KEY]: JSON.stringify(stated) };
}

/**
 * What a file states; undefined where it states nothing, as those of other frameworks.
 * @throws CRESCENDO_WEIGHTS_INVALID for what is damaged, or of a later version
 */
export function useOf(
  path: string,
  metadata: Readonly<Record<string, string>>,
): WeightsUse | undefined {
  const text = metadata[KEY];
  if (text === undefined) return undefined;
  const stated = parsed(text);
  const { version } = stated;
  if (typeof version === 'number' && version > VERSION) {
    throw invalid(path, `of version ${version}, and this is ${VERSION}: update crescendo`);
  }
  const { model, imageSizePx, preprocessing, interpolation, loss } = stated as Partial<WeightsUse>;
  const isRight =
    version === VERSION &&
    typeof model === 'object' &&
    Number.isInteger(imageSizePx) &&
    typeof preprocessing === 'string' &&
    (interpolation === 'bilinear' || interpolation === 'bicubic') &&
    (loss === 'softmax' || loss === 'sigmoid');
  if (!isRight) throw invalid(path, 'damaged: give a whole copy of the file');
  return {
    model: modelIn(path, model),
    imageSizePx: imageSizePx as number,
    preprocessing,
    interpolation,
    loss,
  };
}

function modelIn(path: string, model: object): DescribedModel {
  try {
    return described(parseModel(model, path));
  } catch (error) {
    throw invalid(path, `damaged (${messageOf(error)}): give a whole copy of the file`);
  }
}

/**
 * Compares the network that a file states with the one that it is to be used for.
 * @param source of that, such as `the run file`
 * @throws CRESCENDO_WEIGHTS_INVALID naming both
 */
export function requireStatedModel(
  path: string,
  stated: DescribedModel | undefined,
  wanted: DescribedModel,
  source: string,
): void {
  if (stated === undefined) return;
  for (const key of ['name', 'widthMultiplier', 'depthMultiplier', 'stemStride'] as const) {
    if (stated[key] === wanted[key]) continue;
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `${path} holds weights of a model whose ${key} is ${stated[key]}, and ${source} has ` +
        `${wanted[key]}: use the model of the weights, or weights of that model`,
    );
  }
  if (isDeepStrictEqual(stated.table, wanted.table)) return;
  throw new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `${path} holds weights of a network with another table of stages (model.table) than ` +
      `${source} has: use the run file of the weights`,
  );
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function invalid(path: string, what: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `the description in the metadata of ${path} is ${what}`,
  );
}
