/** Weights files on disk: read in any known format, written as safetensors. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { importWeights, type ImportedWeights } from '../weights/import-weights.ts';
import type { Format } from '../weights/names/formats.ts';
import { openTensorSource } from '../weights/open-tensor-source.ts';
import { classNamesMetadata, classNamesOf } from '../weights/class-names.ts';
import { formMetadata, withStatedForm } from '../weights/coatnet-form.ts';
import { encodeSafetensors } from '../weights/safetensors.ts';
import {
  interpolationOf,
  PREPROCESSINGS,
  type Interpolation,
  type Preprocessing,
} from '../data/transforms/preprocessing.ts';
import { defaultModelConfig, parseModelOf, parseRunFile } from '../run/parse.ts';
import type { ModelConfig, TrainingConfig } from '../run/run-config.ts';
import {
  requireStatedModel,
  useMetadata,
  useOf,
  type DescribedModel,
  type WeightsUse,
} from '../weights/description.ts';
import type { NamedTensor } from '../weights/named-tensor.ts';
import type { TensorSource } from '../weights/tensor-source.ts';
import type { Network } from '../models/network.ts';
import { buildNetwork, listModels } from '../models/registry.ts';

/** Which network: by its name, with multipliers as in a run file, or as a run file has it. */
export interface ModelFlags {
  readonly model?: string;
  readonly run?: string;
  /** Factor of widths and depths with `model` alone; 1 unless given. */
  readonly widthMultiplier?: number;
  readonly depthMultiplier?: number;
}

export interface ReadOptions {
  readonly format: Format | 'auto';
  readonly classes?: number;
  readonly allowMissing?: readonly string[];
  readonly allowExtra?: readonly string[];
  readonly seed?: number;
  /** As of importWeights; `use` unless given. */
  readonly purpose?: 'import' | 'use';
}

/** What a weights file says about itself besides its tensors. */
export interface WeightsDescription {
  readonly preprocessing: Preprocessing;
  readonly interpolation: Interpolation;
  /** Whether the file says so, rather than what its kind is known for. */
  readonly isStated?: boolean;
  /** In class order; undefined when the file does not say. */
  readonly classNames: readonly string[] | undefined;
  /** Side of the images that it was evaluated on; undefined when the file does not say. */
  readonly imageSizePx?: number | undefined;
  /** `softmax` when the file does not say. */
  readonly loss: TrainingConfig['loss'];
}

export interface WeightsFile extends ImportedWeights {
  readonly description: WeightsDescription;
  /** Which network it is, with the form that the file states. */
  readonly model: ModelConfig;
}

/**
 * @param stated the model that the weights file states, if it does
 * @throws CRESCENDO_CONFIG_INVALID when both of model and run are given, or neither and nothing is
 * stated, or multipliers with a run
 */
function modelConfigOf(flags: ModelFlags, stated?: DescribedModel): ModelConfig {
  const { model, run } = flags;
  const isNothingGiven = model === undefined && run === undefined && stated === undefined;
  if (isNothingGiven || (model !== undefined && run !== undefined)) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      'say which network it is: either --model NAME or --run FILE' +
        (isNothingGiven ? '; the weights file does not say' : ''),
    );
  }
  const { widthMultiplier, depthMultiplier } = flags;
  if (run === undefined) {
    const name = model ?? (stated as DescribedModel).name;
    const like = stated?.name === name ? stated : undefined;
    return {
      ...defaultModelConfig(name),
      ...like,
      widthMultiplier: widthMultiplier ?? like?.widthMultiplier ?? 1,
      depthMultiplier: depthMultiplier ?? like?.depthMultiplier ?? 1,
    };
  }
  if (widthMultiplier !== undefined || depthMultiplier !== undefined) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      '--width-multiplier and --depth-multiplier are for --model: a run file states its own',
    );
  }
  return parseModelOf(run);
}

/** Image side where the weights state none: the run file's if there is one, else the model's. */
export function evaluationSizePx({ run }: ModelFlags, network: Network): number {
  if (run !== undefined) return parseRunFile(run, true).evaluation.imageSizePx;
  return listModels().find(({ name }) => name === network.name)?.evaluationImageSizePx ?? 224;
}

/** @throws CRESCENDO_CONFIG_INVALID for an unknown model */
export function modelOf(flags: ModelFlags): (classCount: number) => Network {
  const config = modelConfigOf(flags);
  return (classCount) => buildNetwork(config, classCount);
}

