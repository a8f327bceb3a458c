/** The folder of a dataset whose path may be a URL. */
import { CrescendoError } from '../../base/errors.ts';
import { isRemoteUrl } from '../../base/remote-url.ts';
import { PATIENCE, PatientObjects } from '../../storage/patient-objects.ts';
import { openS3Objects, parseS3Url } from '../../storage/s3-objects.ts';
import { folderOf, type DatasetPlace, type FormatOptions } from '../formats/format.ts';
import { HttpSource } from './http-source.ts';
import { mirror } from './mirror.ts';
import { PERSISTENCE, tryingAgain } from './persistence.ts';
import { S3Source } from './s3-source.ts';
import type { RemoteSource } from './source.ts';

const SILENCE_MS = 30_000;
const CACHE_GB = 200;

/**
 * The folder of a dataset on this machine; one that is elsewhere is fetched, once on a machine.
 * @param matches the names of its files, relative to the folder; `classes.txt` and `labels.txt` are
 *   fetched too
 * @throws CRESCENDO_DATASET_INVALID
 */
export async function rootOf(
  format: string,
  place: DatasetPlace,
  { baseFolder, homeFolder, onProgress }: FormatOptions,
  matches: (path: string) => boolean,
): Promise<string> {
  const { path: url = '' } = place;
  if (!isRemoteUrl(url)) return folderOf(format, place, baseFolder);
  const source = await sourceOf(url, (path) => matches(path) || isClassList(path));
  try {
    const bytesMax = cacheBytesMax(process.env['CRESCENDO_CACHE_GB']);
    const persistence = PERSISTENCE;
    return await mirror({ url, source, homeFolder, bytesMax, persistence, onProgress });
  } finally {
    source.close();
  }
}

function isClassList(path: string): boolean {
  return path === 'classes.txt' || path === 'labels.txt';
}

async function sourceOf(url: string, wants: (path: string) => boolean): Promise<RemoteSource> {
  if (!url.startsWith('s3:')) {
    return new HttpSource(url, SILENCE_MS, (action) => tryingAgain(PERSISTENCE, action));
  }
  const place = parseS3Url(url);
  if (place === undefined) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `dataset.path ${url} must be like s3://bucket/prefix`,
    );
  }
  return new S3Source(new PatientObjects(await openS3Objects(place), PATIENCE), wants);
}

/** @throws CRESCENDO_DATASET_INVALID for what is no number above 0 */
function cacheBytesMax(text: string | undefined): number {
  const gigabytes = text === undefined || text === '' ? CACHE_GB : Number(text);
  if (gigabytes > 0) return gigabytes * 1e9;
  throw new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `CRESCENDO_CACHE_GB is ${JSON.stringify(text)}: it must be a number of gigabytes above 0`,
  );
}
