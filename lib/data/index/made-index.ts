/**
 * Indexes of datasets in files: made once on a machine, and used as long as the folders and files
 * that they were made of have not changed. A later start reads no header and asks after no image.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Packr } from 'msgpackr';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { withLock } from '../../base/process-lock.ts';
import {
  errorCode,
  makeTemporaryFolder,
  publishFolder,
  writeFileFlushed,
} from '../cache-folder.ts';
import { nameOfImage } from '../decode-image.ts';
import type { Dataset, ProgressListener } from '../dataset.ts';
import {
  isComplete,
  openSplit,
  SplitWriter,
  type FoundImage,
  type SplitName,
  type UnreadableRecord,
} from './split-files.ts';

const FORMAT_VERSION = 8;
const MANIFEST = 'manifest.msgpack';

const packr = new Packr({ useRecords: false });

/** What an index was made of: a folder, whose entries may change, or a file. */
export interface WatchedPath {
  readonly path: string;
  readonly modifiedMs: number;
  /** Also changes where another folder or file with the same time took its place. */
  readonly changedMs: number;
  readonly bytes: number;
  /** What is in a folder and is nobody's image, such as a file manager's thumbnails. */
  readonly leftOut?: readonly string[];
}

/** A file of images that was made beside the index. */
export interface ImageFile {
  readonly file: string;
  readonly bytes: number;
}

/** What making an index comes to. */
export interface IndexContent {
  readonly classNames: readonly string[];
  /** The number that files give to the first class. */
  readonly firstLabel: number;
  /** All folders and files whose change makes the index untrue. */
  readonly watched: readonly WatchedPath[];
  /** Where there are any, paths of images are relative to the index and not to the dataset. */
  readonly imageFiles?: readonly ImageFile[];
}

export interface IndexRequest {
  /** Name of the format. */
  readonly format: string;
  /** Absolute path of the dataset's folder. */
  readonly root: string;
  /** What else decides the content, such as options of the format. */
  readonly variant: string;
  /** The cache folder. */
  readonly homeFolder: string;
  readonly onProgress: ProgressListener;
  /**
   * Adds each image, in an order that is the same on every machine.
   * @param folder of the index, in which files of images may be made
   * @param note tells what is left out and why; it is kept with the index
   */
  readonly make: (
    add: (image: FoundImage) => Promise<void>,
    folder: string,
    note: ProgressListener,
  ) => Promise<IndexContent>;
}

interface Manifest extends IndexContent {
  readonly version: number;
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
  readonly nameBytes: Readonly<Record<SplitName, number>>;
  readonly unreadable: readonly UnreadableRecord[];
  readonly filesSha256: string;
  readonly notes: readonly string[];
}

/**
 * Opens the index of a dataset, which is made first where there is none that is true.
 * @throws what `make` throws; CRESCENDO_DATASET_INVALID for an index that was changed
 */
export async function openIndex(request: IndexRequest): Promise<Dataset> {
  const { format, root, variant, homeFolder, onProgress } = request;
  const identity = sha256Of(`${format}\0${root}\0${variant}`);
  const parent = join(homeFolder, 'datasets');
  const folder = join(parent, `index-${identity.slice(0, 24)}`);
  const lock = `${folder}.lock`;
  const onWait = (owner: number): void => {
    onProgress(
      `${root}: process ${owner} makes its index; waiting for that. If none does, remove ${lock}`,
    );
  };
  const manifest =
    (await usableManifest(folder)) ??
    (await keeping(request, () =>
      withLock(lock, onWait, async () => {
        return (await usableManifest(folder)) ?? (await makeIndex(request, parent, folder));
      }),
    ));
  const { classNames, trainSampleCount, validationSampleCount, firstLabel, unreadable } = manifest;
  const imagesRoot = manifest.imageFiles === undefined ? root : folder;
  const place = { folder, root: imagesRoot, firstLabel, unreadable };
  return {
    name: format,
    classNames,
    train: openSplit(place, 'train', trainSampleCount),
    validation: openSplit(place, 'validation', validationSampleCount),
    filesSha256: manifest.filesSha256,
    notes: manifest.notes,
    unreadable: unreadable.map(({ split, label, path, offset, length, reason }) => {
      const name = nameOfImage({ path: join(imagesRoot, path), offset, length });
      return { split, label: label - firstLabel, name, reason };
    }),
  };
}

