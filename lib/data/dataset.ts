/** The interface of a dataset: named classes, and two splits of uint8 images. */

/** One decoded image: interleaved rows of uint8, `heightPx * widthPx * channels` bytes. */
export interface Sample {
  /** Callers must not change it; it may be a view into the whole split. */
  readonly pixels: Uint8Array;
  readonly heightPx: number;
  readonly widthPx: number;
  readonly channels: 1 | 3;
  /** Class index, 0 to classNames.length - 1. */
  readonly label: number;
}

/** A fixed sequence of samples, in an order that never changes. */
export interface DatasetSplit {
  readonly sampleCount: number;
  /** Class of a sample, without decoding it. */
  labelOf(index: number): number;
  /** Reads synchronously if the split is decoded in memory; otherwise null. */
  readonly readNow: ((index: number) => Sample) | null;
  /**
   * Decodes sample `index` (0 to sampleCount - 1). `targetPx` is the wanted side: a much larger
   * image may be halved while it is decoded, never below twice that side.
   * @throws CRESCENDO_IMAGE_UNREADABLE naming the file
   */
  read(index: number, targetPx: number): Promise<Sample>;
}

export interface Dataset {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly train: DatasetSplit;
  readonly validation: DatasetSplit;
}

/**
 * What the coordinator needs to know about a dataset, without pixels. Counts respect the run's
 * limits.
 */
export interface DatasetDescription {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
}

/** Receives progress lines for the user: fetching, converting, indexing. */
export type ProgressListener = (line: string) => void;

/** The number of samples that a run uses of `count`, with at most `limit` (0 = all). */
export function limitedCount(count: number, limit: number): number {
  return limit === 0 ? count : Math.min(count, limit);
}
