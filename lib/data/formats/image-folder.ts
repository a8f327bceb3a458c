/**
 * A folder of image files as a dataset: `train/<class>/...` and `validation/<class>/...` (or
 * `val`), or `<class>/...` alone, of which a fixed tenth is the validation split. The first use
 * reads all image headers.
 */
import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { CrescendoError, assert, messageOf } from '../../base/errors.ts';
import { permute } from '../../base/random.ts';
import { limitConcurrency } from '../../base/concurrency.ts';
import type { Dataset, DatasetSplit, ProgressListener, Sample } from '../dataset.ts';
import type { DatasetFormat, DatasetPlace } from './format.ts';
import { readImageSizes } from './image-index.ts';
import type { ImageFile, ImageSize } from './image-index.ts';

const IMAGE_EXTENSIONS = new Set(['jpg', 'jpeg', 'png', 'webp', 'gif']);
const VALIDATION_FOLDERS = ['validation', 'val'];
const VALIDATION_SHARE = 0.1;
/** Seed of the permutation that mixes the classes; never changed. */
const ORDER_SEED = 0;
const DECODES_MAX = 8;
/** Largest factor by which the JPEG decoder itself can shrink an image. */
const JPEG_SHRINK_MAX = 8;

export interface ImageFolderOptions {
  /** The cache folder, by default crescendoHome(). */
  readonly homeFolder: string;
  readonly onProgress: ProgressListener;
}

interface FoundImage extends ImageFile {
  readonly className: string;
}

interface IndexedImage {
  readonly path: string;
  readonly size: ImageSize;
  readonly label: number;
}

/** A folder of images in a folder for each class. */
export const IMAGE_FOLDER: DatasetFormat = {
  name: 'image-folder',
  open: (place, options) => openImageFolder(pathOf(place, options.baseFolder), options),
  summary: () => undefined,
};

/**
 * Lists and checks a folder of images.
 * @param path absolute path of the folder
 * @throws CRESCENDO_DATASET_INVALID if the folder is not a dataset
 * @throws CRESCENDO_LABEL_OUT_OF_RANGE for a class that only the validation split has, naming one
 *   of its files
 * @throws CRESCENDO_IMAGE_UNREADABLE for a file that is not an image
 */
async function openImageFolder(path: string, options: ImageFolderOptions): Promise<Dataset> {
  const found = await findImages(path, options.onProgress);
  const classNames = [...new Set(found.train.map((image) => image.className))].sort();
  if (classNames.length < 2) {
    throw invalid(
      path,
      `${classNames.length} class folders with training images where at least 2 are needed`,
    );
  }
  const labels = new Map(classNames.map((name, label) => [name, label]));
  const all = [...found.train, ...found.validation];
  for (const image of all) {
    if (labels.has(image.className)) continue;
    throw new CrescendoError(
      'CRESCENDO_LABEL_OUT_OF_RANGE',
      `${image.path} is of class '${image.className}', which has no training images; ` +
        `the ${classNames.length} classes are ${shortList(classNames)}`,
    );
  }
  const sizes = await readImageSizes(path, all, options);
  const indexed = all.map((image, index): IndexedImage => {
    const size = sizes[index];
    const label = labels.get(image.className);
    assert(size !== undefined && label !== undefined, `no index entry for ${image.path}`);
    return { path: join(path, image.path), size, label };
  });
  return {
    name: IMAGE_FOLDER.name,
    classNames,
    train: folderSplit(indexed.slice(0, found.train.length)),
    validation: folderSplit(indexed.slice(found.train.length)),
  };
}

/**
 * Whether an image is a validation sample, in a folder without a validation split: a fixed tenth,
 * decided by its path.
 */
export function isHeldOut(relativePath: string): boolean {
  const hash = createHash('sha256').update(relativePath).digest().readUInt32BE(0);
  return hash < VALIDATION_SHARE * 0x1_0000_0000;
}

async function findImages(
  path: string,
  onProgress: ProgressListener,
): Promise<{ train: FoundImage[]; validation: FoundImage[] }> {
  const folders = await listFolders(path);
  const split = folders.includes('train');
  const ignored = new Map<string, number>();
  const base = split ? 'train' : '';
  const classes = split ? await listFolders(join(path, 'train')) : folders;
  const images = await findClasses(path, base, classes, ignored);
  const validationFolder = VALIDATION_FOLDERS.find((name) => split && folders.includes(name));
  let found = {
    train: images.filter((image) => !isHeldOut(image.path)),
    validation: images.filter((image) => isHeldOut(image.path)),
  };
  if (validationFolder !== undefined) {
    const validationClasses = await listFolders(join(path, validationFolder));
    const validation = await findClasses(path, validationFolder, validationClasses, ignored);
    found = { train: images, validation };
  }
  if (ignored.size > 0) {
    const kinds = [...ignored].map(([kind, count]) => `${count} ${kind}`).join(', ');
    onProgress(`${path}: ignoring files that are not jpg, jpeg, png, webp or gif: ${kinds}`);
  }
  return found;
}

