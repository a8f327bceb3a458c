/**
 * The airbench family as a table (Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024,
 * sections 2 and 3.6, and the code released with it).
 */
import type { Variant } from '../family.ts';

export interface AirbenchVariant extends Variant {
  readonly groups: readonly {
    readonly channels: number;
    /** Convolutions. */
    readonly layers: number;
  }[];
}

export const AIRBENCH_VARIANTS: readonly AirbenchVariant[] = [
  variant('airbench-94', [64, 256, 256]),
  variant('airbench-95', [128, 384, 384]),
];

function variant(name: string, channels: readonly number[]): AirbenchVariant {
  return {
    name,
    groups: channels.map((count) => ({ channels: count, layers: 2 })),
  };
}
