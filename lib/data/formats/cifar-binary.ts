/**
 * A folder of the binary version of CIFAR-10 or CIFAR-100 (Krizhevsky, "Learning multiple layers of
 * features from tiny images", 2009). A record of CIFAR-10 (`data_batch_1.bin` to 5,
 * `test_batch.bin`) is a label and 32 x 32 pixels: all red, all green, all blue ones. One of
 * CIFAR-100 (`train.bin`, `test.bin`) has two labels, the coarse and the fine one.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { messageOf, type CrescendoError } from '../../base/errors.ts';
import type { Dataset } from '../dataset.ts';
import { watch } from '../index/made-index.ts';
import type { SplitName } from '../index/split-files.ts';
import { namesInFile } from './class-names.ts';
import { walkFiles } from './folder-listing.ts';
import { folderOf, type DatasetFormat, type DatasetPlace } from './format.ts';
import { invalidDataset, listed } from './invalid-dataset.ts';
import { pixelBytes, pixelSplit, pixelsSha256, type PixelImages } from './pixel-split.ts';

const SHAPE = { heightPx: 32, widthPx: 32, channels: 3 } as const;
const PLANE_BYTES = 32 * 32;
const IMAGE_BYTES = 3 * PLANE_BYTES;
/** What `readFile` reads at most. */
const FILE_BYTES_MAX = 2 ** 31 - 1;
const TRAIN_BATCH = /^data_batch_(\d+)\.bin$/;

/** How the files of a version are laid out, and which of their labels is the class. */
interface Version {
  readonly name: string;
  readonly splitOf: (file: string) => SplitName | undefined;
  readonly recordBytes: number;
  readonly labelOffset: number;
  readonly classCount: number;
  /** Their names, a line each. */
  readonly namesFile: string;
}

const CIFAR_10: Version = {
  name: 'CIFAR-10',
  splitOf: (file) => {
    if (TRAIN_BATCH.test(file)) return 'train';
    return file === 'test_batch.bin' ? 'validation' : undefined;
  },
  recordBytes: 1 + IMAGE_BYTES,
  labelOffset: 0,
  classCount: 10,
  namesFile: 'batches.meta.txt',
};

const CIFAR_100: Version = {
  name: 'CIFAR-100',
  splitOf: (file) => {
    if (file === 'train.bin') return 'train';
    return file === 'test.bin' ? 'validation' : undefined;
  },
  recordBytes: 2 + IMAGE_BYTES,
  labelOffset: 1,
  classCount: 100,
  namesFile: 'fine_label_names.txt',
};

const CIFAR_100_COARSE: Version = {
  ...CIFAR_100,
  labelOffset: 0,
  classCount: 20,
  namesFile: 'coarse_label_names.txt',
};

export const CIFAR_BINARY: DatasetFormat = {
  name: 'cifar-binary',
  open: (place, { baseFolder }) => {
    return openCifar(folderOf(CIFAR_BINARY.name, place, baseFolder), place);
  },
  summary: () => undefined,
  holds: (files) =>
    [CIFAR_10, CIFAR_100].some((version) =>
      files.some((path) => version.splitOf(basename(path)) === 'train'),
    ),
};

/** @param root absolute path of the folder */
async function openCifar(root: string, place: DatasetPlace): Promise<Dataset> {
  const paths: string[] = [];
  for await (const path of walkFiles(root, '', [])) paths.push(path);
  const version = versionOf(root, paths, place);
  const train = filesOf(root, paths, version, 'train');
  const validation = filesOf(root, paths, version, 'validation');
  if (train.length === 0) throw noTrainingFiles(root, paths, version);
  checkBatches(root, train);
  const images = {
    train: await readImages(root, train, version),
    validation: await readImages(root, validation, version),
  };
  return {
    name: CIFAR_BINARY.name,
    classNames: await classNames(root, dirname(train[0] ?? ''), version),
    train: pixelSplit(images.train, 0),
    validation: pixelSplit(images.validation, 0),
    filesSha256: pixelsSha256([images.train, images.validation]),
  };
}

function versionOf(root: string, paths: readonly string[], { labelColumn }: DatasetPlace): Version {
  const isFine = labelColumn === undefined || labelColumn === 'fine';
  if (!isFine && labelColumn !== 'coarse') {
    throw invalidDataset(`dataset.labelColumn: '${labelColumn}' is neither fine nor coarse`);
  }
  const has = ({ splitOf }: Version): boolean =>
    paths.some((path) => splitOf(basename(path)) !== undefined);
  if (has(CIFAR_10) && has(CIFAR_100)) {
    throw invalidDataset(
      `${root} has files of CIFAR-10 and of CIFAR-100: set dataset.path to the folder of one`,
    );
  }
  if (has(CIFAR_100)) return isFine ? CIFAR_100 : CIFAR_100_COARSE;
  if (isFine) return CIFAR_10;
  throw invalidDataset(
    `dataset.labelColumn: coarse is for CIFAR-100, and ${root} has no train.bin; leave it out`,
  );
}

