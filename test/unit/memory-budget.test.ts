/** What TensorFlow may take of limited memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryBudgetBytes } from '../../lib/tensorflow/memory-budget.ts';

const GIB = 2 ** 30;

test('the tightest limit decides, less what the rest of the process takes', () => {
  const none = { addressSpace: undefined, addressSpaceInUse: GIB, container: undefined };
  assert.equal(memoryBudgetBytes(none), undefined);
  assert.equal(memoryBudgetBytes({ ...none, container: 4 * GIB }), 3.5 * GIB);
  assert.equal(memoryBudgetBytes({ ...none, addressSpace: 8 * GIB }), 4.5 * GIB);
  const both = { addressSpace: 8 * GIB, addressSpaceInUse: GIB, container: 4 * GIB };
  assert.equal(memoryBudgetBytes(both), 3.5 * GIB);
});

test('a limit that leaves nothing gives a small budget, so that TensorFlow says it', () => {
  const tight = { addressSpace: 2 * GIB, addressSpaceInUse: GIB, container: undefined };
  assert.equal(memoryBudgetBytes(tight), GIB / 16);
});
