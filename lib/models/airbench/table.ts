/** Networks of the airbench family as the table of a run file. Pure. */
import { CrescendoError } from '../../base/errors.ts';
import type { NetworkTable } from '../../run/run-config.ts';
import { HEAD_DEFAULT, STAGE_DEFAULTS } from '../../run/schema/network-table.ts';
import { checkTable } from '../table.ts';
import type { AirbenchSpec } from './spec.ts';
import type { AirbenchVariant } from './variants.ts';
import { WHITENING_CHANNELS } from './whitening.ts';

/** @throws CRESCENDO_CONFIG_INVALID */
export function variantOf(name: string, table: NetworkTable): AirbenchVariant {
  checkTable(table, ['convolution-group'], ({ stride, kernel }) => {
    if (stride !== 2) return `stride: ${stride}, and must be 2: each group halves the map`;
    return kernel === STAGE_DEFAULTS.kernel
      ? undefined
      : `kernel: ${kernel} is not for a convolution-group, whose kernels are 3; leave it out`;
  });
  if (table.stem !== WHITENING_CHANNELS) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `model.table.stem: ${table.stem}, and the convolution that whitens has ` +
        `${WHITENING_CHANNELS} channels`,
    );
  }
  const groups = table.stages.map(({ width, layers }) => ({ channels: width, layers }));
  return { name, groups };
}

export function tableOf(spec: AirbenchSpec): NetworkTable {
  return {
    family: 'airbench',
    stem: WHITENING_CHANNELS,
    stages: spec.groups.map(({ outputChannels: width, layers }) => ({
      ...STAGE_DEFAULTS,
      operation: 'convolution-group',
      stride: 2,
      width,
      layers,
    })),
    head: HEAD_DEFAULT,
  };
}
