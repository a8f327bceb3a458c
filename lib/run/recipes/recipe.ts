/** What a publication says of how its networks are trained. Pure. */
import type { RunConfig } from '../run-config.ts';

/** Parts of a run file. */
export type RecipeContent = {
  readonly [Group in keyof RunConfig]?: Readonly<Record<string, unknown>>;
};

/** What the run file says of length and batch, by which learning rates and schedules go. */
export interface RecipeLength {
  readonly globalSize: number;
  /** Undefined where the length is given in steps. */
  readonly epochs: number | undefined;
  /** 0 where the length is given in epochs. */
  readonly steps: number;
}

export interface ModelRecipe {
  /** The publication, for people. */
  readonly source: string;
  readonly trainImageSizePx: number;
  readonly evaluationImageSizePx: number;
  readonly schedule: Partial<RunConfig['schedule']>;
  /** Other parts of the run file that do not go by its length, but for `training`. */
  readonly content: RecipeContent;
  /** Optimizer, learning rate and loss, as they were published. */
  readonly training: (length: RecipeLength) => Readonly<Record<string, unknown>>;
  /** Whether `training` is what a run file has that says nothing of it. */
  readonly isDefault: boolean;
}

/** How ImageNet's images are cropped, but for those of EfficientNetV2. */
export const IMAGENET_CROPS = {
  augmentation: { crop: 'resized' },
  evaluation: { crop: 'center' },
} as const;

/** Trained and evaluated at one image size, with settings that do not change. */
export function constantSchedule(
  sizePx: number,
  settings: { randAugmentMagnitude: number; mixupAlpha: number; dropoutRate: number },
): Pick<ModelRecipe, 'trainImageSizePx' | 'evaluationImageSizePx' | 'schedule'> {
  const always = (value: number): { min: number; max: number } => ({ min: value, max: value });
  return {
    trainImageSizePx: sizePx,
    evaluationImageSizePx: sizePx,
    schedule: {
      phases: 1,
      imageSizePx: always(sizePx),
      randAugmentMagnitude: always(settings.randAugmentMagnitude),
      mixupAlpha: always(settings.mixupAlpha),
      dropoutRate: always(settings.dropoutRate),
    },
  };
}

/**
 * A published learning rate for another batch: in proportion to it (Goyal et al., "Accurate, large
 * minibatch SGD", 2017), or to its square root for Adam's kind (Malladi et al., "On the SDEs and
 * scaling rules for adaptive gradient algorithms", 2022).
 */
export function scaledRate(
  published: { readonly rate: number; readonly batch: number; readonly isAdaptive: boolean },
  globalSize: number,
): number {
  const ratio = globalSize / published.batch;
  const rate = published.rate * (published.isAdaptive ? Math.sqrt(ratio) : ratio);
  return Number(rate.toPrecision(6));
}

/** A rise over the same share of the run as that of the publication. */
export function warmupOf(share: number, { epochs, steps }: RecipeLength): Record<string, number> {
  if (epochs === undefined) return { warmupSteps: Math.round(share * steps) };
  return { warmupEpochs: Number((share * epochs).toPrecision(4)) };
}

/**
 * Steps down, as often in the run as in that of the publication. Their length is in epochs, so
 * where only the steps of a run are known it falls along a cosine.
 */
export function stairs(
  decayRate: number,
  share: number,
  { epochs }: RecipeLength,
): Record<string, unknown> {
  if (epochs === undefined) return { decay: 'cosine' };
  return { decay: 'exponential', decayRate, decayEpochs: Number((share * epochs).toPrecision(4)) };
}
