/** Small datasets in each format. */
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { packDataset } from '../../lib/data/packed-shards/pack.ts';
import { cifarRecords, idxImages, idxLabels, writeBytes } from './pixel-files.ts';
import { packTar, writeRecords } from './shard-files.ts';

/** Images of the training split. */
export const TRAIN_COUNT = 24;
const VALIDATION_COUNT = 6;

const SPLITS = [
  ['train', TRAIN_COUNT],
  ['validation', VALIDATION_COUNT],
] as const;

export interface WrittenFormat {
  /** As `dataset.name` of a run file. */
  readonly name: string;
  readonly write: (folder: string) => Promise<void>;
}

function noise(): Promise<Buffer> {
  const gaussian = { type: 'gaussian', mean: 128, sigma: 60 } as const;
  const create = { width: 12, height: 9, channels: 3, background: 'red', noise: gaussian } as const;
  return sharp({ create }).jpeg().toBuffer();
}

/** Image i is of class i % 2, in all of them. */
export const WRITTEN_FORMATS: readonly WrittenFormat[] = [
  { name: 'image-folder', write: writeClassFolders },
  { name: 'image-list', write: writeLists },
  { name: 'webdataset', write: writeArchives },
  { name: 'tfrecord', write: writeRecordFiles },
  { name: 'idx', write: writeIdxFiles },
  { name: 'cifar-binary', write: writeCifarFiles },
  { name: 'oxford-flowers-102', write: writeFlowers },
  { name: 'stanford-cars', write: writeCars },
  { name: 'packed-shards', write: writePackedShards },
  { name: 'parquet', write: copyParquetFiles },
];

async function writeClassFolders(folder: string): Promise<void> {
  for (const [split, count] of SPLITS) {
    for (let index = 0; index < count; index++) {
      const name = index % 2 === 0 ? 'cat' : 'dog';
      writeBytes(join(folder, split, name, `${index}.jpg`), await noise());
    }
  }
}

async function writeLists(folder: string): Promise<void> {
  for (const [split, count] of SPLITS) {
    const rows = ['file,label'];
    for (let index = 0; index < count; index++) {
      writeBytes(join(folder, split, `${index}.jpg`), await noise());
      rows.push(`${index}.jpg,${index % 2 === 0 ? 'cat' : 'dog'}`);
    }
    writeBytes(join(folder, `${split}.csv`), rows.join('\n'));
  }
}

async function writeArchives(folder: string): Promise<void> {
  for (const [split, count] of SPLITS) {
    const members = join(folder, '..', `${split}-members`);
    const names: string[] = [];
    await mkdir(folder, { recursive: true });
    for (let index = 0; index < count; index++) {
      writeBytes(join(members, `${index}.jpg`), await noise());
      writeBytes(join(members, `${index}.cls`), String(index % 2));
      names.push(`${index}.jpg`, `${index}.cls`);
    }
    packTar(join(folder, `${split}-0.tar`), members, names);
  }
}

async function writeRecordFiles(folder: string): Promise<void> {
  for (const [split, count] of SPLITS) {
    const samples = Array.from({ length: count }, async (_, index) => {
      return { image: await noise(), label: index % 2 };
    });
    await writeRecords(join(folder, `${split}-00000-of-00001`), await Promise.all(samples));
  }
}

function writeIdxFiles(folder: string): Promise<void> {
  for (const [split, count] of SPLITS) {
    writeBytes(join(folder, `${split}-images-idx3-ubyte`), idxImages(count));
    writeBytes(join(folder, `${split}-labels-idx1-ubyte`), idxLabels(count));
  }
  return Promise.resolve();
}

function writeCifarFiles(folder: string): Promise<void> {
  for (const [split, count] of SPLITS) {
    const file = split === 'train' ? 'data_batch_1.bin' : 'test_batch.bin';
    const labels = Array.from({ length: count }, (_, index) => [index % 2]);
    writeBytes(join(folder, file), cifarRecords(labels));
  }
  return Promise.resolve();
}

const MATLAB_FILES = join(PROJECT_ROOT, 'test/fixtures/matlab');

async function writeFlowers(folder: string): Promise<void> {
  await cp(join(MATLAB_FILES, 'flowers'), folder, { recursive: true });
  await writeNumbered(join(folder, 'jpg/image_'), 5);
}

async function writeCars(folder: string): Promise<void> {
  await cp(join(MATLAB_FILES, 'cars'), folder, { recursive: true });
  await writeNumbered(join(folder, 'car_ims/'), 6);
}

/** Images 1 to the count of both splits. */
async function writeNumbered(prefix: string, digits: number): Promise<void> {
  for (let id = 1; id <= TRAIN_COUNT + VALIDATION_COUNT; id++) {
    writeBytes(`${prefix}${String(id).padStart(digits, '0')}.jpg`, await noise());
  }
}

async function writePackedShards(folder: string): Promise<void> {
  const path = `${folder}-images`;
  await writeClassFolders(path);
  await packDataset({
    place: { name: 'image-folder', path },
    baseFolder: folder,
    homeFolder: `${folder}-home`,
    folder,
    settings: { shardMebibytes: 1, maxSidePx: null, jpegQuality: 90 },
    skipUnreadable: false,
    processes: 1,
    onProgress: () => undefined,
  });
}

/** They were written by pyarrow (test/parity/write_parquet.py). */
function copyParquetFiles(folder: string): Promise<void> {
  return cp(join(PROJECT_ROOT, 'test', 'fixtures', 'parquet', 'epoch'), folder, {
    recursive: true,
  });
}
