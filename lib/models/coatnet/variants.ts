/**
 * The CoAtNet family as a table (Dai, Liu, Le, Tan, "CoAtNet: Marrying Convolution and Attention
 * for All Data Sizes", 2021, Table 3 and appendix A.2). The widths of heads in CoAtNet-5 to -7 and
 * the layout of CoAtNet-6 are not published; docs/models.md says how they were chosen.
 */
import type { Variant } from '../family.ts';

/** One row: block kind, output channels, layers; halves the image in its first layer or not. */
export interface StageSpec {
  readonly kind: 'mbconv' | 'attention';
  readonly channels: number;
  readonly layers: number;
  readonly stride: 1 | 2;
  /** Side of the kernel of MBConv, in pixels. */
  readonly kernelSide: 3 | 5;
  /** MBConv and feed-forward layers are so many times wider within. */
  readonly expandRatio: number;
  /** Squeeze width of MBConv over its channels; 0: no squeeze-and-excitation. */
  readonly squeezeRatio: number;
  /** Channels of one attention head. */
  readonly headChannels: number;
}

export interface CoAtNetVariant extends Variant {
  readonly stem: number;
  readonly stages: readonly StageSpec[];
}

type Row = readonly [kind: 'C' | 'T', channels: number, layers: number, stride?: 1];

function variant(
  name: string,
  stem: number,
  rows: readonly Row[],
  headChannels: number,
): CoAtNetVariant {
  const stages = rows.map(([kind, channels, layers, stride]): StageSpec => ({
    kind: kind === 'C' ? 'mbconv' : 'attention',
    channels,
    layers,
    stride: stride ?? 2,
    kernelSide: 3,
    expandRatio: 4,
    squeezeRatio: kind === 'C' ? 0.25 : 0,
    headChannels,
  }));
  return {
    name: `coatnet-${name}`,
    stem,
    stages,
  };
}

// prettier-ignore
export const COATNET_VARIANTS: readonly CoAtNetVariant[] = [
  // C: MBConv, T: transformer; channels, layers; in 6 and 7 S3 has both, at one resolution
  variant('0',  64, [['C',  96, 2], ['C', 192,  3], ['T',  384,  5], ['T',  768, 2]],  32),
  variant('1',  64, [['C',  96, 2], ['C', 192,  6], ['T',  384, 14], ['T',  768, 2]],  32),
  variant('2', 128, [['C', 128, 2], ['C', 256,  6], ['T',  512, 14], ['T', 1024, 2]],  32),
  variant('3', 192, [['C', 192, 2], ['C', 384,  6], ['T',  768, 14], ['T', 1536, 2]],  32),
  variant('4', 192, [['C', 192, 2], ['C', 384, 12], ['T',  768, 28], ['T', 1536, 2]],  32),
  variant('5', 192, [['C', 256, 2], ['C', 512, 12], ['T', 1280, 28], ['T', 2048, 2]],  64),
  variant('6', 192, [['C', 192, 2], ['C', 384,  4], ['C', 768, 8],
    ['T', 1536, 42, 1], ['T', 2048, 2]], 128),
  variant('7', 192, [['C', 256, 2], ['C', 512,  4], ['C', 1024, 8],
    ['T', 2048, 42, 1], ['T', 3072, 2]], 128),
];
