/**
 * The ResNet family as a table (He, Zhang, Ren, Sun, "Deep Residual Learning for Image
 * Recognition", 2016, Table 1).
 */
import { constantSchedule, type Variant } from '../family.ts';

export interface ResNetVariant extends Variant {
  /** How many blocks each stage has. */
  readonly layers: readonly number[];
}

export const RESNET_VARIANTS: readonly ResNetVariant[] = [
  variant('resnet-50', [3, 4, 6, 3]),
  variant('resnet-152', [3, 8, 36, 3]),
];

function variant(name: string, layers: readonly number[]): ResNetVariant {
  return {
    name,
    layers,
    // The paper trains with crops and flips alone.
    ...constantSchedule(224, { randAugmentMagnitude: 0, mixupAlpha: 0, dropoutRate: 0 }),
  };
}
