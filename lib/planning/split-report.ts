/** What the images of a split are like, by what is known of them without decoding any. */
import type { DatasetSplit } from '../data/dataset.ts';

/** So many images of a larger dataset are looked at, evenly spread. */
const SIZED_MAX = 100_000;

/** Least, median and most. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export interface SplitReport {
  readonly sampleCount: number;
  /** Undefined where the split has no images that can be read. */
  readonly widthPx: Spread | undefined;
  readonly heightPx: Spread | undefined;
  /** How many images the sizes are of. */
  readonly sizedCount: number;
}

/** Samples of each class. */
export function classCounts(split: DatasetSplit, classCount: number): Uint32Array {
  const counts = new Uint32Array(classCount);
  for (let index = 0; index < split.sampleCount; index++) {
    const label = split.labelOf(index);
    counts[label] = (counts[label] ?? 0) + 1;
  }
  return counts;
}

/** How many images a split has, and of what sizes. */
export function splitReport(split: DatasetSplit): SplitReport {
  const { sampleCount } = split;
  const every = Math.max(1, Math.ceil(sampleCount / SIZED_MAX));
  const widths: number[] = [];
  const heights: number[] = [];
  for (let index = 0; index < sampleCount; index += every) {
    const image = split.imageOf(index);
    if (image.kind === 'unreadable') continue;
    widths.push(image.widthPx);
    heights.push(image.heightPx);
  }
  const sizedCount = widths.length;
  return { sampleCount, widthPx: spreadOf(widths), heightPx: spreadOf(heights), sizedCount };
}

function spreadOf(values: number[]): Spread | undefined {
  const sorted = values.sort((left, right) => left - right);
  const [min, median, max] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)];
  if (min === undefined || median === undefined || max === undefined) return undefined;
  return { min, median, max };
}
