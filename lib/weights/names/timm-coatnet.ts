/**
 * timm's names of CoAtNet (`timm.models.maxxvit`), with the bias tables of its
 * TensorFlow-compatible configurations (`rel_pos_type='bias_tf'`): [heads, rows, columns] of key
 * minus query. Its own `coatnet_*_rw` models are other networks. In timm dense layers on maps are
 * 1x1 convolutions, [out, in, 1, 1], and queries, keys and values are interleaved by head.
 */
import type { BlockSpec, CoAtNetSpec } from '../../models/coatnet/spec.ts';
import { shapeBefore, type NameMap, type NameMapping, type OurTensor } from './name-map.ts';
import { timmNames } from './timm.ts';

export function timmCoAtNetNames(spec: CoAtNetSpec, tensors: readonly OurTensor[]): NameMap {
  const headsOf = new Map(spec.blocks.map(({ name, heads }) => [`${name}.qkv`, heads]));
  return timmNames(modulesOf(spec), tensors, ({ shape, module, leaf, kind }) => {
    if (leaf === 'table') return { axes: [1, 2, 0] };
    const heads = headsOf.get(module);
    if (heads !== undefined) return byHead(shape, heads);
    if (leaf !== 'kernel' || kind !== 'dense' || module.startsWith('head.')) return undefined;
    const axes = [1, 0];
    return { axes, theirShape: [...shapeBefore(shape, axes), 1, 1] };
  });
}

/** This project: [..., 3, heads, channels of a head]; timm: [heads, 3, channels of a head, ...]. */
function byHead(
  shape: readonly number[],
  heads: number,
): Pick<NameMapping, 'axes' | 'view' | 'theirShape'> {
  const [inputs, outputs] = shape.length === 2 ? shape : [undefined, shape[0]];
  const parts = [3, heads, (outputs as number) / (3 * heads)];
  if (inputs === undefined) return { view: parts, axes: [1, 0, 2], theirShape: shape };
  return {
    view: [inputs, ...parts],
    axes: [3, 1, 0, 2],
    theirShape: [outputs as number, inputs, 1, 1],
  };
}

function modulesOf(spec: CoAtNetSpec): Map<string, string> {
  const modules = new Map([
    ['stem.conv1', 'stem.conv1'],
    ['stem.norm', 'stem.norm1'],
    ['stem.conv2', 'stem.conv2'],
    ['head.norm', spec.options.head === 'hidden' ? 'head.norm' : 'norm'],
    ['head.hidden', 'head.pre_logits.fc'],
    ['head.dense', 'head.fc'],
  ]);
  for (const block of spec.blocks) {
    for (const [ours, theirs] of BLOCK_MODULES[block.kind]) {
      // If attention halves the map, its norm and pooling are one module in timm.
      const place = theirs === 'norm1.norm' && block.stride === 1 ? 'norm1' : theirs;
      modules.set(`${block.name}.${ours}`, `stages.${block.stage}.blocks.${block.layer}.${place}`);
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
    ['relative_bias', 'attn.rel_pos.relative_position_bias_table'],
    ['attention_project', 'attn.proj'],
    ['feed_forward_norm', 'norm2'],
    ['feed_forward_expand', 'mlp.fc1'],
    ['feed_forward_project', 'mlp.fc2'],
  ],
};
