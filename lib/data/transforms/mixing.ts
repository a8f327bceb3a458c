/**
 * Draws how samples of a micro-batch are mixed by mixup and CutMix. Sample i is paired with sample
 * B - 1 - i, as in EfficientNetV2's training. Draws are functions of seed and stream position.
 * Pure.
 */
import type { RandomStream } from '../../base/random.ts';
import type { Recipe } from '../../run/run-config.ts';
import { sampleStream } from './sample-stream.ts';

/**
 * The weight of the sample itself in mixup: Beta(alpha, alpha), folded to 0.5 to 1; 1 for alpha 0.
 */
export function mixupRatio(seed: number, position: number, alpha: number): number {
  if (alpha === 0) return 1;
  const ratio = sampleStream(seed, 'mixup', position).beta(alpha, alpha);
  return Number.isNaN(ratio) ? 1 : Math.max(ratio, 1 - ratio);
}

/**
 * Mixes each row of `rows` (ratios.length rows of equal length) in place with the row that mirrors
 * it in the micro-batch: row i becomes ratio[i] * row i + (1 - ratio[i]) * row (B - 1 - i), as in
 * EfficientNetV2's training and Zhang et al., "mixup" (2018).
 */
function mixRows(rows: Float32Array, ratios: readonly number[]): void {
  const count = ratios.length;
  const length = rows.length / count;
  for (let low = 0; low < count - 1 - low; low++) {
    const high = count - 1 - low;
    const ratioLow = ratios[low] as number;
    const ratioHigh = ratios[high] as number;
    for (let at = 0; at < length; at++) {
      const a = rows[low * length + at] as number;
      const b = rows[high * length + at] as number;
      rows[low * length + at] = ratioLow * a + (1 - ratioLow) * b;
      rows[high * length + at] = ratioHigh * b + (1 - ratioHigh) * a;
    }
  }
}

/**
 * How the images of a micro-batch of B are mixed: within its box a row takes the pixels of its
 * partner, and elsewhere `ratio` of its own and the rest of its partner's. Partners mirror each
 * other in the first `mixupCount` rows, and in the rows behind.
 */
export interface Mixing {
  readonly mixupCount: number;
  /** B, 0 to 1. */
  readonly ratios: Float32Array;
  /** B; empty ones with mixup. */
  readonly boxes: readonly CutBox[];
}

export interface MixSettings {
  readonly seed: number;
  readonly recipe: Recipe;
  readonly mixupAlpha: number;
  readonly cutmixAlpha: number;
  readonly sidePx: number;
}

type MixAlphas = Pick<MixSettings, 'mixupAlpha' | 'cutmixAlpha'>;

const NO_BOX: CutBox = { left: 0, right: 0, top: 0, bottom: 0 };

/** Whether a phase mixes images. */
export function isMixing({ mixupAlpha, cutmixAlpha }: MixAlphas): boolean {
  return mixupAlpha > 0 || cutmixAlpha > 0;
}

/** To how many of the first rows of a micro-batch mixup applies; CutMix does to the others. */
export function mixupCountOf(count: number, { mixupAlpha, cutmixAlpha }: MixAlphas): number {
  if (mixupAlpha === 0) return 0;
  return cutmixAlpha === 0 ? count : Math.floor(count / 2);
}

/** Every row as it is. */
export function noMixing(count: number): Mixing {
  return {
    mixupCount: 0,
    ratios: new Float32Array(count).fill(1),
    boxes: Array.from({ length: count }, () => NO_BOX),
  };
}

/**
 * Draws how the images of a micro-batch are mixed, and mixes its targets (B x C) in place. With
 * both alphas above 0, mixup applies to the first half and CutMix to the second, each half paired
 * within itself, as in google/automl's data pipeline.
 * @param firstPosition stream position of the first row
 */
export function mixMicroBatch(
  targets: Float32Array,
  count: number,
  firstPosition: number,
  settings: MixSettings,
): Mixing {
  const { mixupAlpha, cutmixAlpha } = settings;
  const mixed = mixupCountOf(count, settings);
  const classes = targets.length / Math.max(1, count);
  const ratios = Array.from({ length: mixed }, (_, row) =>
    mixupRatio(settings.seed, firstPosition + row, mixupAlpha),
  );
  mixRows(targets.subarray(0, mixed * classes), ratios);
  const boxes = Array.from({ length: count - mixed }, (_, row) => {
    const stream = sampleStream(settings.seed, 'cutmix', firstPosition + mixed + row);
    return cutMixBox(stream, cutmixAlpha, settings.sidePx);
  });
  mixRows(targets.subarray(mixed * classes), keptAreas(boxes, settings));
  return {
    mixupCount: mixed,
    ratios: Float32Array.from({ length: count }, (_, row) => ratios[row] ?? 1),
    boxes: [...ratios.map(() => NO_BOX), ...boxes],
  };
}

/** Whole pixels [left, right) x [top, bottom). */
export interface CutBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/**
 * CutMix's box (Yun et al., "CutMix", 2019): sides are sqrt(1 - Beta(alpha, alpha)) of the image's,
 * the center is uniform, and the box is clipped at the borders.
 */
export function cutMixBox(stream: RandomStream, alpha: number, sidePx: number): CutBox {
  const [centerX, centerY] = [stream.below(sidePx), stream.below(sidePx)];
  const kept = stream.beta(alpha, alpha);
  const side = Number.isNaN(kept) ? 0 : Math.floor(Math.sqrt(1 - kept) * sidePx);
  const half = Math.floor(side / 2);
  const clip = (at: number): number => Math.min(sidePx, Math.max(0, at));
  return {
    left: clip(centerX - half),
    right: clip(centerX + half),
    top: clip(centerY - half),
    bottom: clip(centerY + half),
  };
}

/**
 * The weight of a sample's own target under CutMix: the area outside of its box; in the released
 * code's form the mean of that over all boxes, for every sample.
 */
function keptAreas(boxes: readonly CutBox[], { recipe, sidePx }: MixSettings): number[] {
  const areas = boxes.map(
    ({ left, right, top, bottom }) => ((right - left) * (bottom - top)) / (sidePx * sidePx),
  );
  const meanArea = areas.reduce((sum, area) => sum + area, 0) / areas.length;
  return areas.map((area) => 1 - (recipe === 'automl' ? meanArea : area));
}
