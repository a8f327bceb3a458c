import type { Family } from '../family.ts';
import { resNetFeatures } from './forward.ts';
import { layoutOf, multiplyAdds, specOf, type ResNetSpec } from './spec.ts';
import { tableOf, variantOf } from './table.ts';
import { RESNET_VARIANTS, type ResNetVariant } from './variants.ts';

export const resNet: Family<ResNetVariant, ResNetSpec> = {
  name: 'resnet',
  variants: RESNET_VARIANTS,
  variantOf,
  tableOf,
  specOf,
  layoutOf,
  multiplyAdds,
  features: resNetFeatures,
};
