/** The interface of a dataset: named classes, and two splits of stored images. */

/** A decoded image: interleaved rows of uint8, `heightPx * widthPx * channels` bytes. */
export interface PixelImage {
  readonly kind: 'pixels';
  /** Callers must not change it; it may hold the whole split. */
  readonly bytes: Uint8Array;
  /** Where the image begins in `bytes`. */
  readonly offset: number;
  readonly heightPx: number;
  readonly widthPx: number;
  readonly channels: 1 | 3;
}

/** An image in a file. */
export interface EncodedImage {
  readonly kind: 'encoded';
  /** Absolute. */
  readonly path: string;
  /** Bytes of the file that hold the image; length 0 is all of it. */
  readonly offset: number;
  readonly length: number;
  /** As it is decoded. */
  readonly heightPx: number;
  readonly widthPx: number;
  /** A JPEG image in gray or color that is not CMYK and need not be turned upright. */
  readonly isPlainJpeg: boolean;
}

export type StoredImage = PixelImage | EncodedImage;

/** An image whose header could not be read when its dataset was indexed. */
export interface UnreadableImage {
  readonly kind: 'unreadable';
  /** Where it is, in words. */
  readonly name: string;
  readonly reason: string;
}

/** Likewise, with its split. */
export interface UnreadableSample extends Pick<UnreadableImage, 'name' | 'reason'> {
  readonly split: 'train' | 'validation';
  /** Class index. */
  readonly label: number;
}

/** A fixed sequence of samples, in an order that never changes. */
export interface DatasetSplit {
  readonly sampleCount: number;
  /** Class index of a sample (0 to sampleCount - 1), 0 to classNames.length - 1. */
  labelOf(index: number): number;
  /** The image of a sample (0 to sampleCount - 1), not decoded. */
  imageOf(index: number): StoredImage | UnreadableImage;
}

export interface Dataset {
  readonly name: string;
  readonly classNames: readonly string[];
  readonly train: DatasetSplit;
  readonly validation: DatasetSplit;
  /**
   * SHA-256 (hex) of the paths, places, sizes and classes of all images; not given where the
   * content is known otherwise.
   */
  readonly filesSha256?: string;
  /** What was left out when its index was made, and why. */
  readonly notes?: readonly string[];
  /** Samples of both splits that are known to be unreadable before any is decoded, if any are. */
  readonly unreadable?: readonly UnreadableSample[];
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
  /** As of a dataset, or empty. */
  readonly filesSha256: string;
}

/** Receives progress lines for the user: fetching, converting, indexing. */
export type ProgressListener = (line: string) => void;

/** The number of samples that a run uses of `count`, with at most `limit` (0 = all). */
export function limitedCount(count: number, limit: number): number {
  return limit === 0 ? count : Math.min(count, limit);
}
