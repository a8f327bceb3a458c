/** Weights files on disk: read in any known format, written as safetensors. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { importWeights, type ImportedWeights } from '../weights/import-weights.ts';
import type { Format } from '../weights/names/formats.ts';
import { openTensorSource } from '../weights/open-tensor-source.ts';
import { classNamesMetadata, classNamesOf } from '../weights/class-names.ts';
import { formMetadata, withStatedForm } from '../weights/coatnet-form.ts';
import { encodeSafetensors } from '../weights/safetensors.ts';
import { PREPROCESSINGS, type Preprocessing } from '../data/transforms/preprocessing.ts';
import { defaultModelConfig, parseModelOf, parseRunFile } from '../run/parse.ts';
import type { ModelConfig } from '../run/run-config.ts';
import type { NamedTensor } from '../weights/named-tensor.ts';
import { coAtNet } from '../models/coatnet/family.ts';
import { isOf } from '../models/family.ts';
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
  /** In class order; undefined when the file does not say. */
  readonly classNames: readonly string[] | undefined;
}

export interface WeightsFile extends ImportedWeights {
  readonly description: WeightsDescription;
  /** Which network it is, with the form that the file states. */
  readonly model: ModelConfig;
}

/**
 * @throws CRESCENDO_CONFIG_INVALID when neither or both of model and run are given, or multipliers
 * with a run
 */
function modelConfigOf(flags: ModelFlags): ModelConfig {
  const { model, run, widthMultiplier, depthMultiplier } = flags;
  if ((model === undefined) === (run === undefined)) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      'say which network it is: either --model NAME or --run FILE',
    );
  }
  if (run === undefined) {
    return {
      ...defaultModelConfig(model as string),
      widthMultiplier: widthMultiplier ?? 1,
      depthMultiplier: depthMultiplier ?? 1,
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

/** Image side of evaluation: the run file's if there is one, else the model's own. */
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
export function readWeightsFile(
  path: string,
  flags: ModelFlags,
  options: ReadOptions,
): Promise<WeightsFile> {
  return readWeightsOf(path, modelConfigOf(flags), flags.run !== undefined, options);
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
    const model = withStatedForm(path, source.metadata, config, isFromRun);
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
    const classNames = isClassifierReplaced ? undefined : classNamesOf(source.metadata, classCount);
    const preprocessing = preprocessingOf(source.metadata, format, model.name);
    return { ...imported, model, description: { preprocessing, classNames } };
  } finally {
    source.close();
  }
}

/** Writes a safetensors file, whole or not at all. */
export function writeWeightsFile(
  path: string,
  format: 'crescendo' | 'timm',
  network: Network,
  tensors: readonly NamedTensor[],
  description: WeightsDescription,
): void {
  const metadata: Record<string, string> = {
    // What readers of timm's files look for.
    format: format === 'timm' ? 'pt' : 'crescendo',
    model: network.name,
    classes: String(network.classCount),
    preprocessing: description.preprocessing,
    ...(isOf(coAtNet, network)
      ? formMetadata({ name: network.name, coatnet: network.spec.options })
      : {}),
    ...(description.classNames === undefined ? {} : classNamesMetadata(description.classNames)),
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

function preprocessingOf(
  metadata: Readonly<Record<string, string>>,
  format: Format,
  model: string,
): Preprocessing {
  const stated = PREPROCESSINGS.find((one) => one === metadata['preprocessing']);
  if (stated !== undefined) return stated;
  if (format === 'crescendo') return 'whole';
  if (/^(efficientnetv2-b|efficientnet-)/.test(model)) return 'center-crop-imagenet-bicubic';
  return model.startsWith('resnet-') ? 'center-crop-imagenet' : 'center-crop';
}
