import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import { withKeptValidation } from '../../lib/data/kept-validation.ts';

/** A source whose batches have 12 bytes a sample at 2 px, and which counts what is read. */
function countingSource(): { source: BatchSource; reads: string[] } {
  const reads: string[] = [];
  const source: BatchSource = {
    trainSampleCount: 0,
    validationSampleCount: 100,
    classNames: ['a', 'b'],
    filesSha256: '',
    microBatch: () => Promise.reject(new Error('not asked for')),
    validation: (first, sampleCount, imageSizePx) => {
      reads.push(`${first} at ${imageSizePx}`);
      const pixels = new Uint8Array(sampleCount * imageSizePx * imageSizePx * 3).fill(first);
      const labels = new Int32Array(sampleCount);
      return Promise.resolve({ pixels, labels, sampleCount, unreadable: [] });
    },
  };
  return { source, reads };
}

test('validation batches that fit are decoded once, and the others each time', async () => {
  const { source, reads } = countingSource();
  const kept = withKeptValidation(source, 2 * 10 * 12);
  for (let evaluation = 0; evaluation < 2; evaluation++) {
    for (const first of [0, 10, 20]) {
      const { pixels } = await kept.validation(first, 10, 2);
      assert.equal(pixels[0], first);
    }
  }
  assert.deepEqual(reads, ['0 at 2', '10 at 2', '20 at 2', '20 at 2']);
});

test('batches of another image size are let go of', async () => {
  const { source, reads } = countingSource();
  const kept = withKeptValidation(source, 100_000);
  for (const size of [2, 4, 4, 2]) await kept.validation(0, 10, size);
  assert.deepEqual(reads, ['0 at 2', '0 at 4', '0 at 2']);
});

test('a batch with images that could not be read is read again', async () => {
  const { source, reads } = countingSource();
  const failing: BatchSource = {
    ...source,
    validation: async (...asked) => {
      const batch = await source.validation(...asked);
      return { ...batch, unreadable: reads.length === 1 ? ['a.jpeg: input/output error'] : [] };
    },
  };
  const kept = withKeptValidation(failing, 100_000);
  const found: number[] = [];
  for (let evaluation = 0; evaluation < 3; evaluation++) {
    found.push((await kept.validation(0, 10, 2)).unreadable.length);
  }
  assert.deepEqual(found, [1, 0, 0]);
  assert.equal(reads.length, 2);
});
