/**
 * timm's names of EfficientNets (`tf_efficientnet_*` and `tf_efficientnetv2_*` of PyTorch Image
 * Models, whose padding and epsilon are TensorFlow's). Convolutions are [out, in, height, width] there, linear layers [out, in].
 */
import { defined } from '../../base/errors.ts';
import type { BlockSpec, EfficientNetSpec } from '../../models/efficientnet.ts';
import type { ModuleKind, NameMap, OurTensor } from './name-map.ts';

const NORM_LEAVES: Readonly<Record<string, string>> = {
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
};
const LEAVES: Readonly<Record<string, string>> = { kernel: 'weight', bias: 'bias' };

const KERNEL_AXES: Readonly<Record<ModuleKind, readonly number[] | undefined>> = {
  conv: [2, 3, 1, 0],
  // [channels, 1, height, width] there.
  depthwise: [2, 3, 0, 1],
  dense: [1, 0],
  norm: undefined,
};

export function timmNames(spec: EfficientNetSpec, tensors: readonly OurTensor[]): NameMap {
  const modules = timmModules(spec);
  return {
    mappings: tensors.map(({ name, shape, module, leaf, kind }) => {
      const leaves = kind === 'norm' ? NORM_LEAVES : LEAVES;
      return {
        ours: name,
        shape,
        theirs: [`${defined(modules.get(module), module)}.${defined(leaves[leaf], leaf)}`],
        axes: leaf === 'kernel' ? KERNEL_AXES[kind] : undefined,
      };
    }),
    canonical: (name) => name,
    isIgnored: (name) => name.endsWith('.num_batches_tracked'),
  };
}

function timmModules(spec: EfficientNetSpec): Map<string, string> {
  const modules = new Map([
    ['stem.conv', 'conv_stem'],
    ['stem.norm', 'bn1'],
    ['head.conv', 'conv_head'],
    ['head.norm', 'bn2'],
    ['head.dense', 'classifier'],
  ]);
  for (const block of spec.blocks) {
    for (const [ours, theirs] of blockModules(block)) {
      modules.set(`${block.name}.${ours}`, `blocks.${block.stage}.${block.layer}.${theirs}`);
    }
  }
  return modules;
}

function blockModules({ kind, expandRatio }: BlockSpec): readonly (readonly [string, string])[] {
  if (kind === 'mbconv' && expandRatio === 1) {
    return [
      ['depthwise', 'conv_dw'],
      ['depthwise_norm', 'bn1'],
      ['squeeze', 'se.conv_reduce'],
      ['excite', 'se.conv_expand'],
      ['project', 'conv_pw'],
      ['project_norm', 'bn2'],
    ];
  }
  if (kind === 'mbconv') {
    return [
      ['expand', 'conv_pw'],
      ['expand_norm', 'bn1'],
      ['depthwise', 'conv_dw'],
      ['depthwise_norm', 'bn2'],
      ['squeeze', 'se.conv_reduce'],
      ['excite', 'se.conv_expand'],
      ['project', 'conv_pwl'],
      ['project_norm', 'bn3'],
    ];
  }
  if (expandRatio === 1) {
    return [
      ['conv', 'conv'],
      ['norm', 'bn1'],
    ];
  }
  return [
    ['expand', 'conv_exp'],
    ['expand_norm', 'bn1'],
    ['project', 'conv_pwl'],
    ['project_norm', 'bn2'],
  ];
}
