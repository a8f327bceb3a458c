/** Datasets in tar archives and record files: what is read where, and what is said of bad ones. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import type { Dataset, DatasetSplit } from '../../lib/data/dataset.ts';
import { decodeStored } from '../../lib/data/decode-image.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { withTemporaryFolder } from '../support/images.ts';
import { packTar, writeRecords, type LabeledImage } from '../support/shard-files.ts';

const COLORS = ['#ff0000', '#00ff00', '#0000ff'] as const;

/** An image of its class's color; the sides tell images apart. */
async function sampleOf(
  label: number,
  index: number,
  format: 'jpeg' | 'png' = 'jpeg',
): Promise<LabeledImage> {
  const background = COLORS[label % 3] as string;
  const create = { width: 20 + index, height: 17, channels: 3, background } as const;
  return { image: await sharp({ create }).toFormat(format).toBuffer(), label };
}

function samplesOf(count: number, firstLabel = 0): Promise<LabeledImage[]> {
  return Promise.all(
    Array.from({ length: count }, (_, index) => sampleOf(firstLabel + (index % 3), index)),
  );
}

function open(name: string, folder: string, lines: string[] = []): Promise<Dataset> {
  return openDataset(
    { name, path: 'data' },
    {
      baseFolder: folder,
      homeFolder: join(folder, 'home'),
      onProgress: (line) => lines.push(line),
    },
  );
}

/** Each image has the color of its class, whose names begin with the red one. */
async function assertColors(split: DatasetSplit, count: number): Promise<void> {
  assert.equal(split.sampleCount, count);
  const widths: number[] = [];
  for (let index = 0; index < count; index++) {
    const image = split.imageOf(index);
    assert.ok(image.kind === 'encoded');
    const { bytes, widthPx } = await decodeStored(image);
    const channels = [...bytes.subarray(0, 3)];
    assert.equal(channels.indexOf(Math.max(...channels)), split.labelOf(index));
    widths.push(widthPx);
  }
  assert.deepEqual(widths.sort(), Array.from({ length: count }, (_, index) => 20 + index).sort());
}

/** @param nameOf name of a sample without its extension */
async function writeArchive(
  folder: string,
  archive: string,
  samples: readonly LabeledImage[],
  options: { format?: 'ustar' | 'gnu' | 'pax'; nameOf?: (index: number) => string } = {},
): Promise<void> {
  const { format, nameOf = (index) => `${index}` } = options;
  const names: string[] = [];
  await mkdir(join(folder, 'members'), { recursive: true });
  await mkdir(join(folder, 'data'), { recursive: true });
  for (const [index, { image, label }] of samples.entries()) {
    const isJson = index % 2 === 1;
    const [picture, text] = [`${nameOf(index)}.jpg`, `${nameOf(index)}.${isJson ? 'json' : 'cls'}`];
    await writeFile(join(folder, 'members', picture), image);
    await writeFile(join(folder, 'members', text), isJson ? `{"label": ${label}}` : `${label}\n`);
    names.push(picture, text);
  }
  packTar(join(folder, 'data', archive), join(folder, 'members'), names, format);
}

for (const format of ['ustar', 'gnu', 'pax'] as const) {
  test(`images of ${format} archives are read where they lie`, async () => {
    await withTemporaryFolder(async (folder) => {
      const long = format === 'ustar' ? 'short' : 'a-long-name-'.repeat(12);
      const nameOf = (index: number): string => `${long}${index}`;
      const options = { format, nameOf };
      await writeArchive(folder, 'pictures-train-000000.tar', await samplesOf(7), options);
      await writeArchive(folder, 'pictures-val-000000.tar', await samplesOf(4), options);
      await writeFile(join(folder, 'data', 'classes.txt'), 'red\ngreen\nblue\n');
      const dataset = await open('webdataset', folder);
      assert.deepEqual(dataset.classNames, ['red', 'green', 'blue']);
      await assertColors(dataset.train, 7);
      await assertColors(dataset.validation, 4);
    });
  });
}

