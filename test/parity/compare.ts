/** Values against those of another framework. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { readNpy } from '../../lib/weights/npy.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';

/** Tolerance as a part of the standard deviation of the framework's values. */
const TOLERANCE = 1e-3;

/** Largest difference over the standard deviation of what is expected. */
function deviation(actual: Float32Array, expected: Float32Array): number {
  const scale = standardDeviation(expected);
  assert.ok(scale > 0, 'all expected values are equal');
  return largestDifference(actual, expected) / scale;
}

function standardDeviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function largestDifference(actual: Float32Array, expected: Float32Array): number {
  assert.equal(actual.length, expected.length);
  return actual.reduce(
    (largest, value, index) => Math.max(largest, Math.abs(value - (expected[index] as number))),
    0,
  );
}

/** @param expected the .npy file that has the values */
export function assertNear(
  context: TestContext,
  what: string,
  actual: Float32Array,
  expected: string,
): void {
  const difference = deviation(actual, readNpy(expected).values);
  context.diagnostic(`${what}: ${difference.toExponential(1)} of the standard deviation`);
  assert.ok(difference <= TOLERANCE, `${what} differ by ${difference} of the standard deviation`);
}

/**
 * Each gradient by its own standard deviation, or by a quarter of the median tensor's where that is
 * more: some are zero but for rounding, as of a shift that a batch norm takes away again.
 */
export function assertGradientsNear(
  context: TestContext,
  actual: readonly NamedTensor[],
  expected: readonly NamedTensor[],
): void {
  const byName = new Map(expected.map((tensor) => [tensor.name, tensor.values]));
  const scales = expected.map(({ values }) => standardDeviation(values)).sort((a, b) => a - b);
  const floor = (scales[Math.floor(scales.length / 2)] as number) / 4;
  const worst = actual
    .map(({ name, values }) => {
      const theirs = byName.get(name);
      assert.ok(theirs, `${name} is missing`);
      const scale = Math.max(floor, standardDeviation(theirs));
      return { name, difference: largestDifference(values, theirs) / scale };
    })
    .reduce((left, right) => (right.difference > left.difference ? right : left));
  const text = `${worst.difference.toExponential(1)} of its standard deviation (${worst.name})`;
  context.diagnostic(`gradients of ${actual.length} tensors: at most ${text}`);
  assert.ok(worst.difference <= TOLERANCE, `a gradient differs by ${text}`);
}
