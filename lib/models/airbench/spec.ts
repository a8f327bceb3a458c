/**
 * The spec of an airbench network, and the parameters and multiply-adds that follow from it: a
 * convolution that whitens, three groups of 3x3 convolutions that each halve the map, a linear
 * layer.
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
import type { AirbenchVariant } from './variants.ts';
import { WHITENING_CHANNELS, whiteningKernel } from './whitening.ts';

export interface GroupSpec {
  /** Such as `blocks.1`; prefix of its parameters' names. */
  readonly name: string;
  readonly inputChannels: number;
  readonly outputChannels: number;
  /** Convolutions; the map is halved behind the first one. */
  readonly layers: number;
}

export interface AirbenchSpec extends NetworkSpec {
  readonly stemStride: 1 | 2;
  readonly groups: readonly GroupSpec[];
}

/** Side of the whitening filters. */
const STEM_SIDE = 2;
const CHANNEL_UNIT = 8;

/** The network of a variant; `scale` multiplies channels (to multiples of 8) and layers. */
export function specOf(
  variant: AirbenchVariant,
  classCount: number,
  scale: Scale,
  config: Pick<ModelConfig, 'stemStride'>,
): AirbenchSpec {
  let inputChannels = WHITENING_CHANNELS;
  const groups = variant.groups.map(({ channels, layers }, index) => {
    const outputChannels = scaledChannels(channels, scale.width, CHANNEL_UNIT);
    const group = {
      name: `blocks.${index}`,
      inputChannels,
      outputChannels,
      layers: scaledLayers(layers, scale.depth),
    };
    inputChannels = outputChannels;
    return group;
  });
  return {
    name: variant.name,
    classCount,
    featureChannels: inputChannels,
    survivalProbabilities: [],
    stemStride: stemStrideOf(config),
    groups,
  };
}

/** All trainable parameters and moving statistics, in the order of the forward pass. */
export function layoutOf(spec: AirbenchSpec): NetworkLayout {
  const layout = new NetworkLayout();
  layout.add('stem.conv.kernel', [STEM_SIDE, STEM_SIDE, 3, WHITENING_CHANNELS], 'kernel', {
    values: whiteningKernel(),
  });
  layout.bias('stem.conv', WHITENING_CHANNELS);
  for (const { name, inputChannels, outputChannels, layers } of spec.groups) {
    for (let layer = 0; layer < layers; layer++) {
      const inputs = layer === 0 ? inputChannels : outputChannels;
      layout.add(`${name}.conv${layer + 1}.kernel`, [3, 3, inputs, outputChannels], 'kernel', {
        identity: 1 / Math.sqrt(9 * inputs),
      });
      layout.batchNorm(`${name}.norm${layer + 1}`, outputChannels);
    }
  }
  // PyTorch's rule for linear layers.
  const bound = 1 / Math.sqrt(spec.featureChannels);
  layout.dense('head.dense', spec.featureChannels, spec.classCount, { uniform: bound });
  return layout;
}

export function multiplyAdds(spec: AirbenchSpec, imageSizePx: number): number {
  let side = Math.floor((imageSizePx - STEM_SIDE) / spec.stemStride) + 1;
  let sum = side ** 2 * STEM_SIDE ** 2 * 3 * WHITENING_CHANNELS;
  for (const { inputChannels, outputChannels, layers } of spec.groups) {
    sum += side ** 2 * 9 * inputChannels * outputChannels;
    side = Math.floor(side / 2);
    sum += (layers - 1) * side ** 2 * 9 * outputChannels ** 2;
  }
  return sum + spec.featureChannels * spec.classCount;
}
