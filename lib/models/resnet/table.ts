/** ResNets as the table of a run file. Pure. */
import type { NetworkTable } from '../../run/run-config.ts';
import { HEAD_DEFAULT, STAGE_DEFAULTS } from '../../run/schema/network-table.ts';
import { checkTable } from '../table.ts';
import type { ResNetSpec } from './spec.ts';
import type { ResNetVariant } from './variants.ts';

/** @throws CRESCENDO_CONFIG_INVALID */
export function variantOf(name: string, table: NetworkTable): ResNetVariant {
  checkTable(table, ['bottleneck'], ({ width, expansion, kernel }) => {
    if (width % expansion !== 0) {
      return `expansion: ${expansion} does not divide the width (${width})`;
    }
    return kernel === STAGE_DEFAULTS.kernel
      ? undefined
      : `kernel: ${kernel} is not for a bottleneck, whose kernel is 3; leave it out`;
  });
  return {
    name,
    stem: table.stem,
    stages: table.stages.map(({ width, expansion, layers, stride }) => ({
      channels: width,
      expansion,
      layers,
      stride,
    })),
  };
}

export function tableOf(spec: ResNetSpec): NetworkTable {
  return {
    family: 'resnet',
    stem: spec.stemChannels,
    stages: spec.stages.map(({ channels, expansion, layers, stride }) => ({
      ...STAGE_DEFAULTS,
      operation: 'bottleneck',
      width: channels,
      layers,
      stride,
      expansion,
    })),
    head: HEAD_DEFAULT,
  };
}
