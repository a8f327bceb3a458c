/** Oxford Flowers-102 and Stanford Cars as they are published, with files that scipy wrote. */
import assert from 'node:assert/strict';
import { cp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import type { Dataset, DatasetSplit } from '../../lib/data/dataset.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { withTemporaryFolder, writeImage } from '../support/images.ts';

const INVALID = 'CRESCENDO_DATASET_INVALID';
const FIXTURES = join(PROJECT_ROOT, 'test/fixtures/matlab');

function open(name: string, folder: string, lines: string[] = []): Promise<Dataset> {
  const onProgress = (line: string): void => void lines.push(line);
  const options = { baseFolder: folder, homeFolder: join(folder, 'home'), onProgress };
  return openDataset({ name, path: 'data' }, options);
}

async function assertRefused(name: string, folder: string, message: RegExp): Promise<void> {
  await assert.rejects(open(name, folder), { code: INVALID, message });
}

/** Images whose widths are their numbers, 20 and on. */
async function writeImages(
  folder: string,
  count: number,
  digits: number,
  prefix = '',
): Promise<void> {
  for (let id = 1; id <= count; id++) {
    const name = `${prefix}${String(id).padStart(digits, '0')}.jpg`;
    await writeImage(join(folder, name), { widthPx: 20 + id });
  }
}

/** The numbers of images, by their widths, with their labels. */
function labelsById(split: DatasetSplit): ReadonlyMap<number, number> {
  const labels = Array.from({ length: split.sampleCount }, (_, index): [number, number] => {
    const image = split.imageOf(index);
    assert.ok(image.kind === 'encoded');
    return [image.widthPx - 20, split.labelOf(index)];
  });
  return new Map(labels);
}

async function writeFlowers(folder: string, inside = 'data'): Promise<void> {
  await cp(join(FIXTURES, 'flowers'), join(folder, inside), { recursive: true });
  await writeImages(join(folder, inside, 'jpg'), 30, 5, 'image_');
}

for (const inside of ['data', 'data/flowers-102']) {
  test(`Flowers-102 in ${inside} trains on two sets, and validates on the third`, async () => {
    await withTemporaryFolder(async (folder) => {
      await writeFlowers(folder, inside);
      const lines: string[] = [];
      const { train, validation, classNames } = await open('oxford-flowers-102', folder, lines);
      assert.deepEqual(classNames, ['1', '2']);
      const [trained, validated] = [labelsById(train), labelsById(validation)];
      assert.deepEqual([trained.size, validated.size], [24, 6]);
      const all = new Map([...trained, ...validated]);
      assert.equal(all.size, 30);
      for (const [id, label] of all) assert.equal(label, (id - 1) % 2, `image ${id}`);
      assert.equal(lines.length, 1);
      await open('oxford-flowers-102', folder, lines);
      assert.equal(lines.length, 1);
    });
  });
}

test('classes of Flowers-102 are named by a file of the user', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeFlowers(folder);
    await writeFile(join(folder, 'data/classes.txt'), '1: pink primrose\n2: pocket orchid\n');
    const { classNames } = await open('oxford-flowers-102', folder);
    assert.deepEqual(classNames, ['pink primrose', 'pocket orchid']);
  });
});

test('images of Flowers-102 that lack are named, and those in no set are told of', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeFlowers(folder);
    await writeImage(join(folder, 'data/jpg/image_00031.jpg'));
    const lines: string[] = [];
    await open('oxford-flowers-102', folder, lines);
    assert.match(lines.at(-1) ?? '', /leaving out 1 images that setid\.mat does not list: .*00031/);
    await rm(join(folder, 'data/jpg/image_00007.jpg'));
    await assertRefused(
      'oxford-flowers-102',
      folder,
      /lacks 1 of the 30 images .*image_00007\.jpg/,
    );
    await rm(join(folder, 'data/setid.mat'));
    await assertRefused('oxford-flowers-102', folder, /setid\.mat lacks/);
    await rm(join(folder, 'data/imagelabels.mat'));
    await assertRefused('oxford-flowers-102', folder, /has no imagelabels\.mat: set dataset\.path/);
  });
});

