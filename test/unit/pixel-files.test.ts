/** Datasets in IDX files and in the binary files of CIFAR, as people have them. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, deflateSync } from 'node:zlib';
import type { Dataset, DatasetSplit } from '../../lib/data/dataset.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { damaged, outcomes } from '../support/damage.ts';
import { pixelsOf, withTemporaryFolder } from '../support/images.ts';
import { cifarRecords, idx, idxImages, idxLabels, writeBytes } from '../support/pixel-files.ts';

const INVALID = 'CRESCENDO_DATASET_INVALID';

function open(name: string, folder: string, labelColumn?: string): Promise<Dataset> {
  const place = { name, path: 'data', ...(labelColumn === undefined ? {} : { labelColumn }) };
  return openDataset(place, { baseFolder: folder, homeFolder: join(folder, 'home') });
}

async function assertRefused(name: string, folder: string, message: RegExp): Promise<void> {
  await assert.rejects(open(name, folder), { code: INVALID, message });
}

/** Labels and pixels of all samples, in the order of their first pixels. */
function samplesOf(split: DatasetSplit): { label: number; pixels: number[] }[] {
  const samples = Array.from({ length: split.sampleCount }, (_, index) => {
    const image = split.imageOf(index);
    assert.ok(image.kind === 'pixels');
    return { label: split.labelOf(index), pixels: [...pixelsOf(image)] };
  });
  const key = ({ pixels }: { pixels: number[] }): number => (pixels.at(-1) as number) * 256;
  return samples.sort((left, right) => key(left) - key(right));
}

interface IdxPair {
  readonly prefix?: string;
  readonly suffix?: string;
  readonly pack?: (content: Buffer) => Buffer;
}

function asIs(content: Buffer): Buffer {
  return content;
}

function packed(content: Buffer): Buffer {
  return gzipSync(content);
}

function writeMnist(folder: string, pair: IdxPair = {}): void {
  const { prefix = '', suffix = '', pack = asIs } = pair;
  for (const [split, count] of [
    ['train', 7],
    ['t10k', 4],
  ] as const) {
    const begin = join(folder, 'data', `${prefix}${split}`);
    writeBytes(`${begin}-images-idx3-ubyte${suffix}`, pack(idxImages(count)));
    writeBytes(`${begin}-labels-idx1-ubyte${suffix}`, pack(idxLabels(count)));
  }
}

const MNIST_KINDS: readonly (readonly [string, IdxPair])[] = [
  ['plain', {}],
  ['compressed', { suffix: '.gz', pack: packed }],
  ['compressed without saying so', { pack: packed }],
  ['unpacked and still named .gz', { suffix: '.gz' }],
  ['in a folder below', { prefix: 'MNIST/raw/' }],
];

for (const [kind, pair] of MNIST_KINDS) {
  test(`IDX files that are ${kind} are read with their own split`, async () => {
    await withTemporaryFolder(async (folder) => {
      writeMnist(folder, pair);
      const { train, validation, classNames } = await open('idx', folder);
      assert.deepEqual(classNames, ['0', '1', '2']);
      assert.equal(validation.sampleCount, 4);
      const samples = samplesOf(train);
      assert.deepEqual(
        samples.map(({ label }) => label),
        [0, 1, 2, 0, 1, 2, 0],
      );
      for (const [index, { pixels }] of samples.entries()) {
        assert.deepEqual(
          pixels,
          Array.from({ length: 12 }, (_, at) => 20 * index + at),
        );
      }
      assert.deepEqual(samples, samplesOf((await open('idx', folder)).train));
    });
  });
}

test('an IDX file that lies there packed and unpacked is read once', async () => {
  await withTemporaryFolder(async (folder) => {
    writeMnist(folder);
    writeMnist(folder, { suffix: '.gz', pack: () => gzipSync('not what is read') });
    assert.equal((await open('idx', folder)).train.sampleCount, 7);
  });
});

test('classes that count from 1, as those of EMNIST letters, are named by a file', async () => {
  await withTemporaryFolder(async (folder) => {
    writeBytes(join(folder, 'data/emnist-letters-train-images-idx3-ubyte'), idxImages(7));
    writeBytes(join(folder, 'data/emnist-letters-train-labels-idx1-ubyte'), idxLabels(7, 1));
    writeBytes(join(folder, 'data/classes.txt'), 'a\nb\nc\n');
    const { train, validation, classNames } = await open('idx', folder);
    assert.deepEqual(classNames, ['a', 'b', 'c']);
    assert.equal(validation.sampleCount, 0);
    assert.deepEqual(
      samplesOf(train).map(({ label }) => label),
      [0, 1, 2, 0, 1, 2, 0],
    );
  });
});