function sha256Of(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Does what writes into the cache folder, and says so of errors of its file system. */
async function keeping<T>({ root, homeFolder }: IndexRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CrescendoError || errorCode(error) === '') throw error;
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot keep the index of ${root} below ${homeFolder}: ${messageOf(error)}; free space or ` +
        'make the folder writable, or set CRESCENDO_HOME to another',
      { cause: error },
    );
  }
}

/** A machine may have lost its power before all of them were written. */
function hasAllRecords(folder: string, manifest: Manifest): boolean {
  const { trainSampleCount, validationSampleCount, nameBytes, imageFiles = [] } = manifest;
  const isThere = ({ file, bytes }: ImageFile): boolean =>
    statSync(join(folder, file)).size === bytes;
  return (
    imageFiles.every(isThere) &&
    isComplete(folder, 'train', trainSampleCount, nameBytes.train) &&
    isComplete(folder, 'validation', validationSampleCount, nameBytes.validation)
  );
}

/** What is watched, as it is now; undefined where it is gone. */
export async function watch(path: string): Promise<WatchedPath | undefined> {
  try {
    const status = await stat(path);
    const bytes = status.isDirectory() ? 0 : status.size;
    return { path, modifiedMs: status.mtimeMs, changedMs: status.ctimeMs, bytes };
  } catch {
    return undefined;
  }
}

async function makeIndex(request: IndexRequest, parent: string, folder: string): Promise<Manifest> {
  const scratch = await makeTemporaryFolder(parent);
  try {
    const writers = {
      train: await SplitWriter.open(scratch, 'train'),
      validation: await SplitWriter.open(scratch, 'validation'),
    };
    let content: IndexContent;
    const notes: string[] = [];
    const note: ProgressListener = (line) => {
      notes.push(line);
      request.onProgress(line);
    };
    try {
      content = await request.make((image) => writers[image.split].add(image), scratch, note);
    } finally {
      try {
        await writers.train.close();
      } finally {
        await writers.validation.close();
      }
    }
    const unreadable = [...writers.train.unreadable, ...writers.validation.unreadable];
    // They may be repaired in their places.
    const repaired = new Set(unreadable.map(({ path }) => join(request.root, path)));
    const watches = await Promise.all([...repaired].map(watch));
    const manifest: Manifest = {
      version: FORMAT_VERSION,
      ...content,
      watched: [...content.watched, ...watches.filter((one) => one !== undefined)],
      unreadable,
      notes,
      filesSha256: sha256Of(writers.train.filesSha256 + writers.validation.filesSha256),
      trainSampleCount: writers.train.count,
      validationSampleCount: writers.validation.count,
      nameBytes: { train: writers.train.nameBytes, validation: writers.validation.nameBytes },
    };
    await writeFileFlushed(join(scratch, MANIFEST), packr.pack(manifest));
    await publishFolder(scratch, folder, async (other) => (await usableManifest(other)) !== null);
    return manifest;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The manifest, if all that it watches is as it was; else null. */
async function usableManifest(folder: string): Promise<Manifest | null> {
  let manifest: Manifest;
  try {
    manifest = packr.unpack(await readFile(join(folder, MANIFEST))) as Manifest;
    if (manifest.version !== FORMAT_VERSION || !hasAllRecords(folder, manifest)) return null;
  } catch {
    return null;
  }
  const isSame = await Promise.all(
    manifest.watched.map(async ({ path, modifiedMs, changedMs, bytes }) => {
      const now = await watch(path);
      return now?.modifiedMs === modifiedMs && now.changedMs === changedMs && now.bytes === bytes;
    }),
  );
  return isSame.every(Boolean) ? manifest : null;
}
