/**
 * Names in files of Keras's applications (`keras.applications.EfficientNet*`). Older files name
 * weights by layer (`block1a_project_conv/.../kernel:0`); Keras 3's `.weights.h5` and `.keras`
 * number the layers of each class in the model's order (`layers/conv2d_3/vars/0`). Layouts equal
 * this project's.
 */
import { defined } from '../../base/errors.ts';
import type { BlockSpec, EfficientNetSpec } from '../../models/efficientnet/spec.ts';
import type { ModuleKind, NameMap, OurTensor } from './name-map.ts';

/** Layer classes as Keras 3 spells them in files, and their variables in order. */
const CLASSES: Readonly<Record<ModuleKind, { name: string; variables: readonly string[] }>> = {
  conv: { name: 'conv2d', variables: ['kernel', 'bias'] },
  depthwise: { name: 'depthwise_conv2d', variables: ['kernel'] },
  dense: { name: 'dense', variables: ['kernel', 'bias'] },
  norm: {
    name: 'batch_normalization',
    variables: ['gamma', 'beta', 'moving_mean', 'moving_variance'],
  },
};

export function kerasNames(spec: EfficientNetSpec, tensors: readonly OurTensor[]): NameMap {
  const layers = kerasLayers(spec);
  const numbered = numberedLayers(tensors);
  return {
    mappings: tensors.map(({ name, shape, module, leaf, kind }) => {
      const layer = defined(layers.get(module), module);
      const variable = `vars/${CLASSES[kind].variables.indexOf(leaf)}`;
      return {
        ours: name,
        shape,
        theirs: [
          `${layer}/${leaf}`,
          // The name in Keras 2.
          ...(kind === 'depthwise' ? [`${layer}/depthwise_kernel`] : []),
          `${layer}/${variable}`,
          `${defined(numbered.get(module), module)}/${variable}`,
        ],
        axes: undefined,
      };
    }),
    canonical,
    isIgnored: (name) =>
      /^(optimizer|optimizer_weights|normalization\w*|rescaling\w*)\//.test(name),
  };
}

/** `model_weights/a/b/kernel:0` becomes `a/kernel`, `layers/a/vars/0` becomes `a/vars/0`. */
function canonical(name: string): string {
  const parts = name.replace(/:0$/, '').split('/');
  if (['model_weights', 'layers', '_layer_checkpoint_dependencies'].includes(parts[0] as string)) {
    parts.shift();
  }
  if (parts.at(-2) === 'vars') return parts.join('/');
  return parts.length > 2 ? `${parts[0] ?? ''}/${parts.at(-1) ?? ''}` : parts.join('/');
}

function kerasLayers(spec: EfficientNetSpec): Map<string, string> {
  const layers = new Map([
    ['stem.conv', 'stem_conv'],
    ['stem.norm', 'stem_bn'],
    ['head.conv', 'top_conv'],
    ['head.norm', 'top_bn'],
    ['head.dense', 'predictions'],
  ]);
  for (const block of spec.blocks) {
    const letter = String.fromCharCode('a'.charCodeAt(0) + block.layer);
    for (const [ours, theirs] of blockLayers(block, spec.version)) {
      layers.set(`${block.name}.${ours}`, `block${block.stage + 1}${letter}_${theirs}`);
    }
  }
  return layers;
}

function blockLayers(
  { kind, expandRatio }: BlockSpec,
  version: 1 | 2,
): readonly (readonly [string, string])[] {
  if (kind === 'fused' && expandRatio === 1) {
    return [
      ['conv', 'project_conv'],
      ['norm', 'project_bn'],
    ];
  }
  return [
    ['expand', 'expand_conv'],
    ['expand_norm', 'expand_bn'],
    ['depthwise', version === 1 ? 'dwconv' : 'dwconv2'],
    ['depthwise_norm', 'bn'],
    ['squeeze', 'se_reduce'],
    ['excite', 'se_expand'],
    ['project', 'project_conv'],
    ['project_norm', 'project_bn'],
  ];
}

/**
 * This project's modules by the number of their class in the model's order; the first has no
 * number.
 */
function numberedLayers(tensors: readonly OurTensor[]): Map<string, string> {
  const counts = new Map<string, number>();
  const numbered = new Map<string, string>();
  for (const { module, kind } of tensors) {
    if (numbered.has(module)) continue;
    const { name } = CLASSES[kind];
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    numbered.set(module, count === 0 ? name : `${name}_${count}`);
  }
  return numbered;
}
