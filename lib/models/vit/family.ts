import type { Family } from '../family.ts';
import { viTFeatures } from './forward.ts';
import { layoutOf, multiplyAdds, specOf, type ViTSpec } from './spec.ts';
import { tableOf, variantOf } from './table.ts';
import { VIT_VARIANTS, type ViTVariant } from './variants.ts';

export const viT: Family<ViTVariant, ViTSpec> = {
  name: 'vit',
  variants: VIT_VARIANTS,
  variantOf,
  tableOf,
  specOf,
  layoutOf,
  multiplyAdds,
  features: viTFeatures,
};
