/**
 * EfficientNet as tables (Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional
 * Neural Networks", 2019, Table 1, scaled as in the released code). B0 to B7 are one table.
 */
import type { StageSpec, VariantSpec } from './spec.ts';
import { constantSchedule } from '../network-base.ts';

type Row = readonly [kernelSide: 3 | 5, stride: 1 | 2, expand: number, channels: number, n: number];

// prettier-ignore
const ROWS: readonly Row[] = [
  // kernel, stride, expand, channels, layers
  [3, 1, 1, 16, 1], [3, 2, 6,  24, 2], [5, 2, 6,  40, 2], [3, 2, 6, 80, 3],
  [5, 1, 6, 112, 3], [5, 2, 6, 192, 4], [3, 1, 6, 320, 1],
];

const STAGES = ROWS.map(([kernelSide, stride, expandRatio, channels, layers]): StageSpec => ({
  ...{ kind: 'mbconv', kernelSide, stride, expandRatio, channels, layers },
}));

// prettier-ignore
export const EFFICIENTNETV1_VARIANTS: readonly VariantSpec[] = [
  // name, width, depth, px, dropout
  variant('b0', 1.0, 1.0, 224, 0.2), variant('b1', 1.0, 1.1, 240, 0.2),
  variant('b2', 1.1, 1.2, 260, 0.3), variant('b3', 1.2, 1.4, 300, 0.3),
  variant('b4', 1.4, 1.8, 380, 0.4), variant('b5', 1.6, 2.2, 456, 0.4),
  variant('b6', 1.8, 2.6, 528, 0.5), variant('b7', 2.0, 3.1, 600, 0.5),
];

function variant(
  suffix: string,
  width: number,
  depth: number,
  sizePx: number,
  dropoutRate: number,
): VariantSpec {
  return {
    ...{ name: `efficientnet-${suffix}`, stem: 32, head: 1280, stages: STAGES, width, depth },
    version: 1,
    // The paper's AutoAugment is another policy: RandAugment is left at 0.
    ...constantSchedule(sizePx, { randAugmentMagnitude: 0, mixupAlpha: 0, dropoutRate }),
  };
}
