/**
 * What a weights file of a run says beside its tensors, but for its description: that is what its
 * hash covers. Pure.
 */
import type { ModelConfig } from '../run/run-config.ts';
import { classNamesMetadata } from './class-names.ts';
import { formMetadata } from './coatnet-form.ts';

/** @param classNames in class order */
export function weightsMetadata(
  model: ModelConfig,
  classNames: readonly string[],
): Record<string, string> {
  return { format: 'crescendo', ...formMetadata(model), ...classNamesMetadata(classNames) };
}
