/**
 * The EfficientNetV2 family as tables (Tan and Le, "EfficientNetV2: Smaller Models and Faster
 * Training", 2021, Table 4, with the released code's head of 1280 and last stage of 256 for S), and
 * the parameters that follow from them.
 */
import type { ScheduleConfig } from '../config/run-config.ts';
import { NetworkLayout } from './network.ts';

/** One row: block kind, stride of the first block, expansion, output channels, layers. */
export interface StageSpec {
  readonly kind: 'fused' | 'mbconv';
  readonly stride: 1 | 2;
  readonly expandRatio: number;
  readonly channels: number;
  readonly layers: number;
}

export interface BlockSpec {
  /** Such as `blocks.3`; prefix of its parameters' names. */
  readonly name: string;
  /** Row of the variant's table, and place within it; from 0. */
  readonly stage: number;
  readonly layer: number;
  readonly kind: 'fused' | 'mbconv';
  readonly stride: 1 | 2;
  readonly expandRatio: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Squeeze width, from the block's input; 0 without squeeze-and-excitation. */
  readonly squeezeChannels: number;
  /** Probability that a sample keeps the residual branch in training; 1 - rate * i / N. */
  readonly survivalProbability: number;
}

export interface EfficientNetSpec {
  readonly name: string;
  readonly stemChannels: number;
  readonly blocks: readonly BlockSpec[];
  readonly headChannels: number;
  readonly classCount: number;
}

export interface VariantSpec {
  readonly name: string;
  readonly stem: number;
  readonly head: number;
  readonly stages: readonly StageSpec[];
  readonly width: number;
  readonly depth: number;
  readonly trainImageSizePx: number;
  readonly evaluationImageSizePx: number;
  /** Table 6 of the paper; the B variants have none there and use S's. */
  readonly schedule: Omit<ScheduleConfig, 'phases' | 'cutmixAlpha'>;
}

