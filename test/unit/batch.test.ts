/** Micro-batches: which samples they hold; they depend on nothing but seed, place and phase. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CrescendoError } from '../../lib/base/errors.ts';
import type { Sample } from '../../lib/data/dataset.ts';
import { mixupRatio } from '../../lib/data/transforms/mixing.ts';
import { describeDataset, makeBatchSource, sampleAt } from '../../lib/data/open-batch-source.ts';
import { countingDataset, dataPhase, dataRun } from '../support/images.ts';

const PHASE = dataPhase(6);

test('every sample stands exactly once in every epoch, each time in another order', () => {
  const sampleCount = 100;
  const orders = [0, 1, 7].map((epoch) =>
    Array.from({ length: sampleCount }, (_, at) => sampleAt(epoch * 100 + at, sampleCount, 3)),
  );
  for (const order of orders) {
    assert.deepEqual(
      [...order].sort((a, b) => a - b),
      [...Array(sampleCount).keys()],
    );
  }
  assert.notDeepEqual(orders[0], orders[1]);
});

test('an epoch boundary may fall inside a micro-batch', async () => {
  const source = makeBatchSource(dataRun(), countingDataset(5, 1, 5));
  const shard = await source.microBatch(0, 0, 3, 4, PHASE);
  const expected = [3, 4, 5, 6].map((position) => sampleAt(position, 5, 7));
  assert.deepEqual([...shard.labels], expected);
});

test('pixels are the same however the stream is cut into micro-batches', async () => {
  for (const crop of ['none', 'pad', 'resized'] as const) {
    const run = dataRun({ augmentation: { horizontalFlip: true, crop } });
    const source = makeBatchSource(run, countingDataset(50, 1, 3));
    const whole = await source.microBatch(0, 0, 40, 24, PHASE);
    const again = makeBatchSource(run, countingDataset(50, 1, 3));
    const imageFloats = whole.images.length / 24;
    for (let start = 0; start < 24; start += 8) {
      const part = await again.microBatch(9, start / 8, 40 + start, 8, PHASE);
      const slice = whole.images.subarray(start * imageFloats, (start + 8) * imageFloats);
      assert.deepEqual(part.images, slice.slice());
      assert.deepEqual(part.labels, whole.labels.slice(start, start + 8));
    }
  }
});

test('RandAugment changes pixels by its magnitude, the same whoever computes them', async () => {
  const source = makeBatchSource(dataRun(), countingDataset(50, 1, 3));
  const plain = await source.microBatch(0, 0, 0, 8, PHASE);
  const distorting = dataPhase(6, { randAugmentMagnitude: 9 });
  const whole = await source.microBatch(0, 0, 0, 8, distorting);
  assert.notDeepEqual(whole.images, plain.images);
  const half = await source.microBatch(0, 1, 4, 4, distorting);
  assert.deepEqual(half.images, whole.images.slice(whole.images.length / 2));
  assert.ok(whole.images.every((value) => value >= -1 && value <= 127 / 128));
});

test('another seed and another position give other pixels', async () => {
  const dataset = countingDataset(50, 1, 3);
  const shardOf = async (seed: number, first: number): Promise<Float32Array> =>
    (await makeBatchSource(dataRun({ seed }), dataset).microBatch(0, 0, first, 8, PHASE)).images;
  const base = await shardOf(1, 0);
  assert.deepEqual(await shardOf(1, 0), base);
  assert.notDeepEqual(await shardOf(2, 0), base);
  assert.notDeepEqual(await shardOf(1, 2 ** 32), base);
});

test('targets are one-hot without mixup', async () => {
  const source = makeBatchSource(dataRun(), countingDataset(50, 1, 3));
  const { targets, labels } = await source.microBatch(0, 0, 0, 8, PHASE);
  for (let at = 0; at < 8; at++) {
    const row = [...targets.subarray(at * 3, at * 3 + 3)];
    assert.deepEqual(
      row,
      [0, 1, 2].map((label) => (label === labels[at] ? 1 : 0)),
    );
  }
});

test('mixup mixes images and targets with the mirrored sample by one ratio', async () => {
  const source = makeBatchSource(dataRun(), countingDataset(50, 1, 50));
  const plain = await source.microBatch(0, 0, 10, 4, PHASE);
  const mixed = await source.microBatch(0, 0, 10, 4, dataPhase(6, { mixupAlpha: 0.5 }));
  assert.deepEqual(mixed.labels, plain.labels);
  const imageFloats = plain.images.length / 4;
  for (let at = 0; at < 4; at++) {
    const ratio = mixupRatio(7, 10 + at, 0.5);
    const own = plain.labels[at] as number;
    const other = plain.labels[3 - at] as number;
    assert.ok(Math.abs((mixed.targets[at * 50 + own] as number) - ratio) < 1e-6);
    assert.ok(Math.abs((mixed.targets[at * 50 + other] as number) - (1 - ratio)) < 1e-6);
    for (let pixel = 0; pixel < imageFloats; pixel += 7) {
      const a = plain.images[at * imageFloats + pixel] as number;
      const b = plain.images[(3 - at) * imageFloats + pixel] as number;
      const actual = mixed.images[at * imageFloats + pixel] as number;
      assert.ok(Math.abs(actual - (ratio * a + (1 - ratio) * b)) < 1e-5);
    }
  }
});

test('a limited run uses the first samples only, and counts only them', async () => {
  const run = dataRun({ dataset: { trainSamplesMax: 10, validationSamplesMax: 4 } });
  const source = makeBatchSource(run, countingDataset(50, 20, 50));
  assert.deepEqual([source.trainSampleCount, source.validationSampleCount], [10, 4]);
  const { labels } = await source.microBatch(0, 0, 0, 10, PHASE);
  assert.deepEqual(
    [...labels].sort((a, b) => a - b),
    [...Array(10).keys()],
  );
  await assert.rejects(async () => source.validation(3, 2, 8), { code: 'CRESCENDO_INVARIANT' });
});

test('validation follows the dataset order and is not augmented', async () => {
  const source = makeBatchSource(dataRun(), countingDataset(5, 20, 20));
  const batch = await source.validation(3, 2, 4);
  assert.deepEqual([...batch.labels], [3, 4]);
  assert.equal(batch.images.length, 2 * 4 * 4 * 3);
  assert.equal(batch.images[0], (48 - 128) / 128);
  assert.deepEqual(await source.validation(3, 2, 4), batch);
});

test('validation images that cannot be decoded are left out and named in order', async () => {
  const dataset = countingDataset(5, 20, 20);
  const { validation } = dataset;
  const isBad = (index: number): boolean => [0, 3, 4, 7].includes(index);
  const read = async (index: number, targetPx: number): Promise<Sample> => {
    // Later ones fail first.
    for (let turn = index; turn < 20; turn++) await Promise.resolve();
    if (!isBad(index)) return validation.read(index, targetPx);
    throw new CrescendoError('CRESCENDO_IMAGE_UNREADABLE', `cannot decode ${index}`);
  };
  const bad = { ...dataset, validation: { ...validation, readNow: null, read } };
  const batch = await makeBatchSource(dataRun(), bad).validation(0, 8, 4);
  assert.deepEqual([...batch.labels], [1, 2, 5, 6]);
  assert.equal(batch.sampleCount, 4);
  const names = [0, 3, 4, 7].map((index) => `cannot decode ${index}`);
  assert.deepEqual(batch.unreadable, names);
  const whole = await makeBatchSource(dataRun(), dataset).validation(0, 8, 4);
  const floats = 4 * 4 * 3;
  const good = [1, 2, 5, 6].flatMap((at) => [
    ...whole.images.subarray(at * floats, (at + 1) * floats),
  ]);
  assert.deepEqual([...batch.images], good);
});

test('what else fails in a validation image is not passed over', async () => {
  const dataset = countingDataset(5, 20, 20);
  const read = (): Promise<Sample> => Promise.reject(new Error('out of file descriptors'));
  const bad = { ...dataset, validation: { ...dataset.validation, readNow: null, read } };
  await assert.rejects(makeBatchSource(dataRun(), bad).validation(0, 8, 4), /file descriptors/);
});

test('a label beyond the class list is refused', async () => {
  const dataset = { ...countingDataset(9, 9, 3), classNames: ['only', 'two'] };
  const source = makeBatchSource(dataRun(), dataset);
  await assert.rejects(source.microBatch(0, 0, 0, 9, PHASE), {
    code: 'CRESCENDO_LABEL_OUT_OF_RANGE',
    message: /class 2, but only 2 classes/,
  });
});

test('a coordinator learns counts and classes of a packed set without fetching it', async () => {
  const fetchPackage = (): Promise<string> => Promise.reject(new Error('not to be called'));
  const run = dataRun({ dataset: { trainSamplesMax: 2_560 } });
  const description = await describeDataset(run, { fetchPackage, homeFolder: '/nonexistent' });
  assert.equal(description.trainSampleCount, 2_560);
  assert.equal(description.validationSampleCount, 10_000);
  assert.equal(description.classNames.length, 10);
});

test('an unknown dataset is refused with the known ones and the nearest name', async () => {
  const misspelled = 'fashon-mnist' as 'fashion-mnist';
  await assert.rejects(describeDataset(dataRun({ dataset: { name: misspelled } })), {
    code: 'CRESCENDO_DATASET_UNKNOWN',
    message: /known are fashion-mnist, mnist, image-folder; did you mean fashion-mnist\?/,
  });
});

test('validation images are cropped as the run asks, training images erased', async () => {
  const dataset = countingDataset(50, 20, 50);
  const validated = async (crop: 'none' | 'center' | 'center-below-320'): Promise<Float32Array> =>
    (await makeBatchSource(dataRun({ evaluation: { crop } }), dataset).validation(0, 4, 6)).images;
  const whole = await validated('none');
  assert.notDeepEqual(await validated('center'), whole);
  assert.deepEqual(await validated('center-below-320'), await validated('center'));
  const plain = dataRun({ augmentation: { crop: 'none', horizontalFlip: false } });
  const erasing = { ...plain, augmentation: { ...plain.augmentation, cutoutRatio: 0.25 } };
  const kept = await makeBatchSource(plain, dataset).microBatch(0, 0, 0, 8, dataPhase(8));
  const erased = await makeBatchSource(erasing, dataset).microBatch(0, 0, 0, 8, dataPhase(8));
  const changed = erased.images.filter((value, at) => value !== kept.images[at]);
  assert.ok(changed.length > 0 && changed.every((value) => value === 0));
});
