/** timm's names of ResNets (`resnet50`, `resnet152`), which are those of torchvision. */
import type { ResNetSpec } from '../../models/resnet/spec.ts';

export function resNetModules(spec: ResNetSpec): Map<string, string> {
  const modules = new Map([
    ['stem.conv', 'conv1'],
    ['stem.norm', 'bn1'],
    ['head.dense', 'fc'],
  ]);
  for (const { name, stage, layer } of spec.blocks) {
    const place = `layer${stage + 1}.${layer}`;
    for (const number of [1, 2, 3]) {
      modules.set(`${name}.conv${number}`, `${place}.conv${number}`);
      modules.set(`${name}.norm${number}`, `${place}.bn${number}`);
    }
    modules.set(`${name}.shortcut`, `${place}.downsample.0`);
    modules.set(`${name}.shortcut_norm`, `${place}.downsample.1`);
  }
  return modules;
}
