/**
 * timm's names of CoAtNet (`timm.models.maxxvit`) in the layout of its TensorFlow-compatible
 * configurations (`rel_pos_type='bias_tf'`, `head_first=False`): queries, keys and values one after
 * another, bias tables [heads, rows, columns] of key minus query. Its own `coatnet_*_rw` models are
 * other networks. Dense layers on maps are 1x1 convolutions there, [out, in, 1, 1].
 */
import { defined } from '../../base/errors.ts';
import type { BlockSpec, CoAtNetSpec } from '../../models/coatnet.ts';
import { shapeBefore, type NameMap, type NameMapping, type OurTensor } from './name-map.ts';

const LEAVES: Readonly<Record<string, string>> = {
  kernel: 'weight',
  bias: 'bias',
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
  table: 'relative_position_bias_table',
};

export function timmCoAtNetNames(spec: CoAtNetSpec, tensors: readonly OurTensor[]): NameMap {
  const modules = modulesOf(spec);
  return {
    mappings: tensors.map((tensor) => mappingOf(tensor, modules)),
    canonical: (name) => name,
    isIgnored: (name) => name.endsWith('.num_batches_tracked'),
  };
}

function mappingOf(tensor: OurTensor, modules: ReadonlyMap<string, string>): NameMapping {
  const { name: ours, shape, module, leaf } = tensor;
  const theirs = [`${defined(modules.get(module), module)}.${defined(LEAVES[leaf], leaf)}`];
  const plain = { ours, shape, theirs, axes: undefined };
  if (leaf === 'table') return { ...plain, axes: [1, 2, 0] };
  if (leaf !== 'kernel') return plain;
  if (shape.length === 4) {
    return { ...plain, axes: module.endsWith('.depthwise') ? [2, 3, 0, 1] : [2, 3, 1, 0] };
  }
  const axes = [1, 0];
  if (module.startsWith('head.')) return { ...plain, axes };
  return { ...plain, axes, theirShape: [...shapeBefore(shape, axes), 1, 1] };
}

function modulesOf(spec: CoAtNetSpec): Map<string, string> {
  const modules = new Map([
    ['stem.conv1', 'stem.conv1'],
    ['stem.norm', 'stem.norm1'],
    ['stem.conv2', 'stem.conv2'],
    ['head.norm', 'head.norm'],
    ['head.hidden', 'head.pre_logits.fc'],
    ['head.dense', 'head.fc'],
  ]);
  for (const block of spec.blocks) {
    for (const [ours, theirs] of BLOCK_MODULES[block.kind]) {
      modules.set(`${block.name}.${ours}`, `stages.${block.stage}.blocks.${block.layer}.${theirs}`);
    }
  }
  return modules;
}

const BLOCK_MODULES: Readonly<Record<BlockSpec['kind'], readonly (readonly [string, string])[]>> = {
  mbconv: [
    ['shortcut', 'shortcut.expand'],
    ['pre_norm', 'pre_norm'],
    ['expand', 'conv1_1x1'],
    ['expand_norm', 'norm1'],
    ['depthwise', 'conv2_kxk'],
    ['depthwise_norm', 'norm2'],
    ['squeeze', 'se.fc1'],
    ['excite', 'se.fc2'],
    ['project', 'conv3_1x1'],
  ],
  attention: [
    ['shortcut', 'shortcut.expand'],
    ['attention_norm', 'norm1.norm'],
    ['qkv', 'attn.qkv'],
    ['relative_bias', 'attn.rel_pos'],
    ['attention_project', 'attn.proj'],
    ['feed_forward_norm', 'norm2'],
    ['feed_forward_expand', 'mlp.fc1'],
    ['feed_forward_project', 'mlp.fc2'],
  ],
};
