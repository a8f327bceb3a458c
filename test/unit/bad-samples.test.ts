/** Samples that cannot be read: named before a run, replaced alike on any worker, or its end. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { BadSamplesError } from '../../lib/data/bad-samples.ts';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import type { Dataset, StoredImage, UnreadableImage } from '../../lib/data/dataset.ts';
import { unreadable } from '../../lib/data/decode-image.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { makeBatchSource } from '../../lib/data/open-batch-source.ts';
import { createRenderer, type Renderer } from '../../lib/data/renderer.ts';
import { badSamplesMax } from '../../lib/run/bad-samples.ts';
import type { BadSample } from '../../proto/generated/messages.ts';
import { KnownBadSamples } from '../../worker/core/bad-samples.ts';
import { CoreCluster } from '../support/core-cluster.ts';
import {
  countingDataset,
  dataPhase,
  dataRun,
  makeEncoded,
  withTemporaryFolder,
  writeImage,
} from '../support/images.ts';

const PHASE = dataPhase(4);
const SKIP = dataRun({ dataset: { badSamples: 'skip' }, augmentation: { crop: 'none' } });
const FAIL = dataRun({ augmentation: { crop: 'none' } });
const SAMPLES = 20;

/** Images of one class each, some of which are files that are not there. */
function withBad(bad: readonly number[]): Dataset {
  const dataset = countingDataset(SAMPLES, 4, SAMPLES);
  const imageOf = (index: number): StoredImage | UnreadableImage => {
    if (!bad.includes(index)) return dataset.train.imageOf(index);
    const path = `/nonexistent/${index}.png`;
    if (index % 2 === 0) return { kind: 'unreadable', name: path, reason: 'its header is cut' };
    return makeEncoded(path, 4, 4, false);
  };
  return { ...dataset, train: { ...dataset.train, imageOf } };
}

/** The labels of an epoch, cut into micro-batches of some size. */
async function labelsOf(source: BatchSource, size: number): Promise<number[]> {
  const labels: number[] = [];
  for (let position = 0; position < SAMPLES; position += size) {
    const count = Math.min(size, SAMPLES - position);
    labels.push(...(await source.microBatch(0, 0, position, count, PHASE)).labels);
  }
  return labels;
}

test('the next sample takes the place of a bad one, however micro-batches are cut', async () => {
  const good = await labelsOf(makeBatchSource(SKIP, withBad([]), createRenderer()), 5);
  const next = new Map([
    [4, 5],
    [8, 10],
    [9, 10],
    [19, 0],
  ]);
  const expected = good.map((label) => next.get(label) ?? label);
  for (const size of [1, 5, 7, SAMPLES]) {
    const told: BadSample[] = [];
    const dataset = withBad([...next.keys()]);
    const source = makeBatchSource(SKIP, dataset, createRenderer(), (samples) => {
      told.push(...samples);
    });
    assert.deepEqual(await labelsOf(source, size), expected);
    assert.deepEqual(await labelsOf(source, size), expected);
    const indices = told.map(({ index }) => index).sort((left, right) => left - right);
    assert.deepEqual(indices, [4, 8, 9, 19], 'each is told once');
  }
});

test('a replaced sample has the pixels of the one that takes its place', async () => {
  const source = makeBatchSource(SKIP, withBad([8, 9]), createRenderer());
  const { pixels, labels } = await source.microBatch(0, 0, 0, SAMPLES, PHASE);
  const image = countingDataset(SAMPLES, 4, SAMPLES).train.imageOf(10);
  assert.ok(image.kind === 'pixels');
  const places = [...labels.keys()].filter((at) => labels[at] === 10);
  assert.equal(places.length, 3);
  for (const at of places) {
    const red = Array.from({ length: 16 }, (_, pixel) => pixels[at * 48 + pixel * 3]);
    const row = [...image.bytes.subarray(0, 16)];
    const mirrored = [3, 2, 1, 0].map((x) => row[x]);
    assert.ok(red[0] === row[0] || red[0] === mirrored[0], `${red.join()} of ${row.join()}`);
  }
});

test('by default a bad sample is an error with its name and its index', async () => {
  const source = makeBatchSource(FAIL, withBad([3]), createRenderer());
  await assert.rejects(labelsOf(source, 5), (error) => {
    assert.ok(error instanceof BadSamplesError);
    assert.equal(error.code, 'CRESCENDO_IMAGE_UNREADABLE');
    assert.match(error.message, /training sample 3: cannot decode \/nonexistent\/3\.png/);
    return true;
  });
});

test('where nothing can be read the search for other samples ends', async () => {
  const all = Array.from({ length: SAMPLES }, (_, index) => index);
  const source = makeBatchSource(SKIP, withBad(all), createRenderer());
  await assert.rejects(source.microBatch(0, 0, 0, 2, PHASE), BadSamplesError);
});

