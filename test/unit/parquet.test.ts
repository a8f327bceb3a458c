/**
 * Parquet files that pyarrow wrote (test/parity/write_parquet.py): what is read of them, and what
 * is said of others.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import type { Dataset, DatasetSplit } from '../../lib/data/dataset.ts';
import { decodeStored } from '../../lib/data/decode-image.ts';
import { imagesOf, parquetSource } from '../../lib/data/formats/parquet-file.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { damaged } from '../support/damage.ts';
import { withTemporaryFolder } from '../support/images.ts';

const FIXTURES = join(PROJECT_ROOT, 'test', 'fixtures', 'parquet');
const INVALID = { code: 'CRESCENDO_DATASET_INVALID' };

function open(
  path: string,
  home: string,
  others: { labelColumn?: string; lines?: string[] } = {},
): Promise<Dataset> {
  const { labelColumn, lines } = others;
  const place = { name: 'parquet', path, ...(labelColumn === undefined ? {} : { labelColumn }) };
  return openDataset(place, { homeFolder: home, onProgress: (line) => lines?.push(line) });
}

/** Each image has the gray of its class, and widths are those that were written. */
async function assertImages(split: DatasetSplit, widths: readonly number[]): Promise<void> {
  const found: number[] = [];
  for (let index = 0; index < split.sampleCount; index++) {
    const image = split.imageOf(index);
    assert.ok(image.kind === 'encoded' && image.length > 0);
    const { bytes, widthPx } = await decodeStored(image);
    assert.ok(Math.abs((bytes[0] as number) - 40 * split.labelOf(index) - 20) <= 1);
    found.push(widthPx);
  }
  found.sort((left, right) => left - right);
  assert.deepEqual(found, widths);
}

function range(begin: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => begin + index);
}

test('splits, classes and images of several files and row groups are as written', async () => {
  await withTemporaryFolder(async (home) => {
    const lines: string[] = [];
    const { classNames, train, validation } = await open(join(FIXTURES, 'snappy'), home, { lines });
    assert.deepEqual(classNames, ['black', 'gray', 'white']);
    await assertImages(train, range(8, 12));
    await assertImages(validation, range(8, 4));
    const images = range(0, 12).map((index) => train.imageOf(index));
    assert.equal(images.filter((image) => image.kind === 'encoded' && image.isPlainJpeg).length, 1);
    assert.equal(lines.length, 3);
    assert.match(
      lines[0] ?? '',
      /copying the images of data\/train-00000-of-00002\.parquet \(1 of/,
    );
    await open(join(FIXTURES, 'snappy'), home, { lines });
    assert.equal(lines.length, 3, 'a second start copies nothing');
  });
});

for (const name of ['none', 'zstd', 'gzip', 'pages', 'delta']) {
  test(`images in ${name} are as written`, async () => {
    await withTemporaryFolder(async (home) => {
      const { classNames, train } = await open(join(FIXTURES, name), home);
      assert.deepEqual(classNames, ['black', 'gray', 'white']);
      await assertImages(train, range(8, 6));
    });
  });
}

test('bytes that are no image are named by file and row', async () => {
  await withTemporaryFolder(async (folder) => {
    const data = join(folder, 'data');
    cpSync(join(FIXTURES, 'none'), data, { recursive: true });
    const path = join(data, 'train-00000-of-00001.parquet');
    const content = readFileSync(path);
    content.fill(0, content.indexOf('PNG'), content.indexOf('PNG') + 3);
    writeFileSync(path, content);
    await assert.rejects(open(data, folder), {
      code: 'CRESCENDO_IMAGE_UNREADABLE',
      message: /^1 image .*: row \d of .*train-00000-of-00001\.parquet: Input buffer/s,
    });
  });
});

test('without names in a file, classes.txt names them, else their numbers do', async () => {
  await withTemporaryFolder(async (folder) => {
    const data = join(folder, 'data');
    cpSync(join(FIXTURES, 'plain'), data, { recursive: true });
    const { classNames, train } = await open(data, folder);
    assert.deepEqual(classNames, ['0', '1', '2']);
    await assertImages(train, range(8, 6));
    writeFileSync(join(data, 'classes.txt'), 'one\ntwo\nthree\n');
    assert.deepEqual((await open(data, folder)).classNames, ['one', 'two', 'three']);
  });
});

test('columns that are not there, or no classes, are refused with those that are', async () => {
  await withTemporaryFolder(async (home) => {
    await assert.rejects(open(join(FIXTURES, 'snappy'), home, { labelColumn: 'fine_label' }), {
      ...INVALID,
      message: /column fine_label is not one of integers; its columns are image, label, note/,
    });
    await assert.rejects(open(join(FIXTURES, 'snappy'), home, { labelColumn: 'note' }), {
      ...INVALID,
      message: /column note is not one of integers/,
    });
  });
});

test('files of other classes, and another compression, are refused by name', async () => {
  await withTemporaryFolder(async (folder) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    const copy = (from: string, to: string): void => {
      cpSync(join(FIXTURES, from), join(data, to));
    };
    copy('zstd/train-00000-of-00001.parquet', 'train-0.parquet');
    copy('epoch/train-00000-of-00001.parquet', 'train-1.parquet');
    await assert.rejects(open(data, folder), {
      ...INVALID,
      message: /train-1\.parquet names other classes than .*train-0\.parquet/,
    });
    rmSync(join(data, 'train-1.parquet'));
    copy('lz4/train-00000-of-00001.parquet', 'train-0.parquet');
    await assert.rejects(open(data, folder), {
      ...INVALID,
      message: /cannot read .*train-0\.parquet: parquet unsupported compression .*: LZ4/,
    });
  });
});

