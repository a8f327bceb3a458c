/** Buckets that become final in any order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeadingBuckets } from '../../lib/collective/leading-buckets.ts';

test('only buckets with all before them count, and those from the bound on never do', () => {
  const told: number[] = [];
  const leading = new LeadingBuckets(4, (count) => told.push(count));
  for (const bucket of [1, 4, 0, 3, 2, 5]) leading.add(bucket);
  assert.deepEqual(told, [2, 4]);
});
