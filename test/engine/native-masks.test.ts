/** Dropout masks in C++ against those in JavaScript. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeRows } from '../../lib/engine/graph-engine.ts';
import { drawRows } from '../../lib/engine/masks.ts';
import { loadTensorflow } from '../../lib/tensorflow/load.ts';

const { native } = await loadTensorflow({ intraOpThreads: 1 });

test('the addon draws the same masks as JavaScript, at any position, rate and length', () => {
  for (const [rows, length, keepRate, firstPosition] of [
    [1, 1, 0.5, 0],
    [3, 63, 0.95, 7],
    [2, 64, 0.1, 2 ** 32 - 1],
    [5, 1281, 1 - 0.05, 2 ** 33 + 12_345],
    [2, 130, 1 - 2 ** -31, 3],
  ] as const) {
    const draw = { seed: 4_294_967_295, purpose: 'dropout', firstPosition, rows, keepRate };
    const expected = new Float32Array(rows * length);
    const actual = expected.slice();
    drawRows(draw, expected);
    nativeRows(native)(draw, actual);
    assert.deepEqual(actual, expected);
  }
});
