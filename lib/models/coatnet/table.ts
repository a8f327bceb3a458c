/** CoAtNets as the table of a run file. Pure. */
import type { NetworkTable } from '../../run/run-config.ts';
import { HEAD_DEFAULT, STAGE_DEFAULTS } from '../../run/schema/network-table.ts';
import { checkTable } from '../table.ts';
import type { CoAtNetSpec } from './spec.ts';
import type { CoAtNetVariant } from './variants.ts';

/** @throws CRESCENDO_CONFIG_INVALID */
export function variantOf(name: string, table: NetworkTable): CoAtNetVariant {
  checkTable(table, ['mbconv', 'attention'], ({ operation, kernel }) =>
    operation === 'attention' && kernel !== STAGE_DEFAULTS.kernel
      ? `kernel: ${kernel} is not for an attention; leave it out`
      : undefined,
  );
  return {
    name,
    stem: table.stem,
    stages: table.stages.map((stage) => ({
      kind: stage.operation === 'attention' ? 'attention' : 'mbconv',
      channels: stage.width,
      layers: stage.layers,
      stride: stage.stride,
      kernelSide: stage.kernel,
      expandRatio: stage.expansion,
      squeezeRatio: stage.squeezeRatio,
      headChannels: stage.headWidth,
    })),
  };
}

export function tableOf(spec: CoAtNetSpec): NetworkTable {
  return {
    family: 'coatnet',
    stem: spec.stemChannels,
    stages: spec.stages.map((stage) => ({
      operation: stage.kind,
      width: stage.channels,
      layers: stage.layers,
      stride: stage.stride,
      kernel: stage.kernelSide,
      expansion: stage.expandRatio,
      squeezeRatio: stage.squeezeRatio,
      headWidth: stage.headChannels,
    })),
    head: HEAD_DEFAULT,
  };
}
