/** Files that hold many images each, whose names say to which split they belong. */
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { watch, type WatchedPath } from '../index/made-index.ts';
import type { ProgressListener } from '../dataset.ts';
import type { SplitName } from '../index/split-files.ts';
import { walkFiles } from './folder-listing.ts';

/** Words in a path, between separators, that name a split. */
const SPLIT_WORDS: ReadonlyMap<string, SplitName> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['validation', 'validation'],
  ['valid', 'validation'],
  ['val', 'validation'],
  ['test', 'validation'],
  ['testing', 'validation'],
]);

export interface ShardFile {
  readonly split: SplitName;
  /** Relative to the dataset's folder. */
  readonly path: string;
  readonly bytes: number;
}

export interface ShardFiles {
  readonly files: readonly ShardFile[];
  readonly watched: WatchedPath[];
}

/**
 * The files below `root` whose names match, in code-unit order of their paths.
 * @param kind what they are, for errors, such as `TFRecord files (*.tfrecord*)`
 * @param onProgress is told of series of files that have gaps
 * @throws CRESCENDO_DATASET_INVALID without training files, or for a name without a split
 */
export async function findShardFiles(
  root: string,
  matches: (path: string) => boolean,
  kind: string,
  onProgress: ProgressListener,
): Promise<ShardFiles> {
  const watched: WatchedPath[] = [];
  const files: ShardFile[] = [];
  for await (const path of walkFiles(root, '', watched)) {
    if (!matches(path)) continue;
    const split = splitOf(path);
    if (split === undefined) {
      throw new CrescendoError(
        'CRESCENDO_DATASET_INVALID',
        `the name of ${join(root, path)} does not say to which split it belongs: rename it or ` +
          `its folder, so that a word of it is one of ${[...SPLIT_WORDS.keys()].join(', ')}`,
      );
    }
    const now = await watch(join(root, path));
    if (now !== undefined) watched.push(now);
    files.push({ split, path, bytes: now?.bytes ?? 0 });
  }
  if (!files.some(({ split }) => split === 'train')) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${root} has no ${kind} whose names have the word train`,
    );
  }
  tellGaps(root, files, onProgress);
  return { files, watched };
}

/**
 * Opens a file for reading; the caller closes it.
 * @param path absolute
 * @throws CRESCENDO_DATASET_INVALID
 */
export async function openShard(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot open ${path}: ${messageOf(error)}; make it readable or remove it`,
      { cause: error },
    );
  }
}

/** A download that ended early leaves whole files, and only their names say that others lack. */
function tellGaps(root: string, files: readonly ShardFile[], onProgress: ProgressListener): void {
  const counts = new Map<string, number>();
  for (const { path } of files) {
    const series = path.replace(/\d{5}(?=-of-\d{5})/, '*');
    counts.set(series, (counts.get(series) ?? 0) + 1);
  }
  for (const [series, count] of counts) {
    const total = Number(/\*-of-(\d{5})/.exec(series)?.[1] ?? count);
    if (count >= total) continue;
    onProgress(`${root}: only ${count} of the ${total} files ${series} are there`);
  }
}

/** The last of its words that names a split, in small letters. */
export function splitWordOf(path: string): string | undefined {
  const words = path.toLowerCase().split(/[-_./\\]/);
  return words.findLast((word) => SPLIT_WORDS.has(word));
}

/** The split that the last of its words names. */
export function splitOf(path: string): SplitName | undefined {
  const found = splitWordOf(path);
  return found === undefined ? undefined : SPLIT_WORDS.get(found);
}