test('a test split beside one for validation is left out', async () => {
  await withTemporaryFolder(async (folder) => {
    const data = join(folder, 'data');
    cpSync(join(FIXTURES, 'snappy', 'data'), data, { recursive: true });
    cpSync(join(data, 'train-00000-of-00002.parquet'), join(data, 'test-00000-of-00001.parquet'));
    const lines: string[] = [];
    const { validation } = await open(data, folder, { lines });
    assert.equal(validation.sampleCount, 4);
    assert.match(lines.join('\n'), /leaving out 1 files of a test split/);
    const { notes = [] } = await open(data, folder);
    assert.match(notes.join(), /leaving out 1 files of a test split/, 'a later start knows it too');
  });
});

test('copied images that are lost or cut off are copied again', async () => {
  await withTemporaryFolder(async (home) => {
    const source = join(FIXTURES, 'zstd');
    await open(source, home);
    const datasets = join(home, 'datasets');
    const index = readdirSync(datasets).find((name) => name.startsWith('index-')) ?? '';
    const images = join(datasets, index, 'images-00000');
    const content = readFileSync(images);
    writeFileSync(images, content.subarray(0, content.length - 1));
    await assertImages((await open(source, home)).train, range(8, 6));
    assert.deepEqual(readFileSync(images), content);
  });
});

test('a file that takes all memory ends its own process and is named', async () => {
  await withTemporaryFolder(async (folder) => {
    const data = join(folder, 'data');
    mkdirSync(data);
    const content = readFileSync(join(FIXTURES, 'none', 'train-00000-of-00001.parquet'));
    // Levels of a page: 2 bytes with a run of 4 values, which becomes one of 2 ** 31 - 1.
    const at = content.indexOf(Buffer.from([2, 0, 0, 0, 4 << 1])) + 4;
    assert.ok(at >= 4);
    content.set([0xfe, 0xff, 0xff, 0xff, 0x0f], at);
    writeFileSync(join(data, 'train.parquet'), content);
    await assert.rejects(open(data, folder), {
      ...INVALID,
      message: /train\.parquet: the process that read it ended with SIG.*repair or remove it/,
    });
  });
});

test('a file that is cut off is refused, and one with another byte harms nobody', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'train.parquet');
    const whole = readFileSync(join(FIXTURES, 'zstd', 'train-00000-of-00001.parquet'));
    const counts = { cut: 0, refused: 0, taken: 0 };
    for (const copy of damaged(whole)) {
      writeFileSync(path, copy);
      const file = await openFile(path);
      try {
        const source = await parquetSource(file, copy.length, undefined);
        for await (const rows of imagesOf(source)) assert.ok(rows.length <= 4);
        assert.equal(copy.length, whole.length, `cut off at ${copy.length} bytes`);
        counts.taken++;
      } catch (error) {
        assert.ok(error instanceof Error);
        assert.notEqual(error.name, 'AssertionError', error.message);
        counts[copy.length < whole.length ? 'cut' : 'refused']++;
      } finally {
        await file.close();
      }
    }
    assert.equal(counts.cut, whole.length);
    assert.ok(counts.refused > 0 && counts.taken > 0);
  });
});