test('an index of archives is used until one of them changes', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeArchive(folder, 'train-0.tar', await samplesOf(6));
    const lines: string[] = [];
    await open('webdataset', folder, lines);
    await open('webdataset', folder, lines);
    assert.equal(lines.length, 1);
    await writeArchive(folder, 'train-0.tar', await samplesOf(9));
    assert.equal((await open('webdataset', folder, lines)).train.sampleCount, 9);
    assert.equal(lines.length, 2);
  });
});

test('archives that are cut off, or no archives, or without labels are named', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeArchive(folder, 'train-0.tar', await samplesOf(6));
    const path = join(folder, 'data', 'train-0.tar');
    const whole = await readFile(path);
    await truncate(path, 700);
    const invalid = { code: 'CRESCENDO_DATASET_INVALID' };
    await assert.rejects(open('webdataset', folder), {
      ...invalid,
      message: /train-0\.tar.*cut off/,
    });
    await writeFile(path, Buffer.alloc(2048, 'not an archive'));
    await assert.rejects(open('webdataset', folder), { ...invalid, message: /not that of a tar/ });
    await writeFile(path, whole);
    packTar(path, join(folder, 'members'), ['0.jpg', '1.jpg']);
    await assert.rejects(open('webdataset', folder), {
      ...invalid,
      message: /sample 0 of .*train-0\.tar has jpg: it needs one image .*and its class/,
    });
  });
});

test('a name without a split is refused with the words there are', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeArchive(folder, 'pictures-0.tar', await samplesOf(6));
    await assert.rejects(open('webdataset', folder), {
      code: 'CRESCENDO_DATASET_INVALID',
      message: /pictures-0\.tar does not say to which split.*train, training, validation/,
    });
  });
});

for (const firstLabel of [0, 1]) {
  test(`records with classes from ${firstLabel} on are read where they lie`, async () => {
    await withTemporaryFolder(async (folder) => {
      const place = join(folder, 'data');
      await writeRecords(join(place, 'train-00000-of-00001'), await samplesOf(7, firstLabel));
      await writeRecords(join(place, 'validation-00000-of-00001'), await samplesOf(4, firstLabel));
      const { train, validation, classNames } = await open('tfrecord', folder);
      assert.equal(classNames.length, 3);
      for (const [split, count] of [
        [train, 7],
        [validation, 4],
      ] as const) {
        assert.equal(split.sampleCount, count);
        for (let index = 0; index < count; index++) {
          const image = split.imageOf(index);
          assert.ok(image.kind === 'encoded' && image.isPlainJpeg);
          const { bytes } = await decodeStored(image);
          const channels = [...bytes.subarray(0, 3)];
          const color = channels.indexOf(Math.max(...channels));
          assert.equal((split.labelOf(index) + firstLabel) % 3, color);
        }
      }
    });
  });
}

test('a flipped byte of a record is found by its checksum', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'data', 'photos-train.tfrecord');
    await writeRecords(path, await samplesOf(5), { image: 'image', label: 'label' });
    const content = await readFile(path);
    const at = content.length - 40;
    content[at] = (content[at] as number) ^ 4;
    await writeFile(path, content);
    await assert.rejects(open('tfrecord', folder), {
      code: 'CRESCENDO_DATASET_INVALID',
      message: /photos-train\.tfrecord: the record at \d+ has another checksum/,
    });
  });
});

test('records that are cut off, too long or of other keys are refused', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = join(folder, 'data', 'train.tfrecord');
    const invalid = { code: 'CRESCENDO_DATASET_INVALID' };
    await writeRecords(path, await samplesOf(5));
    await appendFile(path, Buffer.alloc(9));
    await assert.rejects(open('tfrecord', folder), { ...invalid, message: /cut off/ });
    await writeRecords(path, await samplesOf(5), { image: 'picture', label: 'label' });
    await assert.rejects(open('tfrecord', folder), {
      ...invalid,
      message: /has label, picture: it needs an image in image\/encoded or image/,
    });
    await assert.rejects(open('webdataset', folder), { ...invalid, message: /no tar archives/ });
  });
});
