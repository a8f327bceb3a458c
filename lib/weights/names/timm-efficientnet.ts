/**
 * timm's names of EfficientNets (`tf_efficientnet_*` and `tf_efficientnetv2_*`, whose padding and
 * epsilon are TensorFlow's).
 */
import type { BlockSpec, EfficientNetSpec } from '../../models/efficientnet/spec.ts';

export function efficientNetModules(spec: EfficientNetSpec): Map<string, string> {
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
