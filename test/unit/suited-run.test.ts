/** `crescendo init --data`: recognizing a dataset, and settings that suit it. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { placeOfSource } from '../../lib/data/formats/recognize.ts';
import { someFiles } from '../../lib/data/formats/folder-listing.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { noticesOf } from '../../lib/planning/run-notices.ts';
import { suitedRunFile } from '../../lib/planning/suited-run-file.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { planRun } from '../../lib/run/plan.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { suitRun } from '../../lib/run/suited-run.ts';
import { suitedTemplate } from '../../lib/run/suited-template.ts';
import { WRITTEN_FORMATS } from '../support/dataset-files.ts';
import { withTemporaryFolder, writeImage, writeTextFile } from '../support/images.ts';

function suited(images: number, shortSidePx: number): RunConfig {
  const facts = {
    classCount: 2,
    trainSampleCount: images,
    validationSampleCount: 1,
    shortSidePx,
    format: 'image-folder',
    path: 'photos',
    fewest: 1,
    most: images,
    unreadableCount: 0,
  };
  return parseRunText(suitedTemplate(facts, suitRun(facts), 'schema.json'), 'run');
}

for (const { name, write } of WRITTEN_FORMATS) {
  test(`a folder of ${name} is recognized, and its run file is a valid one`, async () => {
    await withTemporaryFolder(async (folder) => {
      const source = join(folder, 'data');
      await write(source);
      const asked = { source, format: undefined, folder, schemaPath: 'schema.json' };
      const options = { homeFolder: join(folder, 'home') };
      const { text, found } = await suitedRunFile(asked, () => undefined, options);
      const run = parseRunText(text, 'run');
      assert.equal(run.dataset.name, name);
      assert.equal(run.dataset.path, 'data');
      assert.match(found, /24 training and 6 validation images/);
    });
  });
}

test('settings fit any count and size of images, without phases that are empty', () => {
  for (const images of [1, 2, 5, 20, 150, 3_000, 60_000, 1_281_167]) {
    for (const sidePx of [1, 8, 20, 28, 32, 63, 64, 100, 500]) {
      const run = suited(images, sidePx);
      const plan = planRun(run, modeOf(run).plan, images, 1);
      const what = `${images} images of ${sidePx} px`;
      assert.deepEqual(noticesOf(plan), [], what);
      const { min, max } = run.schedule.imageSizePx;
      assert.ok(min <= max && max <= Math.max(16, sidePx), what);
      assert.ok(run.evaluation.imageSizePx >= max, what);
      const sizes = plan.phases.map(({ imageSizePx }) => imageSizePx);
      assert.equal(new Set(sizes).size, sizes.length, what);
    }
  }
});

test('photographs are trained on as such, not as the digits of the example', () => {
  const photographs = suited(4_000, 480);
  assert.deepEqual(photographs.schedule.imageSizePx, { min: 96, max: 192 });
  assert.equal(photographs.evaluation.imageSizePx, 224);
  assert.equal(photographs.augmentation.crop, 'resized');
  assert.equal(photographs.batch.globalSize, 128);
  const digits = suited(60_000, 28);
  assert.deepEqual(digits.schedule.imageSizePx, { min: 16, max: 28 });
  assert.equal(digits.schedule.randAugmentMagnitude.max, 0);
  assert.equal(digits.batch.globalSize, 256);
  assert.equal(suited(1_281_167, 400).model.name, 'efficientnetv2-s');
});

test('what no format has is said, with how to name one', async () => {
  await withTemporaryFolder(async (folder) => {
    await assert.rejects(placeOfSource(folder), /has no files, which no format.*--format/);
    await writeTextFile(join(folder, 'notes.txt'), 'text');
    await assert.rejects(placeOfSource(folder), /such files as notes\.txt.*<class>\/ folders/);
    await assert.rejects(placeOfSource(join(folder, 'no')), /there is no folder .*no: name/);
    assert.deepEqual(await placeOfSource(folder, 'idx'), { name: 'idx', path: folder });
  });
  assert.deepEqual(await placeOfSource('cifar-10'), { name: 'cifar-10' });
  const archives = 'https://host/{train-{00..12},val-00}.tar?X-Amz-Signature=1';
  assert.equal((await placeOfSource(archives)).name, 'webdataset');
  await assert.rejects(placeOfSource('s3://bucket/prefix'), /does not say its format: give/);
});

test('lists beside folders of many images are seen, and decide', async () => {
  await withTemporaryFolder(async (folder) => {
    for (let index = 0; index < 30; index++) await writeImage(join(folder, `images/${index}.png`));
    await writeTextFile(join(folder, 'labels.csv'), 'file,label\nimages/0.png,cat');
    const files = await someFiles(folder);
    assert.equal(files.length, 21, 'the list, and the first images of a folder');
    assert.equal((await placeOfSource(folder)).name, 'image-list');
  });
});
