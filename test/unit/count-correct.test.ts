/** Accuracy of models that tell classes apart, and of those that do not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countCorrect } from '../../lib/engine/model-step.ts';

/** Rows of scores, one for each class as label. */
function correctOf(row: readonly number[], k: number): number {
  const rows = row.flatMap(() => row);
  const labels = Int32Array.from(row.keys());
  return countCorrect(Float32Array.from(rows), labels, row.length, row.length, k);
}

test('the label is right where it is among the highest scores', () => {
  assert.equal(correctOf([1, 3, 2, 0], 1), 1);
  assert.equal(correctOf([1, 3, 2, 0], 3), 3);
  assert.equal(countCorrect(Float32Array.of(1, 3, 2, 5), Int32Array.of(1, 0), 2, 2, 1), 1);
});

test('a model that gives all classes the same score is right about one of them', () => {
  assert.equal(correctOf([0, 0, 0, 0, 0, 0, 0, 0], 1), 1);
  assert.equal(correctOf([0, 0, 0, 0, 0, 0, 0, 0], 5), 5);
  assert.equal(correctOf([Infinity, Infinity, 0], 1), 1);
});

test('a model whose scores are NaN is right about none', () => {
  assert.equal(correctOf([Number.NaN, Number.NaN, Number.NaN, Number.NaN], 5), 0);
  assert.equal(correctOf([Number.NaN, 1, 0, 0, 0, 0], 1), 0);
});
