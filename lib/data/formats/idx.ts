/**
 * A folder of IDX files (LeCun, Cortes and Burges, "The MNIST database of handwritten digits",
 * 1998), as MNIST, Fashion-MNIST, KMNIST and EMNIST are published: `train-images-idx3-ubyte` and
 * `train-labels-idx1-ubyte`, and the same for `t10k` or `test`, plain or compressed by gzip.
 */
import { basename, join } from 'node:path';
import { SIDE_MAX_PX } from '../index/record.ts';
import type { WatchedPath } from '../index/made-index.ts';
import type { SplitName } from '../index/split-files.ts';
import type { Dataset } from '../dataset.ts';
import { classNamesOf, LABEL_MAX } from './class-names.ts';
import { walkFiles } from './folder-listing.ts';
import { folderOf, type DatasetFormat } from './format.ts';
import { readIdx, type IdxArray } from './idx-file.ts';
import { invalidDataset, listed } from './invalid-dataset.ts';
import {
  pixelBytes,
  pixelSplit,
  pixelsSha256,
  type ImageShape,
  type PixelImages,
} from './pixel-split.ts';
import { splitOf } from './shard-files.ts';

export const IDX: DatasetFormat = {
  name: 'idx',
  open: (place, { baseFolder }) => openIdx(folderOf(IDX.name, place, baseFolder)),
  summary: () => undefined,
  holds: (files) => files.some((path) => idxFileAt(path)?.split === 'train'),
};

type Role = 'images' | 'labels';

interface IdxFile {
  readonly split: SplitName;
  readonly role: Role;
  /** Relative to the dataset's folder. */
  readonly path: string;
}

/** @param root absolute path of the folder */
async function openIdx(root: string): Promise<Dataset> {
  const watched: WatchedPath[] = [];
  const files: IdxFile[] = [];
  for await (const path of walkFiles(root, '', watched)) {
    const file = idxFileAt(path);
    if (file !== undefined) files.push(file);
  }
  const train = await readPair(root, files, 'train');
  if (train === undefined) {
    throw invalidDataset(
      `${root} has no training images: put train-images-idx3-ubyte and ` +
        'train-labels-idx1-ubyte there, with .gz or without',
    );
  }
  const validation = await readPair(root, files, 'validation');
  const range = rangeOf([train.labels, validation?.labels ?? new Int32Array()]);
  // EMNIST's letters count from 1.
  const firstLabel = range.min === 0 ? 0 : 1;
  const numbers = { firstLabel, count: range.max + 1 - firstLabel };
  return {
    name: IDX.name,
    classNames: await classNamesOf(root, numbers, watched),
    train: pixelSplit(train, firstLabel),
    validation: pixelSplit(validation, firstLabel),
    filesSha256: pixelsSha256([train, validation]),
  };
}

/** The role of a file by its name; undefined for other files. */
function idxFileAt(path: string): IdxFile | undefined {
  const name = basename(path).toLowerCase();
  const role = /(images|labels)[-.]idx\d/.exec(name)?.[1] as Role | undefined;
  if (role === undefined) return undefined;
  const split = splitOf(name.replace('t10k', 'test')) ?? splitOf(path);
  if (split === undefined) {
    throw invalidDataset(
      `the name of the IDX file ${path} does not say to which split it belongs: put train, test ` +
        'or t10k into it',
    );
  }
  return { split, role, path };
}

/** Images of a split with their labels; undefined where the split has no files. */
async function readPair(
  root: string,
  files: readonly IdxFile[],
  split: SplitName,
): Promise<PixelImages | undefined> {
  const [images, labels] = (['images', 'labels'] as const).map((role) =>
    chosen(
      root,
      files.filter((file) => file.split === split && file.role === role),
    ),
  );
  if (images === undefined && labels === undefined) return undefined;
  if (images === undefined || labels === undefined) {
    const lacking = images === undefined ? 'images' : 'labels';
    throw invalidDataset(
      `${join(root, images ?? labels ?? '')} has no file of ${lacking} beside it: fetch that too`,
    );
  }
  const [pixels, numbers] = [await readIdx(join(root, images)), await readIdx(join(root, labels))];
  const shape = shapeOf(join(root, images), pixels);
  const read = labelsOf(join(root, labels), numbers);
  const count = pixels.sizes[0] ?? 0;
  if (read.length !== count || count === 0) {
    throw invalidDataset(
      `${join(root, images)} has ${count} images and ${labels} has ${read.length} labels: ` +
        'they are of two datasets, or empty; fetch both anew',
    );
  }
  const bytes = pixelBytes(count, shape);
  bytes.set(pixels.numbers);
  return { shape, bytes, labels: read };
}

/** One of files that differ only in folder and compression, of which the plain one is read. */
function chosen(root: string, files: readonly IdxFile[]): string | undefined {
  const nameOf = ({ path }: IdxFile): string =>
    basename(path).toLowerCase().replace(/\.gz$/, '').replaceAll('.', '-');
  if (new Set(files.map(nameOf)).size > 1) {
    throw invalidDataset(
      `${root} has several IDX files of one kind: ${listed(files.map(({ path }) => path))}; set ` +
        'dataset.path to a folder with one dataset',
    );
  }
  const isCompressed = (path: string): number => (path.endsWith('.gz') ? 1 : 0);
  const [first] = files
    .map(({ path }) => path)
    .sort((left, right) => isCompressed(left) - isCompressed(right) || left.length - right.length);
  return first;
}

function shapeOf(path: string, { bytesPerNumber, sizes }: IdxArray): ImageShape {
  const [, heightPx = 0, widthPx = 0, channels = 1] = sizes;
  const sides = [heightPx, widthPx];
  const isImage = sides.every((side) => side >= 1 && side <= SIDE_MAX_PX);
  if (bytesPerNumber === 1 && isImage && (channels === 1 || channels === 3)) {
    return { heightPx, widthPx, channels };
  }
  throw invalidDataset(
    `${path} has ${sizes.join(' x ')} numbers of ${bytesPerNumber} bytes: images are N x height ` +
      `x width bytes, or that x 3, with sides of 1 to ${SIDE_MAX_PX}`,
  );
}

function labelsOf(path: string, { bytesPerNumber, sizes, numbers }: IdxArray): Int32Array {
  if (sizes.length !== 1) {
    throw invalidDataset(
      `${path} has ${sizes.join(' x ')} numbers: labels are one number for each image`,
    );
  }
  const read = (at: number): number => numbers.readIntBE(at * bytesPerNumber, bytesPerNumber);
  const labels =
    bytesPerNumber === 1
      ? Int32Array.from(numbers)
      : Int32Array.from({ length: sizes[0] ?? 0 }, (_, at) => read(at));
  const wrong = labels.findIndex((label) => label < 0 || label > LABEL_MAX);
  if (wrong < 0) return labels;
  throw invalidDataset(
    `label ${wrong} of ${path} is ${labels[wrong]}: labels are 0 to ${LABEL_MAX}; correct it`,
  );
}

function rangeOf(splits: readonly Int32Array[]): { readonly min: number; readonly max: number } {
  const range = { min: Infinity, max: -1 };
  for (const labels of splits) {
    for (const label of labels) {
      range.min = Math.min(range.min, label);
      range.max = Math.max(range.max, label);
    }
  }
  return range;
}
