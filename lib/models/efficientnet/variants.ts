/**
 * EfficientNet as tables: version 1 (Tan and Le, "EfficientNet: Rethinking Model Scaling for
 * Convolutional Neural Networks", 2019, Table 1, scaled as in the released code) and version 2 (Tan
 * and Le, "EfficientNetV2: Smaller Models and Faster Training", 2021, Table 4, with the released
 * code's head of 1280 and last stage of 256 for S).
 */
import type { Variant } from '../family.ts';

/**
 * One row: block kind, side of the kernel, stride of the first block, expansion, channels, layers.
 */
export interface StageSpec {
  readonly kind: 'fused' | 'mbconv';
  readonly kernelSide: KernelSide;
  readonly stride: 1 | 2;
  readonly expandRatio: number;
  readonly channels: number;
  readonly layers: number;
  /** Squeeze width over the channels of the block's input; 0: no squeeze-and-excitation. */
  readonly squeezeRatio: number;
}

/** A side of a kernel, in pixels. */
export type KernelSide = 3 | 5;

export interface EfficientNetVariant extends Variant {
  readonly version: 1 | 2;
  readonly stem: number;
  readonly head: number;
  readonly stages: readonly StageSpec[];
  readonly width: number;
  readonly depth: number;
}

/** Every MBConv of the papers has it. */
const SQUEEZE_RATIO = 0.25;

function stage(
  kind: StageSpec['kind'],
  stride: 1 | 2,
  expandRatio: number,
  channels: number,
  layers: number,
): StageSpec {
  const squeezeRatio = kind === 'mbconv' ? SQUEEZE_RATIO : 0;
  return { kind, kernelSide: 3, stride, expandRatio, channels, layers, squeezeRatio };
}

// prettier-ignore
const VERSION_2_STAGES: Readonly<Record<string, readonly StageSpec[]>> = {
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

const VERSION_2: readonly EfficientNetVariant[] = [
  version2('b0', 'b', 32, 1.0, 1.0),
  version2('b1', 'b', 32, 1.0, 1.1),
  version2('b2', 'b', 32, 1.1, 1.2),
  version2('b3', 'b', 32, 1.2, 1.4),
  version2('s', 's', 24),
  version2('m', 'm', 24),
  version2('l', 'l', 32),
  version2('xl', 'xl', 32),
];

function version2(
  suffix: string,
  table: string,
  stem: number,
  width = 1,
  depth = 1,
): EfficientNetVariant {
  return {
    name: `efficientnetv2-${suffix}`,
    version: 2,
    stem,
    head: 1280,
    stages: VERSION_2_STAGES[table] as readonly StageSpec[],
    width,
    depth,
  };
}

type Row = readonly [kernelSide: 3 | 5, stride: 1 | 2, expand: number, channels: number, n: number];

// prettier-ignore
const VERSION_1_ROWS: readonly Row[] = [
  // kernel, stride, expand, channels, layers
  [3, 1, 1, 16, 1], [3, 2, 6,  24, 2], [5, 2, 6,  40, 2], [3, 2, 6, 80, 3],
  [5, 1, 6, 112, 3], [5, 2, 6, 192, 4], [3, 1, 6, 320, 1],
];

const VERSION_1_STAGES = VERSION_1_ROWS.map(
  ([kernelSide, stride, expandRatio, channels, layers]): StageSpec => ({
    kind: 'mbconv',
    kernelSide,
    stride,
    expandRatio,
    channels,
    layers,
    squeezeRatio: SQUEEZE_RATIO,
  }),
);

// prettier-ignore
const VERSION_1: readonly EfficientNetVariant[] = [
  version1('b0', 1.0, 1.0), version1('b1', 1.0, 1.1), version1('b2', 1.1, 1.2),
  version1('b3', 1.2, 1.4), version1('b4', 1.4, 1.8), version1('b5', 1.6, 2.2),
  version1('b6', 1.8, 2.6), version1('b7', 2.0, 3.1),
];

function version1(suffix: string, width: number, depth: number): EfficientNetVariant {
  return {
    name: `efficientnet-${suffix}`,
    version: 1,
    stem: 32,
    head: 1280,
    stages: VERSION_1_STAGES,
    width,
    depth,
  };
}

export const EFFICIENTNET_VARIANTS: readonly EfficientNetVariant[] = [...VERSION_2, ...VERSION_1];
