/** Folders of image files: layouts, order, splits, and what is said about a bad one. */
import assert from 'node:assert/strict';
import { readdir, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import type { Dataset, DatasetSplit, PixelImage } from '../../lib/data/dataset.ts';
import { decodeStored } from '../../lib/data/decode-image.ts';
import { createRenderer } from '../../lib/data/renderer.ts';
import { listImages } from '../../lib/data/formats/folder-listing.ts';
import { isHeldOut } from '../../lib/data/formats/image-folder.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { describeDataset, openBatchSource } from '../../lib/data/open-batch-source.ts';
import {
  dataPhase,
  dataRun,
  withTemporaryFolder,
  writeImage,
  writeTextFile,
} from '../support/images.ts';

async function writeTwoClasses(root: string): Promise<void> {
  for (const index of [0, 1, 2]) {
    await writeImage(join(root, `train/cat/${index}.png`), { color: '#ff0000' });
    await writeImage(join(root, `train/dog/sub/${index}.webp`), { color: '#0000ff' });
  }
  await writeImage(join(root, 'validation/dog/0.jpeg'), { color: '#0000ff' });
}

function open(folder: string, lines: string[] = []): Promise<Dataset> {
  return openDataset(
    { name: 'image-folder', path: 'images' },
    {
      baseFolder: folder,
      fetchPackage: () => Promise.reject(new Error('nothing is fetched')),
      homeFolder: join(folder, 'home'),
      onProgress: (line) => lines.push(line),
    },
  );
}

function decoded(split: DatasetSplit, index: number): Promise<PixelImage> {
  const image = split.imageOf(index);
  assert.ok(image.kind === 'encoded');
  return decodeStored(image);
}

/** The pixel at a place of an image, its colors rounded to whole sixteenths of their range. */
function colorAt({ bytes, widthPx }: PixelImage, x: number, y: number): number[] {
  const at = (y * widthPx + x) * 3;
  return [...bytes.subarray(at, at + 3)].map((value) => Math.round(value / 17));
}

test('train and validation folders become splits, classes sorted by name', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const dataset = await open(folder);
    assert.deepEqual(dataset.classNames, ['cat', 'dog']);
    assert.deepEqual([dataset.train.sampleCount, dataset.validation.sampleCount], [6, 1]);
    const labels = [0, 1, 2, 3, 4, 5].map((index) => dataset.train.labelOf(index));
    assert.deepEqual([...labels].sort(), [0, 0, 0, 1, 1, 1]);
    for (const [index, label] of labels.entries()) {
      const { bytes, heightPx, widthPx, channels } = await decoded(dataset.train, index);
      assert.deepEqual([heightPx, widthPx, channels], [5, 6, 3]);
      const [red = 0, , blue = 0] = bytes;
      assert.ok(label === 0 ? red > 200 && blue < 50 : blue > 200 && red < 50);
    }
  });
});

test('class folders alone hold out a fixed tenth by path', async () => {
  await withTemporaryFolder(async (folder) => {
    let heldOutCount = 0;
    for (let index = 0; index < 40; index++) {
      const path = `${index % 2 === 0 ? 'a' : 'b'}/${index}.png`;
      if (isHeldOut(path)) heldOutCount++;
      await writeImage(join(folder, 'images', path));
    }
    const dataset = await open(folder);
    assert.equal(dataset.validation.sampleCount, heldOutCount);
    assert.equal(dataset.train.sampleCount, 40 - heldOutCount);
  });
  const share = Array.from({ length: 5_000 }, (_, at) => isHeldOut(`a/${at}.png`));
  const heldOut = share.filter(Boolean).length;
  assert.ok(heldOut > 430 && heldOut < 570, `${heldOut} of 5000`);
});

test('headers are read once, and again when a file comes or goes', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const lines: string[] = [];
    await open(folder, lines);
    await open(folder, lines);
    assert.equal(lines.length, 1);
    await rm(join(folder, 'images/train/cat/0.png'));
    assert.equal((await open(folder, lines)).train.sampleCount, 5);
    assert.equal(lines.length, 2);
    const entries = await readdir(join(folder, 'home/datasets'));
    assert.ok(entries.every((name) => name.startsWith('index-')));
  });
});

test('who opens a folder while another one reads its headers waits for the index', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const lines: string[] = [];
    const opened = await Promise.all([1, 2, 3].map(() => open(folder, lines)));
    assert.deepEqual(
      opened.map(({ train }) => train.sampleCount),
      [6, 6, 6],
    );
    assert.equal(lines.filter((line) => line.includes('reading the headers')).length, 1);
  });
});

