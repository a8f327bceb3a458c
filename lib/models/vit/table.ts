/** Vision transformers as the table of a run file: one stage of attentions. Pure. */
import { CrescendoError, defined } from '../../base/errors.ts';
import type { NetworkTable } from '../../run/run-config.ts';
import { HEAD_DEFAULT, STAGE_DEFAULTS } from '../../run/schema/network-table.ts';
import { checkTable } from '../table.ts';
import type { ViTSpec } from './spec.ts';
import type { ViTVariant } from './variants.ts';

/** @throws CRESCENDO_CONFIG_INVALID */
export function variantOf(name: string, table: NetworkTable): ViTVariant {
  checkTable(table, ['attention'], ({ stride, width }) => {
    if (stride !== 1) return `stride: ${stride} is not for ViT, whose map does not change`;
    return width === table.stem
      ? undefined
      : `width: ${width} must be that of model.table.stem (${table.stem})`;
  });
  if (table.stages.length > 1) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `model.table.stages: ${table.stages.length} stages, and ViT has one: give it all layers`,
    );
  }
  const { width, layers, headWidth, expansion } = defined(table.stages[0], 'the stage of ViT');
  return {
    name,
    layers,
    channels: width,
    headChannels: headWidth,
    expandRatio: expansion,
  };
}

export function tableOf(spec: ViTSpec): NetworkTable {
  const { featureChannels: width, blocks, heads, expandRatio: expansion } = spec;
  const layers = blocks.length;
  const headWidth = width / heads;
  return {
    family: 'vit',
    stem: width,
    stages: [{ ...STAGE_DEFAULTS, operation: 'attention', width, layers, expansion, headWidth }],
    head: HEAD_DEFAULT,
  };
}
