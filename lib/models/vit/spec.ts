/**
 * The spec of a vision transformer, and the parameters and multiply-adds that follow from it.
 * Initial values are those of the authors' code (google-research/vision_transformer).
 */
import { CrescendoError } from '../../base/errors.ts';
import type { ModelConfig } from '../../run/run-config.ts';
import type { NetworkSpec } from '../network.ts';
import { NetworkLayout, scaledChannels, scaledLayers, type Scale } from '../nn/layout.ts';
import type { ViTVariant } from './variants.ts';

export interface BlockSpec {
  /** Such as `blocks.3`; prefix of its parameters' names. */
  readonly name: string;
  /** Index of the attention's residual branch; the branch of the feed-forward layer is the next. */
  readonly firstBranch: number;
}

export interface ViTSpec extends NetworkSpec {
  readonly heads: number;
  readonly expandRatio: number;
  readonly blocks: readonly BlockSpec[];
}

export const PATCH_SIDE_PX = 16;
/** Position embeddings are made for so many patches a side, those of 224 px. */
export const TABLE_SIDE = 14;

/**
 * The network of a variant; `scale` multiplies channels (to whole heads) and layers.
 * @throws CRESCENDO_CONFIG_INVALID for another stride of the stem than the default one
 */
export function specOf(
  variant: ViTVariant,
  classCount: number,
  scale: Scale,
  { stemStride }: Pick<ModelConfig, 'stemStride'>,
): ViTSpec {
  if (stemStride !== 2) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `model.stemStride is ${stemStride}, and ${variant.name} has patches of 16 px in place of a ` +
        'first convolution with a stride: leave it out',
    );
  }
  const channels = scaledChannels(variant.channels, scale.width, variant.headChannels);
  const layers = scaledLayers(variant.layers, scale.depth);
  const indices = Array.from({ length: layers }, (_, index) => index);
  return {
    name: variant.name,
    classCount,
    featureChannels: channels,
    survivalProbabilities: indices.flatMap((index) => {
      // Linear from 1 to 1 - rate (Steiner et al., "How to train your ViT?", 2022; timm).
      const survival = 1 - (scale.stochasticDepthRate * index) / Math.max(1, layers - 1);
      return [survival, survival];
    }),
    heads: channels / variant.headChannels,
    expandRatio: variant.expandRatio,
    blocks: indices.map((index) => ({ name: `blocks.${index}`, firstBranch: 2 * index })),
  };
}

/** All trainable parameters, in the order of the forward pass. */
export function layoutOf(spec: ViTSpec): NetworkLayout {
  const layout = new NetworkLayout();
  const { featureChannels: channels, classCount } = spec;
  const pixels = PATCH_SIDE_PX ** 2 * 3;
  layout.add('stem.patches.kernel', [PATCH_SIDE_PX, PATCH_SIDE_PX, 3, channels], 'kernel', {
    truncatedNormal: Math.sqrt(1 / pixels),
  });
  layout.bias('stem.patches', channels);
  layout.add('stem.class_token.table', [1, channels], 'table', { constant: 0 });
  layout.add('stem.positions.table', [1 + TABLE_SIDE ** 2, channels], 'table', { normal: 0.02 });
  for (const { name } of spec.blocks) addBlock(layout, name, channels, spec.expandRatio * channels);
  layout.norm('head.norm', channels);
  layout.dense('head.dense', channels, classCount, { constant: 0 });
  return layout;
}

function addBlock(layout: NetworkLayout, name: string, channels: number, wide: number): void {
  layout.norm(`${name}.attention_norm`, channels);
  // Queries, keys and values lie together, and each starts as a matrix of its own.
  layout.dense(`${name}.qkv`, channels, 3 * channels, glorot(channels, channels));
  layout.dense(`${name}.attention_project`, channels, channels, glorot(channels, channels));
  layout.norm(`${name}.feed_forward_norm`, channels);
  addFeedForward(layout, `${name}.feed_forward_expand`, channels, wide);
  addFeedForward(layout, `${name}.feed_forward_project`, wide, channels);
}

function addFeedForward(
  layout: NetworkLayout,
  name: string,
  inputs: number,
  outputs: number,
): void {
  layout.add(`${name}.kernel`, [inputs, outputs], 'dense', glorot(inputs, outputs));
  layout.add(`${name}.bias`, [outputs], 'bias', { normal: 1e-6 });
}

/**
 * Glorot and Bengio, "Understanding the difficulty of training deep feedforward networks", 2010.
 */
function glorot(inputs: number, outputs: number): { readonly uniform: number } {
  return { uniform: Math.sqrt(6 / (inputs + outputs)) };
}

/** The resize of positions is not counted. */
export function multiplyAdds(spec: ViTSpec, imageSizePx: number): number {
  const { featureChannels: channels } = spec;
  const patches = Math.floor(imageSizePx / PATCH_SIDE_PX) ** 2;
  const tokens = patches + 1;
  // Queries, keys, values and the projection; the feed-forward layer; products with keys and
  // values.
  const ofBlock = tokens * channels ** 2 * (4 + 2 * spec.expandRatio) + 2 * tokens ** 2 * channels;
  const ofPatches = patches * PATCH_SIDE_PX ** 2 * 3 * channels;
  return ofPatches + spec.blocks.length * ofBlock + channels * spec.classCount;
}