test('an index is made anew for another folder with the same times', async () => {
  await withTemporaryFolder(async (folder) => {
    const place = join(folder, 'images');
    const setTimes = async (): Promise<void> => {
      for (const inside of await readdir(place, { recursive: true })) {
        await utimes(join(place, inside), 0, 0);
      }
      await utimes(place, 0, 0);
    };
    await writeTwoClasses(place);
    await setTimes();
    assert.equal((await open(folder)).train.sampleCount, 6);
    await writeImage(join(place, 'train/cat/3.png'));
    await setTimes();
    assert.equal((await open(folder)).train.sampleCount, 7);
  });
});

test('a cache folder that cannot be written is named', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    await writeFile(join(folder, 'home'), 'a file where the folder would be');
    await assert.rejects(open(folder), {
      code: 'CRESCENDO_DATASET_INVALID',
      message: /cannot keep the index of .*images below .*home: .*ENOTDIR.*CRESCENDO_HOME/,
    });
  });
});

test('a damaged index is made anew', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    await open(folder);
    const [name = ''] = await readdir(join(folder, 'home/datasets'));
    for (const file of await readdir(join(folder, 'home/datasets', name))) {
      await truncate(join(folder, 'home/datasets', name, file), 5);
      assert.equal((await open(folder)).train.sampleCount, 6);
    }
  });
});

test('a file that is no image is named before training starts', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    await writeTextFile(join(folder, 'images/train/cat/broken.jpg'), 'not a picture');
    await assert.rejects(open(folder), {
      code: 'CRESCENDO_IMAGE_UNREADABLE',
      message: /train\/cat\/broken\.jpg: .*unsupported image format/,
    });
  });
});

test('an image cut off after its header is named when it is read', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const path = join(folder, 'images/validation/dog/0.jpeg');
    await writeImage(path, { widthPx: 300, heightPx: 300 });
    await truncate(path, 800);
    const dataset = await open(folder);
    await assert.rejects(decoded(dataset.validation, 0), {
      code: 'CRESCENDO_IMAGE_UNREADABLE',
      message: /validation\/dog\/0\.jpeg/,
    });
  });
});

test('a class that only validation has is refused with one of its files', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    await writeImage(join(folder, 'images/validation/emu/7.png'));
    await assert.rejects(open(folder), {
      code: 'CRESCENDO_LABEL_OUT_OF_RANGE',
      message: /validation\/emu\/7\.png is of class 'emu'.*cat, dog/,
    });
  });
});

test('missing folders, empty classes and a single class are refused', async () => {
  await withTemporaryFolder(async (folder) => {
    const invalid = { code: 'CRESCENDO_DATASET_INVALID' };
    await assert.rejects(open(folder), invalid);
    await writeImage(join(folder, 'images/train/cat/0.png'));
    await assert.rejects(open(folder), { ...invalid, message: /1 class folders/ });
    await writeTextFile(join(folder, 'images/train/dog/notes.txt'), 'no image here');
    await assert.rejects(open(folder), { ...invalid, message: /train\/dog without images/ });
  });
});

test('files that are not images are left out, and said to be', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    await writeTextFile(join(folder, 'images/train/cat/notes.txt'), 'a note');
    const lines: string[] = [];
    assert.equal((await open(folder, lines)).train.sampleCount, 6);
    assert.ok(lines.some((line) => line.endsWith('1 .txt')));
  });
});

test('transparent and gray images decode to three channels', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const clear = { r: 0, g: 0, b: 0, alpha: 0 };
    const create = { width: 3, height: 3, channels: 4, background: clear } as const;
    await sharp({ create }).png().toFile(join(folder, 'images/validation/dog/0.png'));
    await sharp({ create })
      .flatten()
      .grayscale()
      .png()
      .toFile(join(folder, 'images/validation/dog/1.png'));
    const { validation } = await open(folder);
    const first: number[] = [];
    for (const index of [0, 1, 2]) {
      const image = await decoded(validation, index);
      assert.equal(image.channels, 3);
      if (image.widthPx === 3) first.push(image.bytes[0] as number);
    }
    assert.deepEqual(
      first.sort((a, b) => a - b),
      [0, 255],
    );
  });
});

/** 64 x 48 pixels, red above blue, with an orientation tag. */
function taggedJpeg(orientation: number): Promise<Buffer> {
  const red = { width: 64, height: 24, channels: 3, background: '#ff0000' } as const;
  const whole = { width: 64, height: 48, channels: 3, background: '#0000ff' } as const;
  return sharp({ create: whole })
    .composite([{ input: { create: red }, top: 0, left: 0 }])
    .jpeg({ quality: 100 })
    .withMetadata({ orientation })
    .toBuffer();
}

