/** What a dataset is to the rest of the program: named classes, and two splits of uint8 images. */

/** One decoded image: interleaved rows of uint8, `heightPx * widthPx * channels` bytes. */
export interface Sample {
  /** Only read by callers; may be a view into the whole split. */
  readonly pixels: Uint8Array;
  readonly heightPx: number;
  readonly widthPx: number;
  readonly channels: 1 | 3;
  /** Class index, 0 to classNames.length - 1. */
  readonly label: number;
}

/** A fixed sequence of samples. The order is the dataset's own and never changes. */
export interface DatasetSplit {
  readonly sampleCount: number;
  /** Class of a sample, without decoding it. */
  labelOf(index: number): number;
  /** Synchronous reading, where the split lies decoded in memory; otherwise null. */
  readonly readNow: ((index: number) => Sample) | null;
  /**
   * Decodes sample `index` (0 to sampleCount - 1). `targetPx` says how large an image is wanted: a
   * much larger one may be halved while it is decoded, never below twice that size.
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

/** What a coordinator needs to know about a dataset; no pixels. Counts honour the run's limits. */
export interface DatasetDescription {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
}

/** Takes one line of text for the user: fetching, converting, indexing. */
export type ProgressListener = (line: string) => void;

/** The samples of `count` that a run uses when it asks for at most `limit` (0 = all). */
export function limitedCount(count: number, limit: number): number {
  return limit === 0 ? count : Math.min(count, limit);
}