test('files of two datasets in one folder are not mixed', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeFlowers(folder);
    await cp(join(FIXTURES, 'cars/cars_annos.mat'), join(folder, 'data/setid.mat'));
    await assertRefused(
      'oxford-flowers-102',
      folder,
      /setid\.mat has no variable trnid, only class/,
    );
  });
});

async function writeCars(folder: string): Promise<void> {
  await cp(join(FIXTURES, 'cars'), join(folder, 'data'), { recursive: true });
  await writeImages(join(folder, 'data/car_ims'), 30, 6);
}

/** @param nested as in some archives, which have a folder within one of the same name */
async function writeDevkitCars(folder: string, nested: string): Promise<void> {
  await cp(join(FIXTURES, 'cars-devkit'), join(folder, 'data'), { recursive: true });
  await writeImages(join(folder, 'data/cars_train', nested.replace('*', 'train')), 24, 5);
  await writeImages(join(folder, 'data/cars_test', nested.replace('*', 'test')), 6, 5);
}

test('Stanford Cars of one file are split as it says', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeCars(folder);
    const { train, validation, classNames } = await open('stanford-cars', folder);
    assert.deepEqual(classNames, ['AM General Hummer SUV 2000', 'Acura RL Sedan 2012']);
    const [trained, validated] = [labelsById(train), labelsById(validation)];
    assert.deepEqual(
      [...validated.keys()].sort((a, b) => a - b),
      [5, 10, 15, 20, 25, 30],
    );
    assert.equal(trained.size, 24);
    for (const [id, label] of [...trained, ...validated]) assert.equal(label, (id - 1) % 2);
  });
});

for (const nested of ['', 'cars_*']) {
  const where = nested === '' ? 'as published' : 'with folders in folders of one name';
  test(`Stanford Cars of the devkit are read ${where}`, async () => {
    await withTemporaryFolder(async (folder) => {
      await writeDevkitCars(folder, nested);
      const { train, validation, classNames } = await open('stanford-cars', folder);
      assert.equal(classNames[1], 'Acura RL Sedan 2012');
      const [trained, validated] = [labelsById(train), labelsById(validation)];
      assert.deepEqual([trained.size, validated.size], [24, 6]);
      for (const [id, label] of [...trained, ...validated]) assert.equal(label, (id - 1) % 2);
    });
  });
}

test('files of Stanford Cars that lack, or are too many, are named', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeDevkitCars(folder, '');
    await writeImage(join(folder, 'data/copy/cars_test/00001.jpg'));
    await assertRefused(
      'stanford-cars',
      folder,
      /several folders cars_test with images: cars_test, /,
    );
    await rm(join(folder, 'data/copy'), { recursive: true });
    await rm(join(folder, 'data/cars_train/00003.jpg'));
    await assertRefused(
      'stanford-cars',
      folder,
      /lacks 1 of the 30 images .*cars_train\/00003\.jpg/,
    );
    const labeled = join(folder, 'data/cars_test_annos_withlabels.mat');
    await cp(join(folder, 'data/devkit/cars_test_annos.mat'), labeled);
    await assertRefused(
      'stanford-cars',
      folder,
      /withlabels\.mat has no field class, only bbox_x1/,
    );
    await rm(labeled);
    const lacking = /no cars_test_annos_withlabels\.mat: .*cars_test_annos\.mat, .* has no classes/;
    await assertRefused('stanford-cars', folder, lacking);
    await writeCars(folder);
    await assertRefused(
      'stanford-cars',
      folder,
      /cars_annos\.mat and devkit\/cars_train_annos\.mat/,
    );
    await rm(join(folder, 'data'), { recursive: true });
    await assert.rejects(open('stanford-cars', folder), { code: INVALID });
    assert.ok((await readdir(folder)).length > 0);
  });
});