function stage(
  kind: StageSpec['kind'],
  stride: 1 | 2,
  expandRatio: number,
  channels: number,
  layers: number,
): StageSpec {
  return { kind, stride, expandRatio, channels, layers };
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

function schedule(sizePx: number, magnitude: number, mixup: number, dropout: number) {
  return {
    imageSizePx: { min: 128, max: sizePx },
    randAugmentMagnitude: { min: 5, max: magnitude },
    mixupAlpha: { min: 0, max: mixup },
    dropoutRate: { min: 0.1, max: dropout },
  };
}

// prettier-ignore
export const VARIANTS: readonly VariantSpec[] = [
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

/** Channel rounding of the released code: to the nearest multiple of 8, at least 8, no 90 % rule. */
export function scaleChannels(channels: number, width: number): number {
  if (width === 1) return channels;
  return Math.max(8, Math.floor((channels * width + 4) / 8) * 8);
}

/** The network of a variant, scaled by further width and depth multipliers. */
export function buildSpec(
  variantSpec: VariantSpec,
  classCount: number,
  scale: { width: number; depth: number; stochasticDepthRate: number },
): EfficientNetSpec {
  const width = variantSpec.width * scale.width;
  const depth = variantSpec.depth * scale.depth;
  const stemChannels = scaleChannels(variantSpec.stem, width);
  const rows = variantSpec.stages.map((row) => ({
    ...row,
    channels: scaleChannels(row.channels, width),
    // Guards against 1.1 * 10 = 11.000000000000002.
    layers: Math.ceil(row.layers * depth - 1e-9),
  }));
  const blockCount = rows.reduce((sum, row) => sum + row.layers, 0);
  const blocks: BlockSpec[] = [];
  let inputChannels = stemChannels;
  for (const [stageIndex, row] of rows.entries()) {
    for (let layer = 0; layer < row.layers; layer++) {
      blocks.push({
        name: `blocks.${blocks.length}`,
        stage: stageIndex,
        layer,
        kind: row.kind,
        stride: layer === 0 ? row.stride : 1,
        expandRatio: row.expandRatio,
        inputChannels,
        outputChannels: row.channels,
        squeezeChannels: row.kind === 'mbconv' ? Math.max(1, Math.floor(inputChannels * 0.25)) : 0,
        survivalProbability: 1 - (scale.stochasticDepthRate * blocks.length) / blockCount,
      });
      inputChannels = row.channels;
    }
  }
  return {
    name: variantSpec.name,
    stemChannels,
    blocks,
    headChannels: scaleChannels(variantSpec.head, width < 1 ? 1 : width),
    classCount,
  };
}

/** All trainable parameters and moving statistics, in the order of the forward pass. */
export function layoutOf(spec: EfficientNetSpec): NetworkLayout {
  const layout = new NetworkLayout();
  addKernel(layout, 'stem.conv', [3, 3, 3, spec.stemChannels]);
  layout.batchNorm('stem.norm', spec.stemChannels);
  for (const block of spec.blocks) addBlock(layout, block);
  const last = spec.blocks[spec.blocks.length - 1] as BlockSpec;
  addKernel(layout, 'head.conv', [1, 1, last.outputChannels, spec.headChannels]);
  layout.batchNorm('head.norm', spec.headChannels);
  const bound = 1 / Math.sqrt(Math.max(CLASSES_MIN, spec.classCount));
  layout.add('head.dense.kernel', [spec.headChannels, spec.classCount], 'dense', {
    uniform: bound,
  });
  layout.bias('head.dense', spec.classCount);
  return layout;
}

/**
 * The classifier starts U(+-1 / sqrt(classes)) in the released code, made for ImageNet's classes:
 * with ten, logits would start several units apart and the first steps would be lost.
 */
const CLASSES_MIN = 1000;

/** N(0, sqrt(2 / fan out)), as the released code. */
function addKernel(layout: NetworkLayout, name: string, shape: readonly number[]): void {
  const [height = 1, width = 1, , outputs = 1] = shape;
  const deviation = Math.sqrt(2 / (height * width * outputs));
  layout.add(`${name}.kernel`, shape, 'kernel', { normal: deviation });
}

function addBlock(layout: NetworkLayout, block: BlockSpec): void {
  const { name, inputChannels, outputChannels, squeezeChannels } = block;
  const expanded = inputChannels * block.expandRatio;
  if (block.kind === 'fused') {
    if (block.expandRatio === 1) {
      addKernel(layout, `${name}.conv`, [3, 3, inputChannels, outputChannels]);
      layout.batchNorm(`${name}.norm`, outputChannels);
      return;
    }
    addKernel(layout, `${name}.expand`, [3, 3, inputChannels, expanded]);
    layout.batchNorm(`${name}.expand_norm`, expanded);
  } else {
    if (block.expandRatio !== 1) {
      addKernel(layout, `${name}.expand`, [1, 1, inputChannels, expanded]);
      layout.batchNorm(`${name}.expand_norm`, expanded);
    }
    // Its last axis is the channel multiplier, so fan out is the kernel's area.
    layout.add(`${name}.depthwise.kernel`, [3, 3, expanded, 1], 'depthwise', {
      normal: Math.sqrt(2 / 9),
    });
    layout.batchNorm(`${name}.depthwise_norm`, expanded);
    addKernel(layout, `${name}.squeeze`, [1, 1, expanded, squeezeChannels]);
    layout.bias(`${name}.squeeze`, squeezeChannels);
    addKernel(layout, `${name}.excite`, [1, 1, squeezeChannels, expanded]);
    layout.bias(`${name}.excite`, expanded);
  }
  addKernel(layout, `${name}.project`, [1, 1, expanded, outputChannels]);
  layout.batchNorm(`${name}.project_norm`, outputChannels);
}

/** Of convolutions and matrix products, squeeze-and-excitation included. */
export function multiplyAdds(spec: EfficientNetSpec, imageSizePx: number): number {
  let side = Math.ceil(imageSizePx / 2);
  let sum = side ** 2 * 9 * 3 * spec.stemChannels;
  for (const block of spec.blocks) {
    const { kind, stride, inputChannels, outputChannels, squeezeChannels } = block;
    const expanded = inputChannels * block.expandRatio;
    const before = side ** 2;
    side = Math.ceil(side / stride);
    const after = side ** 2;
    if (kind === 'fused') {
      sum +=
        block.expandRatio === 1
          ? after * 9 * inputChannels * outputChannels
          : after * (9 * inputChannels * expanded + expanded * outputChannels);
      continue;
    }
    if (block.expandRatio !== 1) sum += before * inputChannels * expanded;
    sum += after * (9 * expanded + expanded * outputChannels) + 2 * expanded * squeezeChannels;
  }
  const last = spec.blocks[spec.blocks.length - 1] as BlockSpec;
  sum += side ** 2 * last.outputChannels * spec.headChannels;
  return sum + spec.headChannels * spec.classCount;
}
