import type { Family } from '../family.ts';
import { coAtNetFeatures } from './forward.ts';
import { layoutOf, multiplyAdds, specOf, type CoAtNetSpec } from './spec.ts';
import { tableOf, variantOf } from './table.ts';
import { COATNET_VARIANTS, type CoAtNetVariant } from './variants.ts';

export const coAtNet: Family<CoAtNetVariant, CoAtNetSpec> = {
  name: 'coatnet',
  variants: COATNET_VARIANTS,
  variantOf,
  tableOf,
  specOf,
  layoutOf,
  multiplyAdds,
  features: coAtNetFeatures,
};
