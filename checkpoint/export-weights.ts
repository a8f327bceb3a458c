/** Gives a model's tensors the names and layout of another framework. */
import { defined } from '../base/errors.ts';
import type { NamedTensor } from '../engine/engine.ts';
import type { ModelSpec } from '../models/efficientnetv2.ts';
import { nameMap, type Format } from './names/formats.ts';
import { inverse, shapeBefore, transpose } from './names/name-map.ts';

/** Formats whose frameworks read safetensors files, which is what we write. */
export type ExportFormat = Extract<Format, 'crescendo' | 'timm'>;

/** @param tensors all of the model's, in any order */
export function exportedTensors(
  spec: ModelSpec,
  tensors: readonly NamedTensor[],
  format: Format,
): NamedTensor[] {
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  return nameMap(format, spec).mappings.map(({ ours, shape, theirs, axes }) => {
    const { values } = defined(byName.get(ours), ours);
    const name = defined(theirs[0], ours);
    if (axes === undefined) return { name, shape, values };
    return {
      name,
      shape: shapeBefore(shape, axes),
      values: transpose(values, shape, inverse(axes)),
    };
  });
}
