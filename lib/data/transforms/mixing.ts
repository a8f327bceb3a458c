/**
 * Mixes samples of a micro-batch by mixup and CutMix. Sample i is paired with sample B - 1 - i, as
 * in EfficientNetV2's training. Draws are functions of seed and stream position. Pure.
 */
import type { RandomStream } from '../../base/random.ts';
import type { Recipe } from '../../run/run-config.ts';
import { sampleStream } from './augment.ts';

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
 * EfficientNetV2's training and Zhang et al., "mixup" (2018). For images and for targets.
 */
export function mixRows(rows: Float32Array, ratios: readonly number[]): void {
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

/** The rows to mix: B images and B targets. */
export interface MixedRows {
  /** B x side x side x 3 */
  readonly images: Float32Array;
  /** B x classes */
  readonly targets: Float32Array;
  readonly sidePx: number;
}

export interface MixSettings {
  readonly seed: number;
  readonly recipe: Recipe;
  readonly mixupAlpha: number;
  readonly cutmixAlpha: number;
}

/**
 * Mixes a micro-batch in place. With both alphas above 0, mixup applies to the first half and
 * CutMix to the second, each half paired within itself, as in google/automl's data pipeline.
 * @param firstPosition stream position of the first row
 */
export function mixMicroBatch(rows: MixedRows, firstPosition: number, settings: MixSettings): void {
  const { mixupAlpha, cutmixAlpha } = settings;
  const count = rows.images.length / (rows.sidePx * rows.sidePx * 3);
  if (count === 0) return;
  const half = mixupAlpha > 0 && cutmixAlpha > 0 ? Math.floor(count / 2) : 0;
  const mixed = mixupAlpha === 0 ? 0 : cutmixAlpha === 0 ? count : half;
  if (mixed > 0) {
    const positions = Array.from({ length: mixed }, (_, row) => firstPosition + row);
    const ratios = positions.map((position) => mixupRatio(settings.seed, position, mixupAlpha));
    const part = rowsBetween(rows, 0, mixed, count);
    mixRows(part.images, ratios);
    mixRows(part.targets, ratios);
  }
  if (cutmixAlpha > 0 && mixed < count) {
    cutMix(rowsBetween(rows, mixed, count, count), count - mixed, firstPosition + mixed, settings);
  }
}

function rowsBetween(rows: MixedRows, begin: number, end: number, count: number): MixedRows {
  const cut = (values: Float32Array): Float32Array => {
    const length = values.length / count;
    return values.subarray(begin * length, end * length);
  };
  return { images: cut(rows.images), targets: cut(rows.targets), sidePx: rows.sidePx };
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
 * Each sample takes the pixels of its box from its partner. Its target is weighted by the area of
 * the box; in the released code's form by the mean area of all boxes, for every sample.
 */
function cutMix(
  rows: MixedRows,
  count: number,
  firstPosition: number,
  settings: MixSettings,
): void {
  const { sidePx } = rows;
  const boxes = Array.from({ length: count }, (_, row) =>
    cutMixBox(
      sampleStream(settings.seed, 'cutmix', firstPosition + row),
      settings.cutmixAlpha,
      sidePx,
    ),
  );
  const areas = boxes.map(
    ({ left, right, top, bottom }) => ((right - left) * (bottom - top)) / (sidePx * sidePx),
  );
  const meanArea = areas.reduce((sum, area) => sum + area, 0) / count;
  const imageFloats = sidePx * sidePx * 3;
  const whole = rows.images.slice();
  for (const [row, { left, right, top, bottom }] of boxes.entries()) {
    for (let y = top; y < bottom; y++) {
      const [begin, end] = [(y * sidePx + left) * 3, (y * sidePx + right) * 3];
      const source = (count - 1 - row) * imageFloats;
      rows.images.set(whole.subarray(source + begin, source + end), row * imageFloats + begin);
    }
  }
  mixRows(
    rows.targets,
    areas.map((area) => 1 - (settings.recipe === 'automl' ? meanArea : area)),
  );
}
