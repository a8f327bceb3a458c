/** Folders and files below a folder, in code-unit order of their paths. */
import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { watch, type WatchedPath } from '../index/made-index.ts';

const IMAGE_EXTENSIONS = new Set(['jpg', 'jpeg', 'png', 'webp', 'gif']);

/** Folders that systems and programs make among people's files. */
const SYSTEM_FOLDERS: ReadonlySet<string> = new Set([
  '__MACOSX',
  'lost+found',
  '@eaDir',
  '#recycle',
  '$RECYCLE.BIN',
  'System Volume Information',
]);

/** How many folders a look at a dataset takes in, and images of each. */
const SOME_FOLDERS_MAX = 200;
const SOME_IMAGES_MAX = 20;

export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.has((name.split('.').pop() ?? '').toLowerCase());
}

/**
 * Names of the visible folders in `root/folder`.
 * @param watched receives that folder
 * @throws CRESCENDO_DATASET_INVALID
 */
export async function listFolders(
  root: string,
  folder: string,
  watched: WatchedPath[],
): Promise<string[]> {
  const names: string[] = [];
  const path = join(root, folder);
  for (const entry of await readEntries(path, watched)) {
    if (await isFolder(path, entry)) names.push(entry.name);
  }
  return names;
}

/**
 * Visible files below `root/folder`, at any depth, relative to `root`.
 * @param watched receives all folders
 * @throws CRESCENDO_DATASET_INVALID if a folder cannot be read, and for circular links
 */
export async function* walkFiles(
  root: string,
  folder: string,
  watched: WatchedPath[],
  above: readonly string[] = [],
): AsyncGenerator<string> {
  const path = join(root, folder);
  const folders = await enter(path, above);
  for (const entry of await readEntries(path, watched)) {
    const inside = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (await isFolder(path, entry)) yield* walkFiles(root, inside, watched, folders);
    else yield inside;
  }
}

/**
 * Absolute paths of all images below a folder, at any depth.
 * @throws CRESCENDO_DATASET_INVALID if a folder cannot be read, and for circular links
 */
export async function listImages(path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const inside of walkFiles(path, '', [])) {
    if (isImageName(inside)) found.push(join(path, inside));
  }
  return found;
}

/**
 * Some visible files of a dataset's folder, those higher up first: all but images, of which a
 * folder has the first few, so that large datasets are looked at in a moment.
 * @returns paths relative to `root`
 * @throws CRESCENDO_DATASET_INVALID if a folder cannot be read
 */
export async function someFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const folders = [''];
  for (let at = 0; at < Math.min(folders.length, SOME_FOLDERS_MAX); at++) {
    const folder = folders[at] ?? '';
    const path = join(root, folder);
    let images = 0;
    for (const entry of await readEntries(path, [])) {
      const inside = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (await isFolder(path, entry)) folders.push(inside);
      else if (!isImageName(inside) || images++ < SOME_IMAGES_MAX) found.push(inside);
    }
  }
  return found;
}

/** Identities of the parent folders and of this one; throws if this one is among its parents. */
async function enter(path: string, above: readonly string[]): Promise<string[]> {
  const { dev, ino } = await statusOf(path);
  const identity = `${dev}:${ino}`;
  if (!above.includes(identity)) return [...above, identity];
  throw new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `${path} is a link to a folder that it is in itself: remove it`,
  );
}

/** Only links are asked after, and entries of file systems that do not tell. */
async function isFolder(parent: string, entry: Dirent): Promise<boolean> {
  if (entry.isFile() || entry.isDirectory()) return entry.isDirectory();
  return (await statusOf(join(parent, entry.name))).isDirectory();
}

/** Status of the target of a link. Throws, naming the link, if it leads nowhere or to itself. */
async function statusOf(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot read ${path} in an image folder: ${messageOf(error)}; repair or remove it`,
      { cause: error },
    );
  }
}

/** Visible entries, as they are after the folder's time was taken. */
async function readEntries(path: string, watched: WatchedPath[]): Promise<Dirent[]> {
  const now = await watch(path);
  try {
    const entries = await readdir(path, { withFileTypes: true });
    const leftOut = entries.map(({ name }) => name).filter((name) => SYSTEM_FOLDERS.has(name));
    if (now !== undefined) watched.push(leftOut.length > 0 ? { ...now, leftOut } : now);
    const visible = entries.filter(
      ({ name }) => !name.startsWith('.') && !SYSTEM_FOLDERS.has(name),
    );
    for (const { name } of visible) await requireText(path, name);
    return visible.sort((left, right) => (left.name < right.name ? -1 : 1));
  } catch (error) {
    if (error instanceof CrescendoError) throw error;
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot list image folder ${path}: ${messageOf(error)}; check dataset.path of the run file`,
      { cause: error },
    );
  }
}

/** Bytes that are no UTF-8 are read as a replacement character, and lead to no file. */
async function requireText(folder: string, name: string): Promise<void> {
  if (!name.includes('\ufffd')) return;
  const isFound = await stat(join(folder, name)).then(
    () => true,
    () => false,
  );
  if (isFound) return;
  throw new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `${folder} has an entry '${name}', whose name is not UTF-8: rename it, as convmv does`,
  );
}
