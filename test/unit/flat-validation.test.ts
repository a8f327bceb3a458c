/** Validation images that lie flat beside class folders, as ImageNet is published. */
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import type { Dataset } from '../../lib/data/dataset.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { withTemporaryFolder, writeImage } from '../support/images.ts';
import { writeBytes } from '../support/pixel-files.ts';

const INVALID = 'CRESCENDO_DATASET_INVALID';
const META = join(PROJECT_ROOT, 'test/fixtures/matlab/imagenet/meta.mat');
/** Sorted: tench, goldfish and kit fox; in the devkit, the fox is the first. */
const CLASSES = ['n01440764', 'n01443537', 'n02119789'];
/** The classes of the four validation images. */
const EXPECTED = ['n02119789', 'n01440764', 'n02119789', 'n01443537'];
const DEVKIT_TRUTH = '1\n2\n1\n3\n';

function open(folder: string): Promise<Dataset> {
  const options = { baseFolder: folder, homeFolder: join(folder, 'home') };
  return openDataset({ name: 'image-folder', path: 'data' }, options);
}

/** Two training images of each class, and validation images of 21 px width and on. */
async function writeImageNet(folder: string): Promise<void> {
  for (const name of CLASSES) {
    for (const at of [1, 2]) {
      await writeImage(join(folder, 'data/train', name, `${name}_${at}.JPEG`));
    }
  }
  for (const at of [1, 2, 3, 4]) {
    const name = `ILSVRC2012_val_0000000${at}.JPEG`;
    await writeImage(join(folder, 'data/val', name), { widthPx: 20 + at });
  }
}

function write(folder: string, name: string, content: string): void {
  writeBytes(join(folder, 'data', name), content);
}

async function validationClasses(folder: string): Promise<string[]> {
  const { train, validation, classNames } = await open(folder);
  assert.deepEqual(classNames, CLASSES);
  assert.equal(train.sampleCount, 6);
  const found = Array.from({ length: validation.sampleCount }, (_, index) => {
    const image = validation.imageOf(index);
    assert.ok(image.kind === 'encoded');
    return { widthPx: image.widthPx, name: classNames[validation.labelOf(index)] ?? '' };
  });
  return found.sort((left, right) => left.widthPx - right.widthPx).map(({ name }) => name);
}

async function assertRefused(folder: string, message: RegExp): Promise<void> {
  await assert.rejects(open(folder), { code: INVALID, message });
}

function lines(separator: string, labels: readonly (string | number)[], prefix = ''): string {
  return labels
    .map((label, at) => `${prefix}ILSVRC2012_val_0000000${at + 1}.JPEG${separator}${label}`)
    .join('\n');
}

test('the ground truth of the devkit is read by the order of its meta.mat', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImageNet(folder);
    await assertRefused(
      folder,
      /val has 4 images and no class folders: put them into such, or put/,
    );
    write(folder, 'ILSVRC2012_validation_ground_truth.txt', DEVKIT_TRUTH);
    await assertRefused(folder, /ground_truth\.txt without meta\.mat, which says what its numbers/);
    write(folder, 'synsets.txt', CLASSES.join('\n'));
    await assertRefused(folder, /synsets\.txt is in alphabetical order, which is not that of/);
    write(folder, 'synsets.txt', 'n02119789 kit fox\nn01440764 tench\nn01443537 goldfish\n');
    assert.deepEqual(await validationClasses(folder), EXPECTED);
    await rm(join(folder, 'data/synsets.txt'));
    await cp(META, join(folder, 'data/meta.mat'));
    assert.deepEqual(await validationClasses(folder), EXPECTED);
  });
});

test('the devkit may lie in its own folder', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImageNet(folder);
    const devkit = 'ILSVRC2012_devkit_t12/data';
    write(folder, `${devkit}/ILSVRC2012_validation_ground_truth.txt`, DEVKIT_TRUTH);
    await cp(META, join(folder, 'data', devkit, 'meta.mat'));
    assert.deepEqual(await validationClasses(folder), EXPECTED);
  });
});

test('lists of file and class are read, by number or name of the class folder', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImageNet(folder);
    write(folder, 'val.txt', lines(' ', [2, 0, 2, 1]));
    assert.deepEqual(await validationClasses(folder), EXPECTED);
    write(folder, 'val.txt', lines(' ', EXPECTED, 'val/'));
    assert.deepEqual(await validationClasses(folder), EXPECTED);
    write(folder, 'val.txt', lines(' ', [2, 0, 3, 1]));
    await assert.rejects(open(folder), {
      code: 'CRESCENDO_LABEL_OUT_OF_RANGE',
      message: /line 3 of .*val\.txt: .* is of class '3', .* 3 classes are n01440764, /,
    });
    await rm(join(folder, 'data/val.txt'));
    const boxes = EXPECTED.map((name, at) => {
      return `ILSVRC2012_val_0000000${at + 1},${name} 85 1 499 272 ${name} 1 2 3 4 `;
    });
    write(folder, 'LOC_val_solution.csv', ['ImageId,PredictionString', ...boxes].join('\n'));
    assert.deepEqual(await validationClasses(folder), EXPECTED);
  });
});

test('ground truth and images that do not fit each other are named', async () => {
  await withTemporaryFolder(async (folder) => {
    await writeImageNet(folder);
    await cp(META, join(folder, 'data/meta.mat'));
    const truth = 'ILSVRC2012_validation_ground_truth.txt';
    write(folder, truth, `${DEVKIT_TRUTH}2\n`);
    await assertRefused(folder, /in 1 places: line 5 of .*: there is no 'ILSVRC2012_val_00000005'/);
    write(folder, truth, '1\n2\n9\n3\n');
    await assertRefused(folder, /line 3 of .* is '9', where the devkit has classes 1 to 4/);
    write(folder, truth, DEVKIT_TRUTH);
    await rm(join(folder, 'data/train/n01443537'), { recursive: true });
    await assert.rejects(open(folder), { code: 'CRESCENDO_LABEL_OUT_OF_RANGE' });
  });
});
