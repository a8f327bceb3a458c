/** Weights files in and out: of other frameworks into ours, and of ours for other frameworks. */
import { readFileSync, statSync } from 'node:fs';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { exportedTensors, type ExportFormat } from '../weights/export-weights.ts';
import type { ImportReport } from '../weights/import-weights.ts';
import type { Preprocessing } from '../data/transforms/preprocessing.ts';
import { exportGraph, type GraphFormat } from './export-graph.ts';
import {
  evaluationSizePx,
  readWeightsFile,
  writeWeightsFile,
  type ModelFlags,
  type ReadOptions,
  type WeightsFile,
} from './weights-file.ts';

export { readWeightsFile, type ModelFlags, type WeightsFile };
export { decodeSafetensors } from '../weights/safetensors.ts';

const CLASSES_FILE_BYTES_MAX = 16 * 1024 * 1024;

export interface ConvertedWeights extends ImportReport {
  readonly preprocessing: Preprocessing;
}

/**
 * Writes a weights file of ours from one of any known format.
 * @param options.classesFile a file of class names, one a line, that are kept in the weights file
 * @throws CRESCENDO_CONFIG_INVALID, CRESCENDO_WEIGHTS_INVALID
 */
export async function convertWeights(
  path: string,
  output: string,
  options: ModelFlags & ReadOptions & { readonly classesFile?: string },
): Promise<ConvertedWeights> {
  refuseOverwriting(path, output);
  const weights = await readWeightsFile(path, options, { ...options, purpose: 'import' });
  const classNames = classNamesFor(options.classesFile, weights);
  const { tensors, report, description } = weights;
  writeWeightsFile(output, 'crescendo', weights, tensors, { ...description, classNames });
  return { ...report, preprocessing: description.preprocessing };
}

/** Tensors by another framework's names, or a graph that runs without this project. */
export type ExportedWeights = ExportedTensors | ExportedGraph;

export interface ExportedTensors extends ImportReport {
  readonly exportedAs: ExportFormat;
  /** How many were written. */
  readonly exportedCount: number;
}

export interface ExportedGraph extends ImportReport {
  readonly exportedAs: GraphFormat;
  /** Operations of the graph. */
  readonly nodeCount: number;
  readonly imageSizePx: number;
}

/**
 * Writes weights for another framework.
 * @param output a safetensors file; for graphs a folder, which must not exist
 * @param options.sizePx image side of a graph; by default the run's, else the model's
 * @throws CRESCENDO_CONFIG_INVALID, CRESCENDO_WEIGHTS_INVALID
 */
export async function exportWeights(
  path: string,
  output: string,
  format: ExportFormat | GraphFormat,
  options: ModelFlags & { readonly sizePx?: number | undefined },
): Promise<ExportedWeights> {
  const isGraph = format === 'savedmodel' || format === 'tfjs';
  if (options.sizePx !== undefined && !isGraph) {
    throw wrongUse(`--size is for graphs (savedmodel, tfjs); tensors of ${format} have none`);
  }
  refuseOverwriting(path, output);
  const weights = await readWeightsFile(path, options, { format: 'auto' });
  const { network, tensors, report, description } = weights;
  if (isGraph) {
    const stated = description.imageSizePx ?? evaluationSizePx(options, network);
    const imageSizePx = options.sizePx ?? stated;
    const nodeCount = await exportGraph(weights, format, imageSizePx, output);
    return { ...report, exportedAs: format, nodeCount, imageSizePx };
  }
  const exported = exportedTensors(network, tensors, format);
  writeWeightsFile(output, format, weights, exported, description);
  return { ...report, exportedAs: format, exportedCount: exported.length };
}

/** @throws CRESCENDO_CONFIG_INVALID when both are one file, by whatever names */
function refuseOverwriting(input: string, output: string): void {
  const [from, to] = [input, output].map((path) => statSync(path, { throwIfNoEntry: false }));
  if (from === undefined || to === undefined || from.ino !== to.ino || from.dev !== to.dev) return;
  throw wrongUse(`${output} is the file that is read: choose another place with --output`);
}

/**
 * Names of the classes: from a file with one a line if there is one, else those of the weights
 * file.
 * @throws CRESCENDO_CONFIG_INVALID for a file that cannot be read or names another number of
 * classes
 */
export function classNamesFor(
  path: string | undefined,
  { network, description }: WeightsFile,
): readonly string[] | undefined {
  if (path === undefined) return description.classNames;
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > CLASSES_FILE_BYTES_MAX) {
      throw new Error(`${size} bytes; at most ${CLASSES_FILE_BYTES_MAX} are read`);
    }
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw wrongUse(`${path} cannot be read (${messageOf(error)})`);
  }
  const names = text.replace(/\r?\n$/, '').split(/\r?\n/);
  if (names.length === network.classCount) return names;
  throw wrongUse(`${path} names ${names.length} classes; the model has ${network.classCount}`);
}

function wrongUse(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_CONFIG_INVALID', what);
}
