/** The spec of an EfficientNet, and the parameters and multiply-adds that follow from it. */
import type { ModelConfig } from '../../run/run-config.ts';
import type { NetworkSpec } from '../network.ts';
import { NetworkLayout, scaledLayers, stemStrideOf, type Scale } from '../nn/layout.ts';
import type { EfficientNetVariant, KernelSide, StageSpec } from './variants.ts';

export interface BlockSpec {
  /** Such as `blocks.3`; prefix of its parameters' names. */
  readonly name: string;
  /** Row of the variant's table, and place within it; from 0. */
  readonly stage: number;
  readonly layer: number;
  readonly kind: 'fused' | 'mbconv';
  readonly kernelSide: KernelSide;
  readonly stride: 1 | 2;
  readonly expandRatio: number;
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Squeeze width, from the block's input; 0 without squeeze-and-excitation. */
  readonly squeezeChannels: number;
}

export interface EfficientNetSpec extends NetworkSpec {
  readonly version: 1 | 2;
  readonly stemChannels: number;
  readonly stemStride: 1 | 2;
  /** As scaled. */
  readonly stages: readonly StageSpec[];
  readonly blocks: readonly BlockSpec[];
}

/**
 * Channel rounding of the released codes: to the nearest multiple of 8, at least 8; in version 1
 * the next one where that would take away more than a tenth.
 */
function scaleChannels(channels: number, width: number, version: 1 | 2): number {
  if (width === 1) return channels;
  const rounded = Math.max(8, Math.floor((channels * width + 4) / 8) * 8);
  return version === 1 && rounded < 0.9 * channels * width ? rounded + 8 : rounded;
}

/** The network of a variant, scaled by further width and depth multipliers. */
export function specOf(
  variant: EfficientNetVariant,
  classCount: number,
  scale: Scale,
  config: Pick<ModelConfig, 'stemStride'>,
): EfficientNetSpec {
  const width = variant.width * scale.width;
  const depth = variant.depth * scale.depth;
  const scaled = (channels: number, by = width): number =>
    scaleChannels(channels, by, variant.version);
  const stemChannels = scaled(variant.stem);
  const stages = variant.stages.map((row) => ({
    ...row,
    channels: scaled(row.channels),
    layers: scaledLayers(row.layers, depth),
  }));
  const blocks: BlockSpec[] = [];
  let inputChannels = stemChannels;
  for (const [stageIndex, row] of stages.entries()) {
    for (let layer = 0; layer < row.layers; layer++) {
      blocks.push({
        name: `blocks.${blocks.length}`,
        stage: stageIndex,
        layer,
        kind: row.kind,
        kernelSide: row.kernelSide,
        stride: layer === 0 ? row.stride : 1,
        expandRatio: row.expandRatio,
        inputChannels,
        outputChannels: row.channels,
        squeezeChannels:
          row.squeezeRatio === 0 ? 0 : Math.max(1, Math.floor(inputChannels * row.squeezeRatio)),
      });
      inputChannels = row.channels;
    }
  }
  return {
    name: variant.name,
    classCount,
    featureChannels: scaled(variant.head, Math.max(1, width)),
    survivalProbabilities: blocks.map(
      (_, index) => 1 - (scale.stochasticDepthRate * index) / blocks.length,
    ),
    version: variant.version,
    stemChannels,
    stemStride: stemStrideOf(config),
    stages,
    blocks,
  };
}

/** All trainable parameters and moving statistics, in the order of the forward pass. */
export function layoutOf(spec: EfficientNetSpec): NetworkLayout {
  const layout = new NetworkLayout();
  layout.convolution('stem.conv', [3, 3, 3, spec.stemChannels]);
  layout.batchNorm('stem.norm', spec.stemChannels);
  for (const block of spec.blocks) addBlock(layout, block);
  const last = spec.blocks[spec.blocks.length - 1] as BlockSpec;
  layout.convolution('head.conv', [1, 1, last.outputChannels, spec.featureChannels]);
  layout.batchNorm('head.norm', spec.featureChannels);
  const bound = 1 / Math.sqrt(Math.max(CLASSES_MIN, spec.classCount));
  layout.dense('head.dense', spec.featureChannels, spec.classCount, { uniform: bound });
  return layout;
}

/**
 * The classifier starts U(+-1 / sqrt(classes)) in the released code, made for ImageNet's classes:
 * with ten, logits would start several units apart and the first steps would be lost.
 */
const CLASSES_MIN = 1000;

function addBlock(layout: NetworkLayout, block: BlockSpec): void {
  const { name, kernelSide: side, inputChannels, outputChannels, squeezeChannels } = block;
  const expanded = inputChannels * block.expandRatio;
  if (block.kind === 'fused') {
    if (block.expandRatio === 1) {
      layout.convolution(`${name}.conv`, [side, side, inputChannels, outputChannels]);
      layout.batchNorm(`${name}.norm`, outputChannels);
      return;
    }
    layout.convolution(`${name}.expand`, [side, side, inputChannels, expanded]);
    layout.batchNorm(`${name}.expand_norm`, expanded);
  } else {
    if (block.expandRatio !== 1) {
      layout.convolution(`${name}.expand`, [1, 1, inputChannels, expanded]);
      layout.batchNorm(`${name}.expand_norm`, expanded);
    }
    // Its last axis is the channel multiplier, so fan out is the kernel's area.
    layout.add(`${name}.depthwise.kernel`, [side, side, expanded, 1], 'depthwise', {
      normal: Math.sqrt(2 / side ** 2),
    });
    layout.batchNorm(`${name}.depthwise_norm`, expanded);
  }
  if (squeezeChannels > 0) {
    layout.convolution(`${name}.squeeze`, [1, 1, expanded, squeezeChannels]);
    layout.bias(`${name}.squeeze`, squeezeChannels);
    layout.convolution(`${name}.excite`, [1, 1, squeezeChannels, expanded]);
    layout.bias(`${name}.excite`, expanded);
  }
  layout.convolution(`${name}.project`, [1, 1, expanded, outputChannels]);
  layout.batchNorm(`${name}.project_norm`, outputChannels);
}

/** Squeeze-and-excitation is included. */
export function multiplyAdds(spec: EfficientNetSpec, imageSizePx: number): number {
  let side = Math.ceil(imageSizePx / spec.stemStride);
  let sum = side ** 2 * 9 * 3 * spec.stemChannels;
  for (const block of spec.blocks) {
    const { kind, stride, inputChannels, outputChannels, squeezeChannels } = block;
    const expanded = inputChannels * block.expandRatio;
    const area = block.kernelSide ** 2;
    const before = side ** 2;
    side = Math.ceil(side / stride);
    const after = side ** 2;
    if (kind === 'fused') {
      sum +=
        block.expandRatio === 1
          ? after * area * inputChannels * outputChannels
          : after * (area * inputChannels * expanded + expanded * outputChannels);
    } else {
      if (block.expandRatio !== 1) sum += before * inputChannels * expanded;
      sum += after * (area * expanded + expanded * outputChannels);
    }
    sum += 2 * expanded * squeezeChannels;
  }
  const last = spec.blocks[spec.blocks.length - 1] as BlockSpec;
  sum += side ** 2 * last.outputChannels * spec.featureChannels;
  return sum + spec.featureChannels * spec.classCount;
}
