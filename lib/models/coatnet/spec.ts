/**
 * The spec of a CoAtNet, and the parameters and multiply-adds that follow from it. Blocks follow
 * the authors' published code of MaxViT, which is built on CoAtNet's: pre-norm, SE and expansion
 * from the output width, a bias on each block's last convolution, a head with a hidden tanh layer.
 */
import type { CoAtNetConfig, ModelConfig } from '../../run/run-config.ts';
import type { NetworkSpec } from '../network.ts';
import {
  NetworkLayout,
  scaledChannels,
  scaledLayers,
  stemStrideOf,
  type Scale,
} from '../nn/layout.ts';
import type { CoAtNetVariant, StageSpec } from './variants.ts';

export interface BlockSpec {
  /** Such as `blocks.3`; prefix of its parameters' names. */
  readonly name: string;
  /** Row of the variant's table, and place within it; from 0. */
  readonly stage: number;
  readonly layer: number;
  readonly kind: 'mbconv' | 'attention';
  readonly stride: 1 | 2;
  readonly kernelSide: 3 | 5;
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Width within MBConv, or within the feed-forward layer behind an attention. */
  readonly expandedChannels: number;
  /** 0: no squeeze-and-excitation. */
  readonly squeezeChannels: number;
  readonly heads: number;
  /** Side of the feature map, in pixels, that the relative-bias table is made for. */
  readonly tableSide: number;
  /** Index of its first residual branch; attention has two. */
  readonly firstBranch: number;
}

export interface CoAtNetSpec extends NetworkSpec {
  readonly stemChannels: number;
  readonly stemStride: 1 | 2;
  /** As scaled. */
  readonly stages: readonly StageSpec[];
  readonly blocks: readonly BlockSpec[];
  readonly options: CoAtNetConfig;
}

const INITIAL = { normal: 0.02 } as const;

/** The network of a variant; `scale` multiplies channels (to whole heads) and layers. */
export function specOf(
  row: CoAtNetVariant,
  classCount: number,
  scale: Scale,
  config: ModelConfig,
): CoAtNetSpec {
  const { coatnet: options } = config;
  const stemStride = stemStrideOf(config);
  const stages = row.stages.map((stage) => ({
    ...stage,
    channels: scaledChannels(stage.channels, scale.width, stage.headChannels),
    layers: scaledLayers(stage.layers, scale.depth),
  }));
  const blockCount = stages.reduce((sum, { layers }) => sum + layers, 0);
  const blocks: BlockSpec[] = [];
  const { headChannels: unit } = row.stages[0] as StageSpec;
  const stemChannels = scaledChannels(row.stem, scale.width, unit);
  let inputChannels = stemChannels;
  let side = Math.ceil(options.tableImageSizePx / stemStride);
  const survivalProbabilities: number[] = [];
  for (const [stage, { kind, channels, layers, stride, ...form }] of stages.entries()) {
    side = Math.ceil(side / stride);
    for (let layer = 0; layer < layers; layer++) {
      const survival = 1 - (scale.stochasticDepthRate * blocks.length) / blockCount;
      const isFromOutput = options.expandFrom === 'output' || kind === 'attention';
      const expandedChannels = (isFromOutput ? channels : inputChannels) * form.expandRatio;
      blocks.push({
        name: `blocks.${blocks.length}`,
        stage,
        layer,
        kind,
        stride: layer === 0 ? stride : 1,
        kernelSide: form.kernelSide,
        inputChannels,
        outputChannels: channels,
        expandedChannels,
        squeezeChannels: Math.floor(
          form.squeezeRatio * (options.expandFrom === 'output' ? channels : expandedChannels),
        ),
        heads: channels / form.headChannels,
        tableSide: side,
        firstBranch: survivalProbabilities.length,
      });
      survivalProbabilities.push(...(kind === 'mbconv' ? [survival] : [survival, survival]));
      inputChannels = channels;
    }
  }
  return {
    name: row.name,
    classCount,
    featureChannels: inputChannels,
    survivalProbabilities,
    stemChannels,
    stemStride,
    stages,
    blocks,
    options,
  };
}

