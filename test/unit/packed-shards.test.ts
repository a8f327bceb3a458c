/** Packed shards hold what their source has, and are refused where they do not. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Dataset, DatasetSplit } from '../../lib/data/dataset.ts';
import { decodeStored, readStored } from '../../lib/data/decode-image.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { encodedSample } from '../../lib/data/packed-shards/encoded-sample.ts';
import { damaged, outcomes } from '../support/damage.ts';
import { withTemporaryFolder, writeImage } from '../support/images.ts';
import { FOLDER_COUNTS, packPhotos, writePhotos } from '../support/packed-shards.ts';

/** Photos and their packed shards, made once. */
const made = mkdtempSync(join(tmpdir(), 'crescendo-test-'));

before(async () => {
  await writePhotos(made);
  await packPhotos(made, { processes: 2 });
});

after(() => {
  rmSync(made, { recursive: true, force: true });
});

function open(folder: string, name = 'packed-shards', path = 'packed'): Promise<Dataset> {
  return openDataset({ name, path }, { baseFolder: folder, homeFolder: join(folder, 'home') });
}

/** Runs `body` with a copy of the shards below a folder. */
async function withCopy(body: (packed: string, folder: string) => Promise<void>): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    cpSync(join(made, 'packed'), join(folder, 'packed'), { recursive: true });
    await body(join(folder, 'packed'), folder);
  });
}

async function assertRefused(folder: string, message: RegExp): Promise<void> {
  await assert.rejects(open(folder), { code: 'CRESCENDO_DATASET_INVALID', message });
}

async function assertSame(split: DatasetSplit, source: DatasetSplit): Promise<void> {
  assert.equal(split.sampleCount, source.sampleCount);
  for (let index = 0; index < split.sampleCount; index++) {
    const [image, original] = [split.imageOf(index), source.imageOf(index)];
    assert.ok(image.kind === 'encoded' && original.kind === 'encoded');
    assert.equal(split.labelOf(index), source.labelOf(index));
    assert.deepEqual(await readStored(image), await readStored(original));
    const { widthPx, heightPx, isPlainJpeg } = original;
    assert.deepEqual(
      [image.widthPx, image.heightPx, image.isPlainJpeg],
      [widthPx, heightPx, isPlainJpeg],
    );
  }
}

test('packed shards have the images of their source as they were, in its order', async () => {
  const [packed, source] = [await open(made), await open(made, 'image-folder', 'photos')];
  assert.deepEqual(packed.classNames, source.classNames);
  assert.equal(packed.train.sampleCount, FOLDER_COUNTS.train);
  await assertSame(packed.train, source.train);
  await assertSame(packed.validation, source.validation);
});

test('packed shards can be restricted to classes, and packed again', async () => {
  await withTemporaryFolder(async (folder) => {
    const classes = ['class-2', 'class-0'];
    const place = { name: 'packed-shards', path: join(made, 'packed'), classes };
    const { classNames, splits } = await packPhotos(folder, { place });
    assert.deepEqual(classNames, classes);
    assert.deepEqual(splits.train.classCounts, [10, 10]);
    await assertSame((await open(folder)).train, (await openDataset(place)).train);
  });
});

test('pixels that are not encoded come back bit for bit', async () => {
  for (const channels of [1, 3] as const) {
    const [widthPx, heightPx] = [7, 5];
    const bytes = Uint8Array.from({ length: 35 * channels + 64 }, (_, at) => (at * 37) % 256);
    const image = { kind: 'pixels', bytes, offset: 0, widthPx, heightPx, channels } as const;
    const sample = await encodedSample(image, undefined);
    await withTemporaryFolder(async (folder) => {
      const path = join(folder, 'image');
      await writeFile(path, sample.bytes);
      const stored = { kind: 'encoded', path, offset: 0, length: 0, ...sample } as const;
      const decoded = await decodeStored(stored);
      const expected = Array.from({ length: 105 }, (_, at) =>
        channels === 3 ? bytes[at] : bytes[Math.floor(at / 3)],
      );
      assert.deepEqual([...decoded.bytes.subarray(0, 105)], expected);
    });
  }
});

test('a shard file that is missing, cut off or longer is named', async () => {
  await withCopy(async (packed, folder) => {
    const shard = join(packed, 'train-00001.shard');
    const whole = await readFile(shard);
    await truncate(shard, whole.length - 1);
    await assertRefused(folder, /train-00001\.shard .*has \d+ bytes, and manifest\.json says \d+/);
    await writeFile(shard, whole);
    await appendFile(shard, 'x');
    await assertRefused(folder, /train-00001\.shard/);
    await rm(shard);
    await assertRefused(folder, /train-00001\.shard .*ENOENT.*make it anew with crescendo shard/);
  });
});

