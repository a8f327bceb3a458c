/**
 * The spec of a ResNet, and the parameters and multiply-adds that follow from it. A block halves
 * the map in its 3x3 convolution, as in the authors' successors (Gross and Wilber, "Training and
 * investigating residual nets", 2016), whose initial values these are too.
 */
import type { ModelConfig } from '../../run/run-config.ts';
import type { NetworkSpec } from '../network.ts';
import {
  NetworkLayout,
  scaledChannels,
  scaledLayers,
  stemStrideOf,
  type Scale,
} from '../nn/layout.ts';
import type { ResNetVariant, StageSpec } from './variants.ts';

export interface BlockSpec {
  /** Such as `blocks.3`; prefix of its parameters' names. */
  readonly name: string;
  /** Row of the paper's table, and place within it; from 0. */
  readonly stage: number;
  readonly layer: number;
  readonly stride: 1 | 2;
  readonly inputChannels: number;
  readonly innerChannels: number;
  readonly outputChannels: number;
  /** Whether the shortcut is projected: in the first block of a stage. */
  readonly isProjected: boolean;
}

export interface ResNetSpec extends NetworkSpec {
  readonly stemChannels: number;
  /** 1: a 3x3 convolution, without the pooling after it. */
  readonly stemStride: 1 | 2;
  /** As scaled. */
  readonly stages: readonly StageSpec[];
  readonly blocks: readonly BlockSpec[];
}

const CHANNEL_UNIT = 8;

/** Side of the stem's kernel: as in the paper's networks for ImageNet, and for CIFAR-10. */
function stemSideOf({ stemStride }: Pick<ResNetSpec, 'stemStride'>): number {
  return stemStride === 2 ? 7 : 3;
}

/** The network of a variant; `scale` multiplies channels (to multiples of 8) and layers. */
export function specOf(
  variant: ResNetVariant,
  classCount: number,
  scale: Scale,
  config: Pick<ModelConfig, 'stemStride'>,
): ResNetSpec {
  const channelsOf = (channels: number): number =>
    scaledChannels(channels, scale.width, CHANNEL_UNIT);
  const stages = variant.stages.map((row) => ({
    ...row,
    channels: row.expansion * channelsOf(row.channels / row.expansion),
    layers: scaledLayers(row.layers, scale.depth),
  }));
  const stemChannels = channelsOf(variant.stem);
  const blocks: BlockSpec[] = [];
  let inputChannels = stemChannels;
  for (const [stage, { channels: outputChannels, ...row }] of stages.entries()) {
    for (let layer = 0; layer < row.layers; layer++) {
      blocks.push({
        name: `blocks.${blocks.length}`,
        stage,
        layer,
        stride: layer === 0 ? row.stride : 1,
        inputChannels,
        innerChannels: outputChannels / row.expansion,
        outputChannels,
        isProjected: layer === 0,
      });
      inputChannels = outputChannels;
    }
  }
  return {
    name: variant.name,
    classCount,
    featureChannels: inputChannels,
    // 1 - rate l / L for l from 1 to L (Huang et al., 2016, equation 4).
    survivalProbabilities: blocks.map(
      (_, index) => 1 - (scale.stochasticDepthRate * (index + 1)) / blocks.length,
    ),
    stemChannels,
    stemStride: stemStrideOf(config),
    stages,
    blocks,
  };
}

/** All trainable parameters and moving statistics, in the order of the forward pass. */
export function layoutOf(spec: ResNetSpec): NetworkLayout {
  const layout = new NetworkLayout();
  const stemSide = stemSideOf(spec);
  layout.convolution('stem.conv', [stemSide, stemSide, 3, spec.stemChannels]);
  layout.batchNorm('stem.norm', spec.stemChannels);
  for (const block of spec.blocks) addBlock(layout, block);
  // PyTorch's rule for linear layers.
  const bound = 1 / Math.sqrt(spec.featureChannels);
  layout.dense('head.dense', spec.featureChannels, spec.classCount, { uniform: bound });
  return layout;
}

function addBlock(layout: NetworkLayout, block: BlockSpec): void {
  const { name, inputChannels, innerChannels, outputChannels } = block;
  const add = (layer: string, norm: string, side: number, from: number, to: number): void => {
    layout.convolution(`${name}.${layer}`, [side, side, from, to]);
    layout.batchNorm(`${name}.${norm}`, to);
  };
  add('conv1', 'norm1', 1, inputChannels, innerChannels);
  add('conv2', 'norm2', 3, innerChannels, innerChannels);
  add('conv3', 'norm3', 1, innerChannels, outputChannels);
  if (block.isProjected) add('shortcut', 'shortcut_norm', 1, inputChannels, outputChannels);
}

export function multiplyAdds(spec: ResNetSpec, imageSizePx: number): number {
  let side = Math.ceil(imageSizePx / spec.stemStride);
  let sum = side ** 2 * stemSideOf(spec) ** 2 * 3 * spec.stemChannels;
  if (spec.stemStride === 2) side = Math.ceil(side / 2);
  for (const block of spec.blocks) {
    const { inputChannels, innerChannels: inner, outputChannels } = block;
    const before = side ** 2;
    side = Math.ceil(side / block.stride);
    const after = side ** 2;
    sum += before * inputChannels * inner + after * inner * (9 * inner + outputChannels);
    if (block.isProjected) sum += after * inputChannels * outputChannels;
  }
  return sum + spec.featureChannels * spec.classCount;
}