/** All trainable parameters and moving statistics, in the order of the forward pass. */
export function layoutOf(spec: CoAtNetSpec): NetworkLayout {
  const layout = new NetworkLayout();
  const { stemChannels: stem, featureChannels: last, classCount } = spec;
  layout.add('stem.conv1.kernel', [3, 3, 3, stem], 'kernel', INITIAL);
  layout.batchNorm('stem.norm', stem);
  layout.add('stem.conv2.kernel', [3, 3, stem, stem], 'kernel', INITIAL);
  for (const block of spec.blocks) {
    if (block.kind === 'mbconv') addMbconv(layout, block);
    else addAttention(layout, block);
  }
  layout.norm('head.norm', last);
  if (spec.options.head === 'hidden') layout.dense('head.hidden', last, last, INITIAL);
  layout.dense('head.dense', last, classCount, INITIAL);
  return layout;
}

function addMbconv(layout: NetworkLayout, block: BlockSpec): void {
  const { name, kernelSide: side, inputChannels, outputChannels } = block;
  const { expandedChannels, squeezeChannels } = block;
  const kernel = (layer: string, inputs: number, outputs: number): void => {
    layout.add(`${name}.${layer}.kernel`, [1, 1, inputs, outputs], 'kernel', INITIAL);
  };
  addShortcut(layout, block);
  layout.batchNorm(`${name}.pre_norm`, inputChannels);
  kernel('expand', inputChannels, expandedChannels);
  layout.batchNorm(`${name}.expand_norm`, expandedChannels);
  layout.add(`${name}.depthwise.kernel`, [side, side, expandedChannels, 1], 'depthwise', INITIAL);
  layout.batchNorm(`${name}.depthwise_norm`, expandedChannels);
  if (squeezeChannels > 0) {
    kernel('squeeze', expandedChannels, squeezeChannels);
    layout.bias(`${name}.squeeze`, squeezeChannels);
    kernel('excite', squeezeChannels, expandedChannels);
    layout.bias(`${name}.excite`, expandedChannels);
  }
  kernel('project', expandedChannels, outputChannels);
  layout.bias(`${name}.project`, outputChannels);
}

function addAttention(layout: NetworkLayout, block: BlockSpec): void {
  const { name, inputChannels, outputChannels, expandedChannels, heads } = block;
  const table = 2 * block.tableSide - 1;
  addShortcut(layout, block);
  layout.norm(`${name}.attention_norm`, inputChannels);
  layout.dense(`${name}.qkv`, inputChannels, 3 * outputChannels, INITIAL);
  layout.add(`${name}.relative_bias.table`, [table, table, heads], 'table', INITIAL);
  layout.dense(`${name}.attention_project`, outputChannels, outputChannels, INITIAL);
  layout.norm(`${name}.feed_forward_norm`, outputChannels);
  layout.dense(`${name}.feed_forward_expand`, outputChannels, expandedChannels, INITIAL);
  layout.dense(`${name}.feed_forward_project`, expandedChannels, outputChannels, INITIAL);
}

/** A projection where the width changes. */
function addShortcut(layout: NetworkLayout, block: BlockSpec): void {
  if (block.inputChannels === block.outputChannels) return;
  layout.dense(`${block.name}.shortcut`, block.inputChannels, block.outputChannels, INITIAL);
}

/** Squeeze-and-excitation and attention are included. */
export function multiplyAdds(spec: CoAtNetSpec, imageSizePx: number): number {
  let side = Math.ceil(imageSizePx / spec.stemStride);
  let sum = side ** 2 * 9 * (3 + spec.stemChannels) * spec.stemChannels;
  for (const block of spec.blocks) {
    const before = side ** 2;
    side = Math.ceil(side / block.stride);
    const after = side ** 2;
    const { inputChannels, outputChannels, expandedChannels: expanded } = block;
    if (inputChannels !== outputChannels) sum += after * inputChannels * outputChannels;
    if (block.kind === 'mbconv') {
      const atExpand = spec.options.stride === 'expand' ? after : before;
      sum +=
        atExpand * inputChannels * expanded +
        after * expanded * (block.kernelSide ** 2 + outputChannels);
      sum += 2 * expanded * block.squeezeChannels;
    } else {
      // Queries, keys and values; products with keys and values; projection; feed-forward.
      sum += after * outputChannels * 3 * inputChannels + 2 * after ** 2 * outputChannels;
      sum += after * outputChannels * (outputChannels + 2 * expanded);
    }
  }
  const { featureChannels: last } = spec;
  return sum + (spec.options.head === 'hidden' ? last ** 2 : 0) + last * spec.classCount;
}