/** @throws CRESCENDO_WEIGHTS_INVALID, CRESCENDO_CONFIG_INVALID */
export async function readWeightsFile(
  path: string,
  flags: ModelFlags,
  options: ReadOptions,
): Promise<WeightsFile> {
  const { model, run } = flags;
  const isGiven = model !== undefined || run !== undefined;
  // Unknown models are refused before the file is opened.
  if (isGiven) buildNetwork(modelConfigOf(flags), 1);
  const source = await openTensorSource(path);
  try {
    const use = useOf(path, source.metadata);
    const config = modelConfigOf(flags, use?.model);
    requireStatedModel(path, use?.model, config, run === undefined ? '--model' : `--run ${run}`);
    return readWeights(path, source, config, run !== undefined, options);
  } finally {
    source.close();
  }
}

/**
 * @param isFromRun whether the model is a run file's, which the file must not contradict
 * @throws CRESCENDO_WEIGHTS_INVALID
 */
export async function readWeightsOf(
  path: string,
  config: ModelConfig,
  isFromRun: boolean,
  options: ReadOptions,
): Promise<WeightsFile> {
  buildNetwork(config, 1); // Unknown models are refused before the file is opened.
  const source = await openTensorSource(path);
  try {
    requireStatedModel(path, useOf(path, source.metadata)?.model, config, 'the run file');
    return readWeights(path, source, config, isFromRun, options);
  } finally {
    source.close();
  }
}

function readWeights(
  path: string,
  source: TensorSource,
  config: ModelConfig,
  isFromRun: boolean,
  options: ReadOptions,
): WeightsFile {
  const { metadata } = source;
  const model = withStatedForm(path, metadata, config, isFromRun);
  const imported = importWeights(source, {
    path,
    modelOf: (classCount) => buildNetwork(model, classCount),
    format: options.format,
    classCount: options.classes,
    allowMissing: options.allowMissing ?? [],
    allowExtra: options.allowExtra ?? [],
    seed: options.seed ?? 0,
    purpose: options.purpose ?? 'use',
  });
  const { format, classCount, isClassifierReplaced } = imported.report;
  const use = useOf(path, metadata);
  const stated = statedPreprocessing(path, metadata, use);
  const preprocessing = stated ?? preprocessingBy(format, model.name);
  const description = {
    classNames: isClassifierReplaced ? undefined : classNamesOf(metadata, classCount),
    preprocessing,
    interpolation: use?.interpolation ?? interpolationOf(preprocessing),
    isStated: stated !== undefined,
    imageSizePx: use?.imageSizePx,
    loss: use?.loss ?? 'softmax',
  };
  return { ...imported, model, description };
}

/** Writes a safetensors file, whole or not at all. */
export function writeWeightsFile(
  path: string,
  format: 'crescendo' | 'timm',
  { network, model }: Pick<WeightsFile, 'network' | 'model'>,
  tensors: readonly NamedTensor[],
  description: WeightsDescription,
): void {
  const { imageSizePx = evaluationSizePx({}, network), ...stated } = description;
  const metadata: Record<string, string> = {
    // What readers of timm's files look for.
    format: format === 'timm' ? 'pt' : 'crescendo',
    model: network.name,
    classes: String(network.classCount),
    preprocessing: description.preprocessing,
    ...formMetadata(model),
    ...(description.classNames === undefined ? {} : classNamesMetadata(description.classNames)),
    ...useMetadata({ ...stated, model, imageSizePx }),
  };
  writeWhole(path, encodeSafetensors(tensors, metadata));
}

/** @throws CRESCENDO_CONFIG_INVALID when the place cannot be written */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, bytes);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${path} cannot be written (${messageOf(error)}): choose another place`,
      { cause: error },
    );
  }
}

/** @throws CRESCENDO_WEIGHTS_INVALID for one that is not known here */
function statedPreprocessing(
  path: string,
  metadata: Readonly<Record<string, string>>,
  use: WeightsUse | undefined,
): Preprocessing | undefined {
  const text = use?.preprocessing ?? metadata['preprocessing'];
  const stated = PREPROCESSINGS.find((one) => one === text);
  if (stated !== undefined || text === undefined) return stated;
  throw new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `${path} needs images prepared by "${text}"; known are ${PREPROCESSINGS.join(', ')}`,
  );
}

function preprocessingBy(format: Format, model: string): Preprocessing {
  if (format === 'crescendo') return 'whole';
  if (/^(efficientnetv2-b|efficientnet-)/.test(model)) return 'center-crop-imagenet-bicubic';
  return model.startsWith('resnet-') ? 'center-crop-imagenet' : 'center-crop';
}
