/** TFRecord files and files of class names as users have them. */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import sharp from 'sharp';
import type { Dataset } from '../../lib/data/dataset.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { withTemporaryFolder } from '../support/images.ts';
import { writeRecords, type FeatureLists, type LabeledImage } from '../support/shard-files.ts';

async function image(): Promise<Buffer> {
  const create = { width: 20, height: 17, channels: 3, background: '#204060' } as const;
  return sharp({ create }).png().toBuffer();
}

async function samples(
  labels: readonly (number | FeatureLists)[],
): Promise<LabeledImage<number | FeatureLists>[]> {
  const one = await image();
  return labels.map((label) => ({ image: one, label }));
}

function open(folder: string, lines: string[] = []): Promise<Dataset> {
  return openDataset(
    { name: 'tfrecord', path: 'data' },
    {
      baseFolder: folder,
      homeFolder: join(folder, 'home'),
      onProgress: (line) => lines.push(line),
    },
  );
}

async function assertRefused(folder: string, message: RegExp): Promise<void> {
  await assert.rejects(open(folder), { code: 'CRESCENDO_DATASET_INVALID', message });
}

test('a class that is no single number within bounds is refused with what there is', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'data', 'train.tfrecord');
    for (const [label, said] of [
      [-1, /-1$/],
      [2 ** 40, /1099511627776$/],
      [{ numbers: [3, 5] }, /1 images and 3, 5$/],
      [{ numbers: [] }, /no such number$/],
      [{ bytes: [Buffer.from('dog')] }, /no such number$/],
      [{ floats: [1] }, /no such number$/],
    ] as const) {
      await writeRecords(path, await samples([0, 1, label]));
      await assertRefused(folder, /one int64 from 0 to 999999, and has/);
      await assertRefused(folder, said);
    }
  });
});

test('compressed files are refused by what they are', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'data', 'train.tfrecord');
    await writeRecords(path, await samples([0, 1]));
    const content = await readFile(path);
    await writeFile(path, gzipSync(content));
    await assertRefused(folder, /train\.tfrecord: it is compressed by gzip/);
    await writeFile(path, deflateSync(content));
    await assertRefused(folder, /train\.tfrecord: it is compressed by zlib/);
  });
});

test('empty files have no images, and files beside them are none', async () => {
  await withTemporaryFolder(async (folder) => {
    const place = join(folder, 'data');
    await mkdir(place);
    await writeFile(join(place, 'train.tfrecord-00000-of-00002'), '');
    await assertRefused(folder, /has images of 0 classes/);
    await writeRecords(join(place, 'train.tfrecord-00001-of-00002'), await samples([0, 1]));
    await writeFile(join(place, 'train.tfrecord-00001-of-00002.idx'), '0 1\n');
    assert.equal((await open(folder)).train.sampleCount, 2);
  });
});

test('a series of files with a gap is told of', async () => {
  await withTemporaryFolder(async (folder) => {
    for (const index of [0, 2]) {
      const name = `train.tfrecord-0000${index}-of-00003`;
      await writeRecords(join(folder, 'data', name), await samples([0, 1]));
    }
    const lines: string[] = [];
    assert.equal((await open(folder, lines)).train.sampleCount, 4);
    assert.ok(
      lines.some((line) =>
        line.endsWith('only 2 of the 3 files train.tfrecord-*-of-00003 are there'),
      ),
    );
  });
});

for (const [kind, text, firstLabel, expected] of [
  ['a byte-order mark and CRLF', '\uFEFFcat\r\ndog\r\n\r\n', 0, ['cat', 'dog']],
  ['numbers from 0', '0: cat\n1: dog\n', 0, ['cat', 'dog']],
  ['numbers from 1', '1:cat\n2:dog\n', 1, ['cat', 'dog']],
  ['a background before classes from 1', '0:background\n1:cat\n2:dog\n', 1, ['cat', 'dog']],
  ['numbers that are names', '3\n1\n', 0, ['3', '1']],
  ['more names than there are images of', 'cat\ndog\nemu\n', 0, ['cat', 'dog', 'emu']],
  ['an empty line', 'cat\n\ndog\n', 0, /line 2 of .*classes\.txt is ''/],
  ['numbers that do not count on', '0:cat\n2:dog\n', 0, /line 2 of .*classes\.txt is '2:dog'/],
  ['numbers from 1 where images have 0', '1:cat\n2:dog\n', 0, /line 1 .*images' first is 0/],
  ['fewer names', 'cat\n', 0, /names 1 classes and the images have 2/],
] as const) {
  const outcome = expected instanceof RegExp ? 'refused' : 'read';
  test(`class names with ${kind} are ${outcome}`, async () => {
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'data', 'train.tfrecord');
      await writeRecords(path, await samples([firstLabel, firstLabel + 1]));
      await writeFile(join(folder, 'data', 'classes.txt'), text);
      if (expected instanceof RegExp) return assertRefused(folder, expected);
      assert.deepEqual((await open(folder)).classNames, expected);
      await rm(join(folder, 'data', 'classes.txt'));
      assert.deepEqual((await open(folder)).classNames, ['0', '1']);
    });
  });
}