test('IDX files in color, and labels of four bytes, are read', async () => {
  await withTemporaryFolder(async (folder) => {
    const pixels = Uint8Array.from({ length: 24 }, (_, at) => at);
    const labels = Uint8Array.from([0, 0, 1, 0x2c, 0, 0, 0, 0]);
    writeBytes(join(folder, 'data/train-images.idx4-ubyte'), idx(8, [2, 2, 2, 3], pixels));
    writeBytes(join(folder, 'data/train-labels.idx1-int'), idx(12, [2], labels));
    const { train, classNames } = await open('idx', folder);
    assert.equal(classNames.length, 301);
    const samples = samplesOf(train);
    assert.deepEqual(samples, [
      { label: 300, pixels: [...pixels.subarray(0, 12)] },
      { label: 0, pixels: [...pixels.subarray(12)] },
    ]);
  });
});

test('IDX files that do not belong together, or lack, are named', async () => {
  await withTemporaryFolder(async (folder) => {
    writeBytes(join(folder, 'data/notes.txt'), 'nothing yet');
    await assertRefused('idx', folder, /data has no training images: put train-images-idx3-ubyte/);
    writeBytes(join(folder, 'data/train-images-idx3-ubyte'), idxImages(7));
    await assertRefused('idx', folder, /train-images-idx3-ubyte has no file of labels beside it/);
    writeBytes(join(folder, 'data/train-labels-idx1-ubyte'), idxLabels(6));
    await assertRefused('idx', folder, /has 7 images and train-labels-idx1-ubyte has 6 labels/);
    writeBytes(join(folder, 'data/train-labels-idx1-ubyte'), idxImages(7));
    await assertRefused('idx', folder, /train-labels-idx1-ubyte has 7 x 3 x 4 numbers/);
    writeBytes(join(folder, 'data/train-labels-idx1-ubyte'), deflateSync(idxLabels(7)));
    await assertRefused('idx', folder, /train-labels-idx1-ubyte .*compressed by zlib; gzip alone/);
    writeBytes(join(folder, 'data/train-labels-idx1-ubyte'), idxLabels(7));
    assert.equal((await open('idx', folder)).train.sampleCount, 7);
    writeBytes(join(folder, 'data/other-train-labels-idx1-ubyte'), idxLabels(7));
    await assertRefused('idx', folder, /several IDX files of one kind: other-train-labels/);
  });
});

test('an IDX file that asks for more than it has, or more than is read, is refused', async () => {
  await withTemporaryFolder(async (folder) => {
    writeMnist(folder);
    const path = join(folder, 'data/train-images-idx3-ubyte');
    const huge = idx(8, [0xffffffff, 0xffff, 0xffff], Buffer.alloc(9));
    const large = idx(8, [2_000_000, 30, 30], Buffer.alloc(9));
    for (const pack of [asIs, packed]) {
      await writeFile(path, pack(huge));
      await assertRefused('idx', folder, /4294967295 x 65535 x 65535 numbers are more than/);
      await writeFile(path, pack(large));
      await assertRefused('idx', folder, /has 25 bytes where its header asks for 1800000016/);
    }
    await writeFile(path, gzipSync(Buffer.concat([idxImages(7), Buffer.alloc(1 << 20)])));
    await assertRefused('idx', folder, /it is longer than the 100 bytes of its header/);
  });
});

for (const [kind, pack] of [
  ['plain', asIs],
  ['compressed', packed],
] as const) {
  test(`a damaged ${kind} IDX file is read or refused, and nothing else`, async () => {
    await withTemporaryFolder(async (folder) => {
      writeMnist(folder);
      for (const file of ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte']) {
        const path = join(folder, 'data', file);
        const whole = pack(file.includes('images') ? idxImages(7) : idxLabels(7));
        const { refused } = await outcomes(damaged(whole), [INVALID], async (copy) => {
          await writeFile(path, copy);
          await open('idx', folder);
        });
        assert.ok(refused >= whole.length, `${refused} refused`);
        await writeFile(path, whole);
      }
    });
  });
}

function writeCifar10(folder: string): void {
  const place = join(folder, 'data/cifar-10-batches-bin');
  writeBytes(join(place, 'data_batch_1.bin'), cifarRecords([[7], [1]]));
  writeBytes(join(place, 'data_batch_2.bin'), cifarRecords([[0], [9], [2]]));
  writeBytes(join(place, 'test_batch.bin'), cifarRecords([[4]]));
}

