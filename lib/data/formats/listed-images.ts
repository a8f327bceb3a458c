/** Images of a dataset whose files are listed elsewhere, with their classes. */
import { join } from 'node:path';
import type { ProgressListener } from '../dataset.ts';
import { orUnreadable, readImageHeader } from '../index/image-header.ts';
import type { WatchedPath } from '../index/made-index.ts';
import type { FoundImage, SplitName } from '../index/split-files.ts';
import { isImageName, walkFiles } from './folder-listing.ts';
import { invalidDataset, listed } from './invalid-dataset.ts';

/** Headers are read so many at a time, and images added in their order. */
const HEADERS_AT_ONCE = 32;
const PROGRESS_EVERY_IMAGES = 50_000;

export interface ListedImage {
  readonly split: SplitName;
  readonly label: number;
  /** Relative to the dataset's folder. */
  readonly path: string;
}

/** Where images and what lists them are. */
export interface ListedFolder {
  readonly root: string;
  /** All files, relative to the root. */
  readonly files: ReadonlySet<string>;
  readonly watched: WatchedPath[];
}

/** Who is told what. */
export interface Telling {
  readonly onProgress: ProgressListener;
  /** Is told of what is left out, which is kept with the index. */
  readonly note: ProgressListener;
}

/**
 * @param root absolute path of the dataset's folder
 * @throws CRESCENDO_DATASET_INVALID
 */
export async function listFolder(root: string): Promise<ListedFolder> {
  const watched: WatchedPath[] = [];
  const files = new Set<string>();
  for await (const path of walkFiles(root, '', watched)) files.add(path);
  return { root, files, watched };
}

/**
 * Reads the headers of images and adds them in their order.
 * @param list what lists them, for errors
 * @throws CRESCENDO_DATASET_INVALID for images that are listed twice, or not there
 * @throws CRESCENDO_IMAGE_UNREADABLE
 */
export async function addListed(
  { root, files }: ListedFolder,
  images: readonly ListedImage[],
  list: string,
  { onProgress, note }: Telling,
  add: (image: FoundImage) => Promise<void>,
): Promise<void> {
  checkListed(root, files, images, list);
  onProgress(`${root}: reading the headers of its images (once)`);
  for (let begin = 0; begin < images.length; begin += HEADERS_AT_ONCE) {
    const part = images.slice(begin, begin + HEADERS_AT_ONCE);
    const headers = await Promise.all(
      part.map(({ path }) => orUnreadable(readImageHeader(join(root, path)))),
    );
    for (const [at, image] of part.entries()) {
      const header = headers[at];
      if (header !== undefined) await add({ ...header, ...image, offset: 0, length: 0 });
    }
    const count = begin + part.length;
    if (count % PROGRESS_EVERY_IMAGES < HEADERS_AT_ONCE && begin > 0) {
      onProgress(`${root}: ${count} read`);
    }
  }
  const listedPaths = new Set(images.map(({ path }) => path));
  const others = [...files].filter((path) => isImageName(path) && !listedPaths.has(path));
  if (others.length > 0) {
    note(
      `${root}: leaving out ${others.length} images that ${list} does not list: ${listed(others)}`,
    );
  }
}

function checkListed(
  root: string,
  files: ReadonlySet<string>,
  images: readonly ListedImage[],
  list: string,
): void {
  const seen = new Set<string>();
  const twice: string[] = [];
  const missing: string[] = [];
  for (const { path } of images) {
    if (!files.has(path)) missing.push(path);
    if (seen.has(path)) twice.push(path);
    seen.add(path);
  }
  if (missing.length > 0) {
    throw invalidDataset(
      `${root} lacks ${missing.length} of the ${images.length} images that ${list} lists: ` +
        `${listed(missing)}; unpack the images anew`,
    );
  }
  if (twice.length > 0) {
    throw invalidDataset(
      `${list} of ${root} lists ${twice.length} images more than once: ${listed(twice)}; each is ` +
        'once',
    );
  }
}
