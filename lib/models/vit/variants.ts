/**
 * The vision transformers as a table (Dosovitskiy et al., "An Image is Worth 16x16 Words:
 * Transformers for Image Recognition at Scale", 2021, Table 1).
 */
import type { Variant } from '../family.ts';

export interface ViTVariant extends Variant {
  readonly layers: number;
  readonly channels: number;
  /** Channels of one attention head. */
  readonly headChannels: number;
  /** Feed-forward layers are so many times wider within. */
  readonly expandRatio: number;
}

export const VIT_VARIANTS: readonly ViTVariant[] = [
  variant('vit-b16', 12, 768),
  variant('vit-l16', 24, 1024),
];

function variant(name: string, layers: number, channels: number): ViTVariant {
  return {
    name,
    layers,
    channels,
    headChannels: 64,
    expandRatio: 4,
  };
}