async function findClasses(
  root: string,
  base: string,
  classNames: readonly string[],
  ignored: Map<string, number>,
): Promise<FoundImage[]> {
  const images: FoundImage[] = [];
  for (const className of classNames) {
    const folder = base === '' ? className : `${base}/${className}`;
    const countBefore = images.length;
    for (const file of await listFiles(root, folder)) {
      const extension = (file.path.split('.').pop() ?? '').toLowerCase();
      if (IMAGE_EXTENSIONS.has(extension)) images.push({ ...file, className });
      else ignored.set(`.${extension}`, (ignored.get(`.${extension}`) ?? 0) + 1);
    }
    if (images.length === countBefore) {
      throw invalid(root, `class folder ${folder} without images`);
    }
  }
  return images;
}

/** Names of the visible folders in a folder, in code-unit order. */
async function listFolders(path: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await readNames(path)) {
    if ((await statusOf(join(path, name))).isDirectory()) names.push(name);
  }
  return names;
}

/** Visible files below `root/folder`, at any depth, in code-unit order of their paths. */
async function listFiles(
  root: string,
  folder: string,
  above: readonly string[] = [],
): Promise<ImageFile[]> {
  const files: ImageFile[] = [];
  const folders = await enter(join(root, folder), above);
  for (const name of await readNames(join(root, folder))) {
    const path = `${folder}/${name}`;
    const status = await statusOf(join(root, path));
    if (status.isDirectory()) files.push(...(await listFiles(root, path, folders)));
    else files.push({ path, bytes: status.size, modifiedMs: status.mtimeMs });
  }
  return files;
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

async function readNames(path: string): Promise<string[]> {
  try {
    return (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot list image folder ${path}: ${messageOf(error)}; check dataset.path of the run file`,
      { cause: error },
    );
  }
}

function folderSplit(images: readonly IndexedImage[]): DatasetSplit {
  const limited = limitConcurrency(DECODES_MAX);
  const imageAt = (index: number): IndexedImage => {
    assert(index >= 0 && index < images.length, `sample ${index} of ${images.length}`);
    const image = images[permute(index, images.length, ORDER_SEED, 0)];
    assert(image !== undefined, `no image for sample ${index}`);
    return image;
  };
  const read = (index: number, targetPx: number): Promise<Sample> => {
    const image = imageAt(index);
    return limited(() => decode(image, targetPx));
  };
  return { sampleCount: images.length, labelOf: (at) => imageAt(at).label, readNow: null, read };
}

function decode(image: IndexedImage, targetPx: number): Promise<Sample> {
  const shrink = image.size.format === 'jpeg' ? jpegShrink(image.size, targetPx) : 1;
  return decodeImage(image.path, image.label, shrink > 1 ? shrunk(image.size, shrink) : undefined);
}

/**
 * Decodes to 8-bit RGB: transparent over white, orientation tags not applied, first frame only.
 * @param size size of the result; undefined for the image's own size
 * @throws CRESCENDO_IMAGE_UNREADABLE naming the file
 */
export async function decodeImage(
  path: string,
  label: number,
  size?: { readonly width: number; readonly height: number },
): Promise<Sample> {
  try {
    let pipeline = sharp(path);
    if (size !== undefined) {
      pipeline = pipeline.resize({ ...size, fit: 'fill', fastShrinkOnLoad: true });
    }
    const { data, info } = await pipeline
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width: widthPx, height: heightPx, channels } = info;
    if (channels !== 3) throw new Error(`it decodes to ${channels} channels, not 3`);
    return { pixels: data, heightPx, widthPx, channels, label };
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_IMAGE_UNREADABLE',
      `cannot decode ${path}: ${messageOf(error)}; repair or remove the file`,
      { cause: error },
    );
  }
}

/**
 * Paths of all images below a folder, at any depth, in code-unit order.
 * @param above identities of the listed folders that contain it
 * @throws CRESCENDO_DATASET_INVALID if a folder cannot be read, and for circular links
 */
export async function listImages(path: string, above: readonly string[] = []): Promise<string[]> {
  const names = await readNames(path);
  const folders = await enter(path, above);
  const found: string[] = [];
  for (const name of names) {
    const inside = join(path, name);
    if ((await statusOf(inside)).isDirectory()) found.push(...(await listImages(inside, folders)));
    else if (isImageName(name)) found.push(inside);
  }
  return found;
}

function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.has((name.split('.').pop() ?? '').toLowerCase());
}

function shrunk(size: ImageSize, shrink: number): { width: number; height: number } {
  return { width: Math.ceil(size.widthPx / shrink), height: Math.ceil(size.heightPx / shrink) };
}

/** The largest factor of 1, 2, 4 or 8 that leaves the short side at least twice the wanted side. */
function jpegShrink(size: ImageSize, targetPx: number): number {
  const shortSidePx = Math.min(size.widthPx, size.heightPx);
  let shrink = 1;
  while (shrink < JPEG_SHRINK_MAX && shortSidePx >= shrink * 2 * 2 * targetPx) shrink *= 2;
  return shrink;
}

function invalid(path: string, found: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `${path} is not an image folder: it has ${found}; ` +
      'put images into train/<class>/ and validation/<class>/, or into <class>/',
  );
}

function shortList(names: readonly string[]): string {
  return names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')}, ...`;
}

function pathOf({ path }: DatasetPlace, baseFolder: string): string {
  if (path === undefined || path === '') {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      'dataset image-folder needs dataset.path, the folder that holds its images; it is not set',
    );
  }
  return resolve(baseFolder, path);
}
