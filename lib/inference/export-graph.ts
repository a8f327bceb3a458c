/** `crescendo export` of a graph: SavedModel, or a graph model of TensorFlow.js. */
import { existsSync } from 'node:fs';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { writeSavedModel } from './saved-model.ts';
import { writeGraphModel } from './tfjs-graph-model.ts';
import { portableGraph } from '../engine/graph/portable-graph.ts';
import { loadTensorflow } from '../tensorflow/load.ts';
import type { WeightsFile } from './weights-file.ts';

export type GraphFormat = 'savedmodel' | 'tfjs';

type GraphWeights = Pick<WeightsFile, 'network' | 'tensors' | 'description'>;

/**
 * Writes the folder, which must not exist.
 * @returns how many operations the graph has
 * @throws CRESCENDO_CONFIG_INVALID when the place cannot be written
 */
export async function exportGraph(
  { network, tensors, description }: GraphWeights,
  format: GraphFormat,
  imageSizePx: number,
  folder: string,
): Promise<number> {
  if (existsSync(folder)) throw unwritable(folder, 'it exists already');
  const { native, tensorflowVersion } = await loadTensorflow({ intraOpThreads: 1 });
  const portable = portableGraph(native, network, tensors, imageSizePx);
  try {
    const { preprocessing, interpolation, classNames, loss } = description;
    const images = { imageSizePx, preprocessing, interpolation };
    const use = { model: network.name, ...images, loss, classNames };
    if (format === 'savedmodel') writeSavedModel(folder, portable, tensorflowVersion, use);
    else writeGraphModel(folder, portable, use);
  } catch (error) {
    throw error instanceof CrescendoError ? error : unwritable(folder, messageOf(error));
  }
  return portable.graph.node.length;
}

function unwritable(folder: string, why: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `${folder} cannot be written (${why}): choose another place with --output`,
  );
}
