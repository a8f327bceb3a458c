/** TFRecord files that TensorFlow wrote. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DatasetSplit } from '../../lib/data/dataset.ts';
import { decodeStored } from '../../lib/data/decode-image.ts';
import { openDataset } from '../../lib/data/formats/registry.ts';
import { runPeer } from './python.ts';

let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crescendo-records-'));
  await runPeer('keras', 'write_records.py', [folder]);
});

after(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The classes of the images by their gray, in the split's order, and by their labels. */
async function classesOf(split: DatasetSplit): Promise<{ gray: number[]; labels: number[] }> {
  const gray: number[] = [];
  const labels: number[] = [];
  for (let index = 0; index < split.sampleCount; index++) {
    const image = split.imageOf(index);
    assert.ok(image.kind === 'encoded' && image.isPlainJpeg);
    const { bytes, widthPx, heightPx } = await decodeStored(image);
    assert.deepEqual([widthPx, heightPx], [32, 24]);
    gray.push(((bytes[0] as number) - 20) / 40);
    labels.push(split.labelOf(index));
  }
  return { gray, labels };
}

test('files as of google/automl, with classes from 1 on, are read as written', async () => {
  const path = join(folder, 'automl');
  const dataset = await openDataset({ name: 'tfrecord', path }, { homeFolder: folder });
  assert.equal(dataset.classNames.length, 4);
  const { gray, labels } = await classesOf(dataset.train);
  assert.deepEqual(gray, labels);
  assert.deepEqual(labels.sort(), [0, 1, 2, 2, 3, 3]);
  assert.equal(dataset.validation.sampleCount, 4);
});

test('files as of TensorFlow Datasets, with classes from 0 on, are read as written', async () => {
  const path = join(folder, 'tfds');
  const { train } = await openDataset({ name: 'tfrecord', path }, { homeFolder: folder });
  const { gray, labels } = await classesOf(train);
  assert.deepEqual(gray, labels);
  assert.deepEqual(labels.sort(), [0, 1, 2, 3]);
});
