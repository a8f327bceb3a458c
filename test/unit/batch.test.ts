/** Micro-batches: which samples they hold; they depend on nothing but seed, place and phase. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import type { Dataset, StoredImage, UnreadableImage } from '../../lib/data/dataset.ts';
import { mixupRatio } from '../../lib/data/transforms/mixing.ts';
import { describeDataset, makeBatchSource, sampleAt } from '../../lib/data/open-batch-source.ts';
import { createRenderer, type Renderer } from '../../lib/data/renderer.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { countingDataset, dataPhase, dataRun } from '../support/images.ts';
import { mixedByEngine, mixedPlainly } from '../support/mixed-images.ts';

const PHASE = dataPhase(6);

function sourceOf(run: RunConfig, dataset: Dataset, renderer = createRenderer()): BatchSource {
  return makeBatchSource(run, dataset, renderer);
}

/** An image of 4 x 4 pixels that is all of a file. */
const WHOLE_FILE = { kind: 'encoded', offset: 0, length: 0, heightPx: 4, widthPx: 4 } as const;

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
  const source = sourceOf(dataRun(), countingDataset(5, 1, 5));
  const shard = await source.microBatch(0, 0, 3, 4, PHASE);
  const expected = [3, 4, 5, 6].map((position) => sampleAt(position, 5, 7));
  assert.deepEqual([...shard.labels], expected);
});

test('pixels are the same however the stream is cut into micro-batches', async () => {
  for (const crop of ['none', 'pad', 'resized'] as const) {
    const run = dataRun({ augmentation: { horizontalFlip: true, crop } });
    const source = sourceOf(run, countingDataset(50, 1, 3));
    const whole = await source.microBatch(0, 0, 40, 24, PHASE);
    const again = sourceOf(run, countingDataset(50, 1, 3));
    const imageBytes = whole.pixels.length / 24;
    for (let start = 0; start < 24; start += 8) {
      const part = await again.microBatch(9, start / 8, 40 + start, 8, PHASE);
      const slice = whole.pixels.subarray(start * imageBytes, (start + 8) * imageBytes);
      assert.deepEqual(part.pixels, slice.slice());
      assert.deepEqual(part.labels, whole.labels.slice(start, start + 8));
    }
  }
});

test('RandAugment changes pixels by its magnitude, the same whoever computes them', async () => {
  const source = sourceOf(dataRun(), countingDataset(50, 1, 3));
  const plain = await source.microBatch(0, 0, 0, 8, PHASE);
  const distorting = dataPhase(6, { randAugmentMagnitude: 9 });
  const whole = await source.microBatch(0, 0, 0, 8, distorting);
  assert.notDeepEqual(whole.pixels, plain.pixels);
  const half = await source.microBatch(0, 1, 4, 4, distorting);
  assert.deepEqual(half.pixels, whole.pixels.slice(whole.pixels.length / 2));
});

test('another seed and another position give other pixels', async () => {
  const dataset = countingDataset(50, 1, 3);
  const shardOf = async (seed: number, first: number): Promise<Uint8Array> =>
    (await sourceOf(dataRun({ seed }), dataset).microBatch(0, 0, first, 8, PHASE)).pixels;
  const base = await shardOf(1, 0);
  assert.deepEqual(await shardOf(1, 0), base);
  assert.notDeepEqual(await shardOf(2, 0), base);
  assert.notDeepEqual(await shardOf(1, 2 ** 32), base);
});

test('targets are one-hot without mixup', async () => {
  const source = sourceOf(dataRun(), countingDataset(50, 1, 3));
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
  const source = sourceOf(dataRun(), countingDataset(50, 1, 50));
  const plain = await source.microBatch(0, 0, 10, 4, PHASE);
  const mixed = await source.microBatch(0, 0, 10, 4, dataPhase(6, { mixupAlpha: 0.5 }));
  assert.deepEqual(mixed.labels, plain.labels);
  assert.deepEqual(mixed.pixels, plain.pixels);
  const { mixing } = mixed;
  assert.ok(mixing !== undefined && plain.mixing === undefined);
  assert.equal(mixing.mixupCount, 4);
  for (let at = 0; at < 4; at++) {
    const ratio = mixupRatio(7, 10 + at, 0.5);
    const own = plain.labels[at] as number;
    const other = plain.labels[3 - at] as number;
    assert.ok(Math.abs((mixed.targets[at * 50 + own] as number) - ratio) < 1e-6);
    assert.ok(Math.abs((mixed.targets[at * 50 + other] as number) - (1 - ratio)) < 1e-6);
    assert.equal(mixing.ratios[at], Math.fround(ratio));
  }
  const expected = mixedPlainly(plain.pixels, mixing, 6);
  for (const [at, value] of (await mixedByEngine(mixed.pixels, mixing, 6)).entries()) {
    assert.ok(Math.abs(value - (expected[at] as number)) < 1e-3, `value ${at}: ${value}`);
  }
});

test('a limited run uses the first samples only, and counts only them', async () => {
  const run = dataRun({ dataset: { trainSamplesMax: 10, validationSamplesMax: 4 } });
  const source = sourceOf(run, countingDataset(50, 20, 50));
  assert.deepEqual([source.trainSampleCount, source.validationSampleCount], [10, 4]);
  const { labels } = await source.microBatch(0, 0, 0, 10, PHASE);
  assert.deepEqual(
    [...labels].sort((a, b) => a - b),
    [...Array(10).keys()],
  );
  await assert.rejects(async () => source.validation(3, 2, 8), { code: 'CRESCENDO_INVARIANT' });
});

