/** Which format a dataset is in, by the names of its files. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isRemoteUrl } from '../../base/remote-url.ts';
import { expandBraces } from '../remote/braces.ts';
import { someFiles } from './folder-listing.ts';
import type { DatasetPlace } from './format.ts';
import { invalidDataset, listed } from './invalid-dataset.ts';
import { formatHolding, isFetched } from './registry.ts';

/**
 * What a run file would say of a dataset.
 * @param source a folder, a URL, or the name of a dataset that is fetched
 * @param format where it is known; otherwise it is recognized
 * @throws CRESCENDO_DATASET_INVALID where the source is not there, or no format has such files
 */
export async function placeOfSource(source: string, format?: string): Promise<DatasetPlace> {
  if (isRemoteUrl(source)) return { name: format ?? formatOfUrl(source), path: source };
  if (!existsSync(source) && isFetched(source)) return { name: source };
  const path = resolve(source);
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw invalidDataset(
      `there is no folder ${path}: name the folder that holds the images, a URL, or a dataset ` +
        'that is fetched, such as cifar-10',
    );
  }
  return { name: format ?? (await formatOfFolder(path)), path };
}

async function formatOfFolder(path: string): Promise<string> {
  const files = await someFiles(path);
  const format = formatHolding(files);
  if (format !== undefined) return format;
  const found = files.length === 0 ? 'no files' : `such files as ${listed(files.slice(0, 3))}`;
  throw invalidDataset(
    `${path} has ${found}, which no format of datasets has: put images into <class>/ folders, or ` +
      'say the format with --format (docs/datasets.md has them all)',
  );
}

/** By the names of its files; a prefix of an object store says nothing. */
function formatOfUrl(url: string): string {
  const files = expandBraces(url.replace(/[?#].*$/, '')).map((one) => one.replace(/^.*\//, ''));
  const format = formatHolding(files);
  if (format !== undefined) return format;
  throw invalidDataset(
    `${url} does not say its format: give --format webdataset, tfrecord or ` +
      'packed-shards, which are read from URLs',
  );
}