test('what fails only once is rendered again, and not replaced', async () => {
  const renderer = createRenderer();
  let calls = 0;
  const failingOnce: Renderer = {
    render: async (tasks, filter, sidePx, output) => {
      const failures = await renderer.render(tasks, filter, sidePx, output);
      if (calls++ > 0) return failures;
      output.fill(0, 2 * 48, 3 * 48);
      return [...failures, { at: 2, error: unreadable('2.png', 'there was no memory for it') }];
    },
  };
  const told: BadSample[] = [];
  const source = makeBatchSource(SKIP, withBad([]), failingOnce, (bad) => told.push(...bad));
  const undisturbed = makeBatchSource(SKIP, withBad([]), renderer);
  const expected = await undisturbed.microBatch(0, 0, 0, SAMPLES, PHASE);
  const made = await source.microBatch(0, 0, 0, SAMPLES, PHASE);
  assert.deepEqual(made.labels, expected.labels);
  assert.deepEqual(made.pixels, expected.pixels);
  assert.deepEqual(told, []);
});

test('an image that the file system does not give is not taken for a bad one', async () => {
  const dataset = countingDataset(SAMPLES, 4, SAMPLES);
  const path = `/${'long'.repeat(200)}.png`;
  const imageOf = (): StoredImage => makeEncoded(path, 4, 4, false);
  const broken = { ...dataset, train: { ...dataset.train, imageOf } };
  const source = makeBatchSource(SKIP, broken, createRenderer());
  await assert.rejects(source.microBatch(0, 0, 0, 2, PHASE), (error) => {
    assert.ok(!(error instanceof BadSamplesError));
    assert.match((error as Error).message, /cannot be read on this machine: ENAMETOOLONG/);
    return true;
  });
});

/** Two classes of good images, and four files that are none. */
async function writeFolder(folder: string): Promise<string> {
  const root = join(folder, 'images');
  for (const name of ['cat', 'dog']) {
    for (let index = 0; index < 20; index++) {
      await writeImage(join(root, `train/${name}/${index}.png`), { color: '#ff0000' });
    }
    await writeImage(join(root, `validation/${name}/0.png`), { color: '#ff0000' });
  }
  for (const name of ['cat/empty-a', 'cat/empty-b', 'dog/empty-c']) {
    await writeFile(join(root, 'train', `${name}.jpg`), '');
  }
  await writeFile(join(root, 'validation/dog/page.jpg'), '<!DOCTYPE html><html></html>');
  return root;
}

test('all files that are no images are named at once, again from the kept index', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeFolder(folder);
    const lines: string[] = [];
    const open = (): Promise<Dataset> =>
      openDataset(
        { name: 'image-folder', path },
        { homeFolder: join(folder, 'home'), onProgress: (line) => lines.push(line) },
      );
    for (const [start, indexed] of [
      [1, 1],
      [2, 1],
    ] as const) {
      await assert.rejects(open(), (error) => {
        const { message } = error as Error;
        assert.match(message, /^4 images of dataset image-folder cannot be read/);
        for (const name of ['empty-a', 'empty-b', 'empty-c', 'page']) {
          assert.equal(message.split(`/${name}.jpg: `).length, 2, `${name} at start ${start}`);
        }
        assert.match(message, /dataset\.badSamples: skip/);
        return true;
      });
      assert.equal(lines.filter((line) => line.includes('reading the headers')).length, indexed);
    }
    const good = await sharp(join(path, 'train/cat/0.png')).jpeg().toBuffer();
    for (const name of ['train/cat/empty-a', 'train/cat/empty-b', 'train/dog/empty-c']) {
      await writeFile(join(path, `${name}.jpg`), good);
    }
    await rm(join(path, 'validation/dog/page.jpg'));
    assert.equal((await open()).train.sampleCount, 43, 'files that were repaired in their places');
  });
});

test('with skip the same files are listed, and met as samples', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeFolder(folder);
    const lines: string[] = [];
    const options = {
      homeFolder: join(folder, 'home'),
      onProgress: (line: string) => lines.push(line),
    };
    const dataset = await openDataset({ name: 'image-folder', path, badSamples: 'skip' }, options);
    assert.equal(dataset.train.sampleCount, 43);
    assert.match(lines.join('\n'), /4 images cannot be read[^]*empty-a[^]*page\.jpg/);
    const told: BadSample[] = [];
    const source = makeBatchSource(SKIP, dataset, createRenderer(), (bad) => told.push(...bad));
    await source.microBatch(0, 0, 0, 43, PHASE);
    assert.deepEqual(told.map(({ name }) => name.replace(/.*\//, '')).sort(), [
      'empty-a.jpg',
      'empty-b.jpg',
      'empty-c.jpg',
    ]);
    const { labels, unreadable } = await source.validation(0, 3, 4);
    assert.equal(labels.length, 2);
    assert.match(unreadable.join(), /page\.jpg/);
  });
});