test('validation follows the dataset order and is not augmented', async () => {
  const source = sourceOf(dataRun(), countingDataset(5, 20, 20));
  const batch = await source.validation(3, 2, 4);
  assert.deepEqual([...batch.labels], [3, 4]);
  assert.equal(batch.pixels.length, 2 * 4 * 4 * 3);
  assert.deepEqual([...batch.pixels.subarray(0, 6)], [48, 48, 48, 49, 49, 49]);
  assert.deepEqual(await source.validation(3, 2, 4), batch);
});

test('validation images that cannot be decoded are left out and named in order', async () => {
  const dataset = countingDataset(5, 20, 20);
  const { validation } = dataset;
  const badAt = [0, 3, 4, 7];
  const pathOf = (index: number): string => `/nonexistent/${index}.jpeg`;
  const imageOf = (index: number): StoredImage | UnreadableImage =>
    badAt.includes(index)
      ? { ...WHOLE_FILE, path: pathOf(index), isPlainJpeg: true }
      : validation.imageOf(index);
  const bad = { ...dataset, validation: { ...validation, imageOf } };
  const batch = await sourceOf(dataRun(), bad).validation(0, 8, 4);
  assert.deepEqual([...batch.labels], [1, 2, 5, 6]);
  assert.equal(batch.sampleCount, 4);
  assert.equal(batch.unreadable.length, 4);
  for (const [at, text] of batch.unreadable.entries()) {
    assert.ok(text.startsWith(`cannot decode ${pathOf(badAt[at] as number)}: `), text);
  }
  const whole = await sourceOf(dataRun(), dataset).validation(0, 8, 4);
  const bytes = 4 * 4 * 3;
  const good = [1, 2, 5, 6].flatMap((at) => [
    ...whole.pixels.subarray(at * bytes, (at + 1) * bytes),
  ]);
  assert.deepEqual([...batch.pixels], good);
});

test('what else fails in a validation image is not passed over', async () => {
  const error = new Error('out of file descriptors');
  const renderer: Renderer = { render: () => Promise.resolve([{ at: 2, error }]) };
  const source = sourceOf(dataRun(), countingDataset(5, 20, 20), renderer);
  await assert.rejects(source.validation(0, 8, 4), /file descriptors/);
});

test('a training image that cannot be decoded fails its micro-batch, by name', async () => {
  const dataset = countingDataset(5, 20, 20);
  const path = '/nonexistent/a.png';
  const imageOf = (): StoredImage => ({ ...WHOLE_FILE, path, isPlainJpeg: false });
  const bad = { ...dataset, train: { ...dataset.train, imageOf } };
  await assert.rejects(sourceOf(dataRun(), bad).microBatch(0, 0, 0, 4, PHASE), {
    code: 'CRESCENDO_IMAGE_UNREADABLE',
    message: /a\.png/,
  });
});

test('a label beyond the class list is refused', async () => {
  const dataset = { ...countingDataset(9, 9, 3), classNames: ['only', 'two'] };
  const source = sourceOf(dataRun(), dataset);
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
    message: /known are cifar-10, fashion-mnist, mnist, .*webdataset.*did you mean fashion-mnist\?/,
  });
});

test('validation images are cropped as the run asks, training images erased', async () => {
  const dataset = countingDataset(50, 20, 50);
  const validated = async (crop: 'none' | 'center' | 'center-below-320'): Promise<Uint8Array> =>
    (await sourceOf(dataRun({ evaluation: { crop } }), dataset).validation(0, 4, 6)).pixels;
  const whole = await validated('none');
  assert.notDeepEqual(await validated('center'), whole);
  assert.deepEqual(await validated('center-below-320'), await validated('center'));
  const plain = dataRun({ augmentation: { crop: 'none', horizontalFlip: false } });
  const erasing = { ...plain, augmentation: { ...plain.augmentation, cutoutRatio: 0.25 } };
  const kept = await sourceOf(plain, dataset).microBatch(0, 0, 0, 8, dataPhase(8));
  const erased = await sourceOf(erasing, dataset).microBatch(0, 0, 0, 8, dataPhase(8));
  const changed = erased.pixels.filter((value, at) => value !== kept.pixels[at]);
  assert.ok(changed.length > 0 && changed.every((value) => value === 128));
});

test('images are resized with the interpolation of the run file, in evaluations too', async () => {
  const filters: string[] = [];
  const renderer: Renderer = {
    render: (_tasks, filter) => {
      filters.push(filter);
      return Promise.resolve([]);
    },
  };
  for (const interpolation of ['bilinear', 'bicubic'] as const) {
    const source = sourceOf(dataRun({ interpolation }), countingDataset(8, 8, 8), renderer);
    await source.microBatch(0, 0, 0, 4, PHASE);
    await source.validation(0, 4, 6);
  }
  assert.deepEqual(filters, ['triangle', 'triangle', 'cubic', 'cubic']);
});

test('images are erased at the rate of their phase', async () => {
  const source = sourceOf(dataRun({ augmentation: { crop: 'none' } }), countingDataset(50, 1, 3));
  const pixelsAt = async (erasingRate: number): Promise<Uint8Array> =>
    (await source.microBatch(0, 0, 0, 30, dataPhase(12, { erasingRate }))).pixels;
  const [plain, some, all] = [await pixelsAt(0), await pixelsAt(0.5), await pixelsAt(1)];
  const changed = (pixels: Uint8Array): number =>
    Array.from({ length: 30 }, (_, at) => [at * 12 * 12 * 3, (at + 1) * 12 * 12 * 3]).filter(
      ([begin, end]) =>
        !Buffer.from(pixels.subarray(begin, end)).equals(plain.subarray(begin, end)),
    ).length;
  assert.equal(changed(all), 30);
  assert.ok(changed(some) > 5 && changed(some) < 25, `${changed(some)}`);
});
