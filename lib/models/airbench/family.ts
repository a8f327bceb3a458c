import type { Family } from '../family.ts';
import { airbenchFeatures } from './forward.ts';
import { layoutOf, multiplyAdds, specOf, type AirbenchSpec } from './spec.ts';
import { tableOf, variantOf } from './table.ts';
import { AIRBENCH_VARIANTS, type AirbenchVariant } from './variants.ts';

export const airbench: Family<AirbenchVariant, AirbenchSpec> = {
  name: 'airbench',
  variants: AIRBENCH_VARIANTS,
  variantOf,
  tableOf,
  specOf,
  layoutOf,
  multiplyAdds,
  features: airbenchFeatures,
};
