/**
 * The ResNet family as a table (He, Zhang, Ren, Sun, "Deep Residual Learning for Image
 * Recognition", 2016, Table 1).
 */
import type { Variant } from '../family.ts';

/** One row: the blocks of a stage. */
export interface StageSpec {
  /** Channels that a block gives. */
  readonly channels: number;
  /** Over those of its 3x3 convolution. */
  readonly expansion: number;
  readonly layers: number;
  /** The stride of the first block. */
  readonly stride: 1 | 2;
}

export interface ResNetVariant extends Variant {
  readonly stem: number;
  readonly stages: readonly StageSpec[];
}

export const RESNET_VARIANTS: readonly ResNetVariant[] = [
  variant('resnet-50', [3, 4, 6, 3]),
  variant('resnet-152', [3, 8, 36, 3]),
];

function variant(name: string, layers: readonly number[]): ResNetVariant {
  return {
    name,
    stem: 64,
    stages: layers.map((count, stage) => ({
      channels: 256 * 2 ** stage,
      expansion: 4,
      layers: count,
      stride: stage === 0 ? 1 : 2,
    })),
  };
}