test('the binary files of CIFAR-10 are read as interleaved pixels', async () => {
  await withTemporaryFolder(async (folder) => {
    writeCifar10(folder);
    const numbers = await open('cifar-binary', folder);
    assert.deepEqual(numbers.classNames, ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    const names = Array.from({ length: 10 }, (_, at) => `class ${at}`);
    const namesFile = join(folder, 'data/cifar-10-batches-bin/batches.meta.txt');
    await writeFile(namesFile, `${names.join('\n')}\n\n`);
    const { train, validation, classNames } = await open('cifar-binary', folder);
    assert.deepEqual(classNames, names);
    const samples = samplesOf(train);
    assert.deepEqual(samples.map(({ label }) => label).sort(), [0, 1, 2, 7, 9]);
    assert.deepEqual(samples[4]?.pixels.slice(0, 6), [9, 9, 9, 2, 3, 4]);
    assert.equal(samples[4].label, 2);
    assert.deepEqual(
      samplesOf(validation).map(({ label }) => label),
      [4],
    );
    await writeFile(namesFile, `${names.slice(1).join('\n')}\n`);
    await assertRefused(
      'cifar-binary',
      folder,
      /batches\.meta\.txt has 9 names where 10 different/,
    );
  });
});

test('CIFAR-100 has its fine classes, and its coarse ones where they are asked for', async () => {
  await withTemporaryFolder(async (folder) => {
    writeBytes(
      join(folder, 'data/train.bin'),
      cifarRecords([
        [19, 99],
        [3, 0],
        [0, 55],
      ]),
    );
    writeBytes(join(folder, 'data/test.bin'), cifarRecords([[7, 12]]));
    const fine = await open('cifar-binary', folder);
    const coarse = await open('cifar-binary', folder, 'coarse');
    assert.deepEqual(samplesOf(fine.train)[1]?.pixels.slice(0, 6), [9, 9, 9, 1, 2, 3]);
    assert.deepEqual([fine.classNames.length, coarse.classNames.length], [100, 20]);
    assert.deepEqual(
      samplesOf(fine.train).map(({ label }) => label),
      [99, 0, 55],
    );
    assert.deepEqual(
      samplesOf(coarse.train).map(({ label }) => label),
      [19, 3, 0],
    );
    assert.deepEqual(
      samplesOf(fine.train),
      samplesOf((await open('cifar-binary', folder, 'fine')).train),
    );
    await assert.rejects(open('cifar-binary', folder, 'medium'), { message: /neither fine nor/ });
    writeCifar10(folder);
    await assertRefused('cifar-binary', folder, /has files of CIFAR-10 and of CIFAR-100/);
  });
});

test('files of CIFAR that lack, are cut off, or of another kind are named', async () => {
  await withTemporaryFolder(async (folder) => {
    writeBytes(join(folder, 'data/cifar-10-batches-py/data_batch_1'), 'a pickle');
    await assertRefused('cifar-binary', folder, /Python's version, .* fetch the binary version/);
    writeCifar10(folder);
    const place = join(folder, 'data/cifar-10-batches-bin');
    await assert.rejects(open('cifar-binary', folder, 'coarse'), {
      code: INVALID,
      message: /coarse is for CIFAR-100/,
    });
    writeBytes(join(place, 'data_batch_4.bin'), cifarRecords([[0]]));
    await assertRefused('cifar-binary', folder, /has data_batch_4\.bin and no data_batch_3\.bin/);
    writeBytes(join(place, 'data_batch_3.bin'), cifarRecords([[3], [10]]));
    await assertRefused('cifar-binary', folder, /record 1 of .*data_batch_3\.bin is of class 10/);
    const whole = cifarRecords([[3], [4]]);
    writeBytes(join(place, 'data_batch_3.bin'), whole.subarray(0, 6000));
    await assertRefused('cifar-binary', folder, /data_batch_3\.bin has 6000 bytes, .* of 3073/);
    writeBytes(join(place, 'data_batch_3.bin'), '');
    await assertRefused('cifar-binary', folder, /data_batch_3\.bin has 0 bytes/);
    writeBytes(join(place, 'data_batch_3.bin'), whole);
    writeBytes(join(folder, 'data/copy/data_batch_3.bin'), whole);
    await assertRefused('cifar-binary', folder, /has files of one name/);
  });
});

test('a label column is refused for a dataset that has none', () => {
  const model = 'model: { name: efficientnetv2-b0 }';
  assert.throws(
    () => parseRunText(`${model}\ndataset: { name: mnist, labelColumn: coarse }`, 'test'),
    /dataset\.labelColumn: is for image-list, cifar-binary, parquet alone, not for mnist;/,
  );
});
