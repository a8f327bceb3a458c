import type { Family } from '../family.ts';
import { efficientNetFeatures } from './forward.ts';
import { layoutOf, multiplyAdds, specOf, type EfficientNetSpec } from './spec.ts';
import { tableOf, variantOf } from './table.ts';
import { EFFICIENTNET_VARIANTS, type EfficientNetVariant } from './variants.ts';

export const efficientNet: Family<EfficientNetVariant, EfficientNetSpec> = {
  name: 'efficientnet',
  variants: EFFICIENTNET_VARIANTS,
  variantOf,
  tableOf,
  specOf,
  layoutOf,
  multiplyAdds,
  features: efficientNetFeatures,
};
