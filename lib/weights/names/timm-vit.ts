/** timm's names of vision transformers (`vit_base_patch16_224`, `vit_large_patch16_224`). */
import type { ViTSpec } from '../../models/vit/spec.ts';
import type { NameMap, OurTensor } from './name-map.ts';
import { timmNames } from './timm.ts';

export function timmViTNames(spec: ViTSpec, tensors: readonly OurTensor[]): NameMap {
  return timmNames(modulesOf(spec), tensors, ({ shape, leaf }) =>
    leaf === 'table' ? { axes: undefined, theirShape: [1, ...shape] } : undefined,
  );
}

function modulesOf(spec: ViTSpec): Map<string, string> {
  const modules = new Map([
    ['stem.patches', 'patch_embed.proj'],
    ['stem.class_token', 'cls_token'],
    ['stem.positions', 'pos_embed'],
    ['head.norm', 'norm'],
    ['head.dense', 'head'],
  ]);
  for (const { name } of spec.blocks) {
    for (const [ours, theirs] of BLOCK_MODULES) {
      modules.set(`${name}.${ours}`, `${name}.${theirs}`);
    }
  }
  return modules;
}

const BLOCK_MODULES: readonly (readonly [string, string])[] = [
  ['attention_norm', 'norm1'],
  ['qkv', 'attn.qkv'],
  ['attention_project', 'attn.proj'],
  ['feed_forward_norm', 'norm2'],
  ['feed_forward_expand', 'mlp.fc1'],
  ['feed_forward_project', 'mlp.fc2'],
];
