/**
 * EfficientNetV2 as tables (Tan and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021,
 * Table 4, with the released code's head of 1280 and last stage of 256 for S).
 */
import type { StageSpec, VariantSpec } from './spec.ts';

function stage(
  kind: StageSpec['kind'],
  stride: 1 | 2,
  expandRatio: number,
  channels: number,
  layers: number,
): StageSpec {
  return { kind, kernelSide: 3, stride, expandRatio, channels, layers };
}

// prettier-ignore
const STAGES: Readonly<Record<string, readonly StageSpec[]>> = {
  //   kind      stride expand channels layers
  b: [
    stage('fused',  1, 1,  16,  1), stage('fused',  2, 4,  32,  2), stage('fused',  2, 4,  48,  2),
    stage('mbconv', 2, 4,  96,  3), stage('mbconv', 1, 6, 112,  5), stage('mbconv', 2, 6, 192,  8),
  ],
  s: [
    stage('fused',  1, 1,  24,  2), stage('fused',  2, 4,  48,  4), stage('fused',  2, 4,  64,  4),
    stage('mbconv', 2, 4, 128,  6), stage('mbconv', 1, 6, 160,  9), stage('mbconv', 2, 6, 256, 15),
  ],
  m: [
    stage('fused',  1, 1,  24,  3), stage('fused',  2, 4,  48,  5), stage('fused',  2, 4,  80,  5),
    stage('mbconv', 2, 4, 160,  7), stage('mbconv', 1, 6, 176, 14), stage('mbconv', 2, 6, 304, 18),
    stage('mbconv', 1, 6, 512,  5),
  ],
  l: [
    stage('fused',  1, 1,  32,  4), stage('fused',  2, 4,  64,  7), stage('fused',  2, 4,  96,  7),
    stage('mbconv', 2, 4, 192, 10), stage('mbconv', 1, 6, 224, 19), stage('mbconv', 2, 6, 384, 25),
    stage('mbconv', 1, 6, 640,  7),
  ],
  xl: [
    stage('fused',  1, 1,  32,  4), stage('fused',  2, 4,  64,  8), stage('fused',  2, 4,  96,  8),
    stage('mbconv', 2, 4, 192, 16), stage('mbconv', 1, 6, 256, 24), stage('mbconv', 2, 6, 512, 32),
    stage('mbconv', 1, 6, 640,  8),
  ],
};

/** Table 6 of the paper; the B variants have none there and use S's. */
function schedule(sizePx: number, magnitude: number, mixup: number, dropout: number) {
  return {
    imageSizePx: { min: 128, max: sizePx },
    randAugmentMagnitude: { min: 5, max: magnitude },
    mixupAlpha: { min: 0, max: mixup },
    dropoutRate: { min: 0.1, max: dropout },
  };
}

// prettier-ignore
export const EFFICIENTNETV2_VARIANTS: readonly VariantSpec[] = [
  // name, table, stem, width, depth, train px, eval px, schedule (Table 6)
  variant('b0', 'b',  32, 1.0, 1.0, 192, 224, schedule(192, 15, 0,   0.3)),
  variant('b1', 'b',  32, 1.0, 1.1, 192, 240, schedule(192, 15, 0,   0.3)),
  variant('b2', 'b',  32, 1.1, 1.2, 208, 260, schedule(208, 15, 0,   0.3)),
  variant('b3', 'b',  32, 1.2, 1.4, 240, 300, schedule(240, 15, 0,   0.3)),
  variant('s',  's',  24, 1.0, 1.0, 300, 384, schedule(300, 15, 0,   0.3)),
  variant('m',  'm',  24, 1.0, 1.0, 380, 480, schedule(380, 20, 0.2, 0.4)),
  variant('l',  'l',  32, 1.0, 1.0, 380, 480, schedule(380, 25, 0.5, 0.5)),
  variant('xl', 'xl', 32, 1.0, 1.0, 384, 512, schedule(384, 25, 0.5, 0.5)),
];

function variant(
  suffix: string,
  table: string,
  stem: number,
  width: number,
  depth: number,
  trainImageSizePx: number,
  evaluationImageSizePx: number,
  defaults: VariantSpec['schedule'],
): VariantSpec {
  return {
    name: `efficientnetv2-${suffix}`,
    version: 2,
    stem,
    head: 1280,
    stages: STAGES[table] as readonly StageSpec[],
    width,
    depth,
    trainImageSizePx,
    evaluationImageSizePx,
    schedule: defaults,
  };
}
