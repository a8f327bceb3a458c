/**
 * What a weights file says of its use, as one JSON entry of its metadata: which network it is, and
 * what its images are prepared like. The hashes of a run's weights do not cover it. Pure.
 */
import { CrescendoError } from '../base/errors.ts';
import type { ModelConfig, RunConfig, TrainingConfig } from '../run/run-config.ts';

const KEY = 'description';
/** Files with a higher one are of a later version of this project. */
const VERSION = 1;

/** What decides the shapes and the results of a network. */
export type DescribedModel = Pick<
  ModelConfig,
  'name' | 'widthMultiplier' | 'depthMultiplier' | 'coatnet'
>;

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
export function useMetadata({
  model: { name, widthMultiplier, depthMultiplier, coatnet },
  ...use
}: WeightsUse): Record<string, string> {
  const { imageSizePx, preprocessing, interpolation, loss } = use;
  const model = { name, widthMultiplier, depthMultiplier, coatnet };
  const images = { imageSizePx, preprocessing, interpolation };
  return { [KEY]: JSON.stringify({ version: VERSION, model, ...images, loss }) };
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
    typeof model?.name === 'string' &&
    [model.widthMultiplier, model.depthMultiplier].every(Number.isFinite) &&
    typeof model.coatnet === 'object' &&
    Number.isInteger(imageSizePx) &&
    typeof preprocessing === 'string' &&
    (interpolation === 'bilinear' || interpolation === 'bicubic') &&
    (loss === 'softmax' || loss === 'sigmoid');
  if (!isRight) throw invalid(path, 'damaged: give a whole copy of the file');
  return { model, imageSizePx: imageSizePx as number, preprocessing, interpolation, loss };
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
  for (const key of ['name', 'widthMultiplier', 'depthMultiplier'] as const) {
    if (stated[key] === wanted[key]) continue;
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `${path} holds weights of a model whose ${key} is ${stated[key]}, and ${source} has ` +
        `${wanted[key]}: use the model of the weights, or weights of that model`,
    );
  }
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
