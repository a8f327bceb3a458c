/** EfficientNets as the table of a run file. Pure. */
import type { NetworkTable, TableStage } from '../../run/run-config.ts';
import { STAGE_DEFAULTS } from '../../run/schema/network-table.ts';
import { checkTable } from '../table.ts';
import type { EfficientNetSpec } from './spec.ts';
import type { EfficientNetVariant, StageSpec } from './variants.ts';

const OPERATIONS = { fused: 'fused-mbconv', mbconv: 'mbconv' } as const;

/** @throws CRESCENDO_CONFIG_INVALID */
export function variantOf(name: string, table: NetworkTable): EfficientNetVariant {
  checkTable(table, Object.values(OPERATIONS), ({ operation, expansion, squeezeRatio }) =>
    operation === 'fused-mbconv' && expansion === 1 && squeezeRatio > 0
      ? `squeezeRatio: ${squeezeRatio} is not for a fused-mbconv of expansion 1; leave it out`
      : undefined,
  );
  return {
    name,
    version: 2,
    stem: table.stem,
    head: table.head,
    stages: table.stages.map(stageSpecOf),
    width: 1,
    depth: 1,
  };
}

function stageSpecOf(stage: TableStage): StageSpec {
  const { operation, kernel, stride, expansion, width, layers, squeezeRatio } = stage;
  return {
    kind: operation === 'fused-mbconv' ? 'fused' : 'mbconv',
    kernelSide: kernel,
    stride,
    expandRatio: expansion,
    channels: width,
    layers,
    squeezeRatio,
  };
}

export function tableOf(spec: EfficientNetSpec): NetworkTable {
  return {
    family: 'efficientnet',
    stem: spec.stemChannels,
    stages: spec.stages.map((stage) => ({
      ...STAGE_DEFAULTS,
      operation: OPERATIONS[stage.kind],
      width: stage.channels,
      layers: stage.layers,
      stride: stage.stride,
      kernel: stage.kernelSide,
      expansion: stage.expandRatio,
      squeezeRatio: stage.squeezeRatio,
    })),
    head: spec.featureChannels,
  };
}