test('more than a tenth of the samples is more than skip bears', async () => {
  assert.deepEqual(
    [
      badSamplesMax({ badSamples: 'fail' }, 100),
      badSamplesMax({ badSamples: 'skip' }, 100),
      badSamplesMax({ badSamples: 'skip' }, 4),
    ],
    [0, 10, 1],
  );
  await withTemporaryFolder(async (folder) => {
    const path = await writeFolder(folder);
    await mkdir(join(path, 'train/cat'), { recursive: true });
    for (let index = 0; index < 4; index++)
      await writeFile(join(path, `train/cat/x${index}.gif`), '');
    const options = { homeFolder: join(folder, 'home') };
    await assert.rejects(
      openDataset({ name: 'image-folder', path, badSamples: 'skip' }, options),
      /7 of them are training samples, and dataset\.badSamples: skip bears 4 of 47/,
    );
  });
});

test('unreadable images of a dataset of some classes have the labels of these', async () => {
  await withTemporaryFolder(async (folder) => {
    const path = await writeFolder(folder);
    const dataset = await openDataset(
      { name: 'image-folder', path, badSamples: 'skip', classes: ['dog', 'cat'] },
      { homeFolder: join(folder, 'home') },
    );
    assert.deepEqual(
      dataset.unreadable?.map(({ name, label }) => [name.replace(/.*\//, ''), label]),
      [
        ['empty-a.jpg', 1],
        ['empty-b.jpg', 1],
        ['empty-c.jpg', 0],
        ['page.jpg', 0],
      ],
    );
  });
});

const SAMPLE: BadSample = { index: 7, name: '/data/a.jpg', reason: 'it is cut off' };

/** Two workers in their second step; at most `max` samples may be bad. */
function training(max: number): CoreCluster {
  const cluster = new CoreCluster(2, 4, 0, false, {}, max);
  cluster.writes = true;
  cluster.join(0, 1);
  cluster.link(0, 1);
  for (const slot of [0, 1]) cluster.reduce(slot);
  return cluster;
}

function say(cluster: CoreCluster, slot: number, samples: BadSample[], isFinal = false): void {
  cluster.apply({ kind: 'badSamples', slot, message: { kind: 'badSamples', samples, isFinal } });
}

test('a sample that nothing replaces ends the run after its last commit, weights and all', () => {
  const cluster = training(0);
  say(cluster, 1, [SAMPLE], true);
  cluster.link(0, 1);
  for (const slot of [0, 1]) cluster.finish(slot);
  assert.deepEqual(cluster.committedSteps(), [0]);
  const ended = cluster.effects.find((effect) => effect.kind === 'ended');
  assert.equal(ended?.outcome.ending, 'failed');
  assert.match(ended.outcome.reason, /^CRESCENDO_IMAGE_UNREADABLE: cannot decode \/data\/a\.jpg: /);
  assert.match(ended.outcome.reason, /it is cut off \(training sample 7\)/);
  assert.equal(ended.outcome.weightsSha256, 'aa');
});

test('bad samples are journalled once, whoever says them, and end the run beyond the bound', () => {
  const cluster = training(2);
  const other = { ...SAMPLE, index: 8 };
  say(cluster, 0, [SAMPLE]);
  say(cluster, 1, [SAMPLE, other]);
  const journalled = cluster.effects.flatMap((effect) =>
    effect.kind === 'journal' && effect.record.kind === 'badSamples' ? effect.record.samples : [],
  );
  assert.deepEqual(journalled, [SAMPLE, other]);
  const counts = cluster.effects.flatMap((one) =>
    one.kind === 'badSamplesFound' ? one.count : [],
  );
  assert.deepEqual(counts, [1, 2]);
  assert.equal(cluster.core.status().task, 'step');
  say(cluster, 1, [{ ...SAMPLE, index: 9 }]);
  assert.equal(cluster.core.status().task, 'finish');
});

test('a worker says again what it found once it is connected anew', () => {
  const known = new KnownBadSamples();
  const many = Array.from({ length: 100 }, (_, index) => ({ ...SAMPLE, index }));
  assert.deepEqual(
    known.add(many, true).map(({ samples, isFinal }) => [samples.length, isFinal]),
    [
      [64, false],
      [36, true],
    ],
  );
  const again = known.all();
  assert.equal(again.flatMap(({ samples }) => samples).length, 100);
  assert.ok(again.every(({ isFinal }) => !isFinal));
});