test('images are turned upright as their orientation tags say, and indexed that way', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const [red, blue] = [
      [15, 0, 0],
      [0, 0, 15],
    ];
    for (const [orientation, size, colors] of [
      [1, [64, 48], [red, blue]],
      [3, [64, 48], [blue, red]],
      [6, [48, 64], [blue, red]],
      [8, [48, 64], [red, blue]],
    ] as const) {
      const path = join(folder, 'images/validation/dog/0.jpeg');
      await rm(path);
      await writeFile(path, await taggedJpeg(orientation));
      const { validation } = await open(folder);
      const image = validation.imageOf(0);
      assert.ok(image.kind === 'encoded');
      assert.deepEqual([image.widthPx, image.heightPx], size);
      assert.equal(image.isPlainJpeg, orientation === 1);
      const pixels = await decoded(validation, 0);
      const isTurned = size[0] === 48;
      const far = isTurned ? [44, 4] : [4, 44];
      const found = [colorAt(pixels, 4, 4), colorAt(pixels, far[0] as number, far[1] as number)];
      assert.deepEqual(found, colors, `orientation ${orientation}`);
    }
  });
});

test('a CMYK image is no plain JPEG, and has the colors that it prints', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const create = { width: 16, height: 16, channels: 3, background: '#ffffff' } as const;
    await sharp({ create })
      .toColourspace('cmyk')
      .jpeg()
      .toFile(join(folder, 'images/validation/dog/0.jpeg'));
    const { validation } = await open(folder);
    const image = validation.imageOf(0);
    assert.ok(image.kind === 'encoded' && !image.isPlainJpeg);
    assert.deepEqual(colorAt(await decoded(validation, 0), 8, 8), [15, 15, 15]);
  });
});

test('an image that has another size than when it was indexed is named', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const { validation } = await open(folder);
    await writeImage(join(folder, 'images/validation/dog/0.jpeg'), { widthPx: 60, heightPx: 50 });
    await assert.rejects(decoded(validation, 0), {
      code: 'CRESCENDO_IMAGE_UNREADABLE',
      message: /dog\/0\.jpeg: it has 60 x 50 pixels where the index of its dataset has 6 x 5/,
    });
  });
});

test('an image folder gives batches, its path relative to the run file', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const run = dataRun({ dataset: { name: 'image-folder', path: 'images' } });
    const options = { baseFolder: folder, homeFolder: join(folder, 'home') };
    const description = await describeDataset(run, options);
    assert.deepEqual([description.trainSampleCount, description.validationSampleCount], [6, 1]);
    const source = await openBatchSource(run, createRenderer(), options);
    const shard = await source.microBatch(0, 0, 0, 6, dataPhase(8));
    assert.deepEqual([...shard.labels].sort(), [0, 0, 0, 1, 1, 1]);
    shard.labels.forEach((label, at) => {
      const red = shard.pixels[at * 8 * 8 * 3] as number;
      assert.ok(label === 0 ? red > 192 : red < 64);
    });
    assert.deepEqual((await source.microBatch(0, 0, 0, 6, dataPhase(8))).pixels, shard.pixels);
    assert.deepEqual([...(await source.validation(0, 1, 8)).labels], [1]);
  });
});

test('a link that leads nowhere, to itself or to a folder above is named', async () => {
  for (const target of ['nowhere.png', 'broken.png', '.', '..']) {
    await withTemporaryFolder(async (folder) => {
      await writeTwoClasses(join(folder, 'images'));
      const inside = join(folder, 'images/train/cat');
      await symlink(target, join(inside, 'broken.png'));
      const expected = { code: 'CRESCENDO_DATASET_INVALID', message: /train\/cat\/broken\.png/ };
      await assert.rejects(open(folder), expected);
      await assert.rejects(listImages(join(folder, 'images')), expected);
    });
  }
});

test('a name that is not UTF-8 is refused as such', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeTwoClasses(join(folder, 'images'));
    const inside = Buffer.from(join(folder, 'images/train/cat/'));
    await writeFile(Buffer.concat([inside, Buffer.from([0xe9]), Buffer.from('.png')]), '');
    await assert.rejects(open(folder), {
      code: 'CRESCENDO_DATASET_INVALID',
      message: /train\/cat has an entry '.\.png', whose name is not UTF-8/,
    });
  });
});
