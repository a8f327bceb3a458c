/**
 * The airbench family as a table (Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", 2024,
 * sections 2 and 3.6, and the code released with it).
 */
import { constantSchedule } from '../../run/recipes/recipe.ts';
import type { Variant } from '../family.ts';

export interface AirbenchVariant extends Variant {
  readonly groups: readonly {
    readonly channels: number;
    /** Convolutions. */
    readonly layers: number;
  }[];
}

/** The paper trains with shifts, flips and cutout alone. */
export const TRAINED_AT_32 = constantSchedule(32, {
  randAugmentMagnitude: 0,
  mixupAlpha: 0,
  dropoutRate: 0,
});

export const AIRBENCH_VARIANTS: readonly AirbenchVariant[] = [
  variant('airbench-94', [64, 256, 256]),
  variant('airbench-95', [128, 384, 384]),
];

function variant(name: string, channels: readonly number[]): AirbenchVariant {
  return {
    name,
    groups: channels.map((count) => ({ channels: count, layers: 2 })),
    ...TRAINED_AT_32,
  };
}
