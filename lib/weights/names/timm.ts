/**
 * What timm's names (PyTorch Image Models) have in common over the families: leaves of modules, and
 * layouts. Its convolutions are [out, in, height, width], its linear layers [out, in].
 */
import { defined } from '../../base/errors.ts';
import type { ModuleKind, NameMap, NameMapping, OurTensor } from './name-map.ts';

/** Leaves by this project's names. A table has none: the name of its module is the whole name. */
const LEAVES: Readonly<Record<string, string>> = {
  kernel: '.weight',
  bias: '.bias',
  gamma: '.weight',
  beta: '.bias',
  moving_mean: '.running_mean',
  moving_variance: '.running_var',
  table: '',
};

const KERNEL_AXES: Readonly<Record<ModuleKind, readonly number[] | undefined>> = {
  conv: [2, 3, 1, 0],
  // [channels, 1, height, width] in timm.
  depthwise: [2, 3, 0, 1],
  dense: [1, 0],
  norm: undefined,
};

/**
 * @param modules their module names by this project's
 * @param layoutOf a tensor's layout if it differs from that of its kind; undefined if it does not
 */
export function timmNames(
  modules: ReadonlyMap<string, string>,
  tensors: readonly OurTensor[],
  layoutOf: (tensor: OurTensor) => Omit<NameMapping, 'ours' | 'shape' | 'theirs'> | undefined,
): NameMap {
  return {
    mappings: tensors.map((tensor) => {
      const { name: ours, shape, module, leaf, kind } = tensor;
      const theirs = [defined(modules.get(module), module) + defined(LEAVES[leaf], leaf)];
      const axes = leaf === 'kernel' ? KERNEL_AXES[kind] : undefined;
      return { ours, shape, theirs, ...(layoutOf(tensor) ?? { axes }) };
    }),
    canonical: (name) => name,
    isIgnored: (name) => name.endsWith('.num_batches_tracked'),
  };
}
