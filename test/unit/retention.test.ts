/** Which checkpoints stay. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retainedCheckpoints } from '../../lib/checkpoint/retention.ts';

const STEPS = [100, 400, 300, 200, 1000];
const NONE: ReadonlySet<number> = new Set();

function retained(keep: number, best: number | undefined, pinned = NONE): number[] {
  return [...retainedCheckpoints(STEPS, { keep, best, pinned })].sort((a, b) => a - b);
}

test('the newest checkpoints stay, by their steps as numbers', () => {
  assert.deepEqual(retained(1, undefined), [1000]);
  assert.deepEqual(retained(3, undefined), [300, 400, 1000]);
  assert.deepEqual(retained(9, undefined), [100, 200, 300, 400, 1000]);
});

test('the best one stays too, and takes nobody else’s place', () => {
  assert.deepEqual(retained(2, 100), [100, 400, 1000]);
  assert.deepEqual(retained(2, 400), [400, 1000]);
  assert.deepEqual(retained(2, 150), [400, 1000], 'there is no checkpoint of the best');
});

test('one that is in use stays', () => {
  assert.deepEqual(retained(1, 100, new Set([200, 777])), [100, 200, 1000]);
});

test('a step counts once, however often it is named', () => {
  const rules = { keep: 2, best: undefined, pinned: NONE };
  assert.deepEqual([...retainedCheckpoints([5, 5, 5, 4, 3], rules)], [5, 4]);
});