/** Paths in the order of their numbers. */
function filesOf(
  root: string,
  paths: readonly string[],
  { splitOf }: Version,
  split: SplitName,
): string[] {
  const found = paths.filter((path) => splitOf(basename(path)) === split);
  const names = found.map((path) => basename(path));
  if (new Set(names).size !== names.length) {
    throw invalidDataset(
      `${root} has files of one name: ${listed(found)}; set dataset.path to the folder of one`,
    );
  }
  return found.sort((left, right) => batchNumber(left) - batchNumber(right));
}

/** Test files, of which there is one, have NaN. */
function batchNumber(path: string): number {
  return Number(TRAIN_BATCH.exec(basename(path))?.[1]);
}

function noTrainingFiles(root: string, paths: readonly string[], version: Version): CrescendoError {
  const isPickled = paths.some((path) => /^(?:data_batch_\d|train|meta)$/.test(basename(path)));
  const found = isPickled
    ? "the files of Python's version, which are pickles"
    : `no training files of ${version.name}`;
  return invalidDataset(
    `${root} has ${found}: fetch the binary version, with data_batch_1.bin (CIFAR-10) or ` +
      'train.bin (CIFAR-100)',
  );
}

function checkBatches(root: string, train: readonly string[]): void {
  const numbers = train.map(batchNumber);
  const gap = numbers.findIndex((number, at) => number !== at + 1);
  if (gap < 0 || train.length === 1) return;
  throw invalidDataset(
    `${root} has data_batch_${numbers[gap]}.bin and no data_batch_${gap + 1}.bin: fetch that too`,
  );
}

async function classNames(
  root: string,
  folder: string,
  { namesFile, classCount }: Version,
): Promise<string[]> {
  const path = join(root, folder, namesFile);
  if ((await watch(path)) === undefined) {
    return Array.from({ length: classCount }, (_, label) => String(label));
  }
  const names = await namesInFile(path, 0);
  if (names.length === classCount && new Set(names).size === classCount) return names;
  throw invalidDataset(
    `${path} has ${names.length} names where ${classCount} different ones are needed: ` +
      'fetch it anew',
  );
}

/** @returns undefined without files */
async function readImages(
  root: string,
  paths: readonly string[],
  version: Version,
): Promise<PixelImages | undefined> {
  const counts: number[] = [];
  for (const path of paths) counts.push(await recordCount(join(root, path), version));
  const count = counts.reduce((sum, one) => sum + one, 0);
  if (count === 0) return undefined;
  const images = { shape: SHAPE, bytes: pixelBytes(count, SHAPE), labels: new Int32Array(count) };
  let first = 0;
  for (const [index, path] of paths.entries()) {
    await readFileInto(images, first, join(root, path), counts[index] ?? 0, version);
    first += counts[index] ?? 0;
  }
  return images;
}

async function recordCount(path: string, { name, recordBytes }: Version): Promise<number> {
  const bytes = (await watch(path))?.bytes ?? 0;
  if (bytes > 0 && bytes % recordBytes === 0 && bytes <= FILE_BYTES_MAX) return bytes / recordBytes;
  throw invalidDataset(
    `${path} has ${bytes} bytes, where files of ${name} have a multiple of ${recordBytes}, up to ` +
      `${FILE_BYTES_MAX}: it is cut off, or of another dataset; fetch it anew`,
  );
}

async function readFileInto(
  images: PixelImages,
  first: number,
  path: string,
  count: number,
  { name, recordBytes, labelOffset, classCount }: Version,
): Promise<void> {
  const content = await readFile(path).catch((error: unknown) => {
    throw invalidDataset(`cannot read ${path}: ${messageOf(error)}; make it readable`, error);
  });
  if (content.length !== count * recordBytes) {
    throw invalidDataset(`${path} changed while it was read: try again`);
  }
  for (let index = 0; index < count; index++) {
    const record = content.subarray(index * recordBytes, (index + 1) * recordBytes);
    const label = record[labelOffset] ?? classCount;
    if (label >= classCount) {
      throw invalidDataset(
        `record ${index} of ${path} is of class ${label}, where ${name} has ` +
          `${classCount} classes from 0 on: it is damaged, or of another dataset; fetch it anew`,
      );
    }
    images.labels[first + index] = label;
    interleave(record.subarray(-IMAGE_BYTES), images.bytes, (first + index) * IMAGE_BYTES);
  }
}

/** Planes of red, green and blue to pixels. */
function interleave(planes: Uint8Array, target: Uint8Array, offset: number): void {
  for (let pixel = 0; pixel < PLANE_BYTES; pixel++) {
    const at = offset + 3 * pixel;
    target[at] = planes[pixel] ?? 0;
    target[at + 1] = planes[PLANE_BYTES + pixel] ?? 0;
    target[at + 2] = planes[2 * PLANE_BYTES + pixel] ?? 0;
  }
}