test('an index with another byte is refused, and so is one of other records', async () => {
  await withCopy(async (packed, folder) => {
    const index = join(packed, 'train.index');
    const content = await readFile(index);
    content[24] = (content[24] as number) ^ 1;
    await writeFile(index, content);
    await assertRefused(folder, /train\.index .*its SHA-256 is .*manifest\.json says/);
    await truncate(index, 48);
    await assertRefused(folder, /train\.index .*has 48 bytes/);
  });
});

test('a folder without a manifest is one that was not finished', async () => {
  await withCopy(async (packed, folder) => {
    await rm(join(packed, 'manifest.json'));
    await assertRefused(folder, /manifest\.json of packed shards: ENOENT/);
  });
});

test('a manifest that leads elsewhere, or to more than is there, is refused', async () => {
  await withCopy(async (packed, folder) => {
    const path = join(packed, 'manifest.json');
    const text = await readFile(path, 'utf8');
    const changes: [RegExp, string, RegExp][] = [
      [/"train-00000\.shard"/, '"../train-00000.shard"', /it names \.\.\/train-00000\.shard where/],
      [/"sampleCount": 30/, '"sampleCount": 4294967295', /bytes, and 4294967295 samples need 24/],
      [/"sampleCount": 30/, '"sampleCount": -1', /train\.sampleCount is no count/],
      [/"version": 1/, '"version": 2', /its version is 2, not 1/],
      [/"format": "[^"]*"/, '"format": "mds"', /its format is not crescendo-packed-shards/],
      [/"class-0"/, '7', /classNames are not/],
      [/"splits"/, '"parts"', /splits is not an object/],
      [/^\{/, '[', /JSON/],
    ];
    for (const [from, to, message] of changes) {
      await writeFile(path, text.replace(from, to));
      await assertRefused(folder, message);
    }
    await truncate(path, 2 ** 27);
    await assertRefused(folder, /it has 134217728 bytes, more than/);
  });
});

/** Two images in packed shards, in one file for each split. */
async function withTwoImages(
  body: (packed: string, folder: string) => Promise<void>,
): Promise<void> {
  await withTemporaryFolder(async (folder) => {
    for (const split of ['train', 'validation']) {
      for (const name of ['a', 'b']) await writeImage(join(folder, 'photos', split, name, '1.png'));
    }
    await packPhotos(folder);
    await body(join(folder, 'packed'), folder);
  });
}

test('a manifest that is cut off anywhere or has another byte is refused, or as good', async () => {
  await withTwoImages(async (packed, folder) => {
    const path = join(packed, 'manifest.json');
    const { refused, taken } = await outcomes(
      damaged(await readFile(path)),
      ['CRESCENDO_DATASET_INVALID'],
      async (copy) => {
        await writeFile(path, copy);
        const { train, validation } = await open(folder);
        assert.deepEqual([train.sampleCount, validation.sampleCount], [2, 2]);
        for (const index of [0, 1]) train.imageOf(index);
      },
    );
    // Names of classes, the source, settings and checksums of shard files may be any.
    assert.ok(refused > taken, `${refused} refused, ${taken} taken`);
  });
});

test('a record that leads beyond its shard file, or to no image, is refused', async () => {
  await withTwoImages(async (packed, folder) => {
    const [indexPath, manifestPath] = [join(packed, 'train.index'), join(packed, 'manifest.json')];
    const { length } = await readFile(join(packed, 'train-00000.shard'));
    const index = await readFile(indexPath);
    const text = await readFile(manifestPath, 'utf8');
    const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
    const { refused, taken } = await outcomes(
      [...damaged(index)].filter((copy) => copy.length === index.length),
      ['CRESCENDO_DATASET_INVALID'],
      async (copy) => {
        await writeFile(indexPath, copy);
        await writeFile(manifestPath, text.replace(hashOf(index), hashOf(copy)));
        const { train } = await open(folder);
        for (const sample of [0, 1]) {
          const image = train.imageOf(sample);
          assert.ok(image.kind === 'encoded' && image.offset + image.length <= length);
        }
      },
    );
    assert.ok(refused > 40 && taken > 0, `${refused} refused, ${taken} taken`);
  });
});
