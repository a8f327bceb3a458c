/** Converts a model's tensors to the names and layout of another framework. */
import { defined } from '../base/errors.ts';
import type { NamedTensor } from './named-tensor.ts';
import type { Network } from '../models/network.ts';
import { nameMap, type Format } from './names/formats.ts';
import { shapeThere, toTheirs } from './names/name-map.ts';

/** Formats that are written as safetensors files. */
export type ExportFormat = Extract<Format, 'crescendo' | 'timm'>;

/** @param tensors all tensors of the model, in any order */
export function exportedTensors(
  network: Network,
  tensors: readonly NamedTensor[],
  format: Format,
): NamedTensor[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return nameMap(format, network).mappings.map((mapping) => {
    const { ours, theirs } = mapping;
    const { values } = defined(byName.get(ours), ours);
    const name = defined(theirs[0], ours);
    return { name, shape: shapeThere(mapping), values: toTheirs(mapping, values) };
  });
}
