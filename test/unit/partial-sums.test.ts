/** The partial sums of a worker: what it keeps from one attempt at a step to the next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PartialSums } from '../../lib/collective/partial-sums.ts';

/** Sums of micro-batches of eight, each made in its turn. */
function sumsOf(microBatches: readonly number[]): PartialSums {
  const sums = new PartialSums(8, () => new Float32Array(1));
  for (const microBatch of microBatches) {
    sums.added(microBatch, sums.accumulationOf(microBatch));
  }
  return sums;
}

function rangesOf(sums: PartialSums): string {
  return sums
    .list()
    .map(({ begin, end }) => `${begin}-${end}`)
    .join(' ');
}

test('sums are kept that have no micro-batch of others, and the others are computed anew', () => {
  const sums = sumsOf([0, 1, 2, 3, 4, 6]);
  assert.equal(rangesOf(sums), '0-4 4-5 6-7');
  sums.keepWithin([0, 1, 2, 4, 5]);
  assert.equal(rangesOf(sums), '4-5');
  assert.equal(sums.has(0), false);
});

test('the memory of sums that are dropped is used again', () => {
  const sums = sumsOf([0, 2]);
  const count = sums.vectorCount;
  sums.keepWithin([2]);
  sums.added(5, sums.accumulationOf(5));
  assert.equal(sums.vectorCount, count);
  sums.keepWithin([2, 5]);
  assert.equal(rangesOf(sums), '2-3 5-6');
});
