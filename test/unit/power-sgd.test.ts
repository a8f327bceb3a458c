/** PowerSGD: against PyTorch's own hook, exact on low ranks, and its error feedback. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { ErrorFeedback } from '../../lib/collective/compression/compressor.ts';
import { javascriptCompressionKernels } from '../../lib/collective/kernels/compression.ts';
import { orthogonalise } from '../../lib/collective/compression/orthogonal.ts';
import {
  matrixSizeOf,
  PowerSgd,
  type ParameterPlace,
  type PowerSgdSettings,
} from '../../lib/collective/compression/power-sgd.ts';
import { javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import { valuesOf } from '../support/compressors.ts';

const kernels = { vectors: javascriptKernels, compressions: javascriptCompressionKernels };

/** The workers of a run, each with its own state and residual. */
class Cluster {
  readonly compressions: PowerSgd[];
  readonly feedbacks: ErrorFeedback[];

  constructor(workers: number, settings: PowerSgdSettings) {
    this.compressions = Array.from({ length: workers }, () => new PowerSgd(kernels, settings));
    this.feedbacks = this.compressions.map(
      () => new ErrorFeedback(() => new Float32Array(settings.elements)),
    );
  }

  /** @returns what each worker decodes */
  step(gradients: readonly Float32Array[], isCommitted = true): Float32Array[] {
    const firsts = this.compressions.map((compression, worker) => {
      const first = new Float32Array(compression.firstElements);
      const { residual, pending } = this.feedbacks[worker] as ErrorFeedback;
      compression.firstPass(first, gradients[worker] as Float32Array, residual, pending);
      return first;
    });
    const first = sumOf(firsts);
    const orthonormal = this.compressions.map(() => first.slice());
    const seconds = this.compressions.map((compression, worker) => {
      const second = new Float32Array(compression.secondElements);
      const { pending } = this.feedbacks[worker] as ErrorFeedback;
      compression.secondPass(second, orthonormal[worker] as Float32Array, pending);
      return second;
    });
    const second = sumOf(seconds);
    return this.compressions.map((compression, worker) => {
      const target = new Float32Array((gradients[worker] as Float32Array).length).fill(7);
      compression.decode(target, orthonormal[worker] as Float32Array, second);
      if (isCommitted) compression.commit(second);
      if (isCommitted) this.feedbacks[worker]?.commit();
      return target;
    });
  }
}

function sumOf(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array((vectors[0] as Float32Array).length);
  for (const vector of vectors) javascriptKernels.add(sum, sum, vector, 'float32');
  return sum;
}

function largestOf(values: Float32Array | readonly number[]): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest;
}

function assertClose(actual: Float32Array, expected: ArrayLike<number>, share: number): void {
  const bound = share * largestOf([...Array.from(expected)]);
  for (const [index, value] of actual.entries()) {
    const difference = Math.abs(value - (expected[index] as number));
    assert.ok(difference <= bound, `[${index}]: ${value}, not ${expected[index]}`);
  }
}

function normals(count: number, stream: number): Float32Array {
  const random = new RandomStream(2, 'normals', stream);
  return Float32Array.from({ length: count }, () => random.normal());
}

function oneMatrix(rows: number, columns: number, rank: number): PowerSgdSettings {
  const parameters = [{ offset: 0, shape: [rows, columns] }];
  return { rank, seed: 1, elements: rows * columns, parameters };
}

test("two workers apply what PyTorch's hook makes of their sum, step after step", () => {
  const [rows, columns, rank] = [24, 20, 2];
  const expected = (
    JSON.parse(readFileSync(join(PROJECT_ROOT, 'test', 'parity', 'compressors.json'), 'utf8')) as {
      powerSgd: number[][];
    }
  ).powerSgd;
  const cluster = new Cluster(2, oneMatrix(rows, columns, rank));
  const right = valuesOf(columns * rank, 91);
  orthogonalise(right, columns);
  for (const compression of cluster.compressions) compression.adopt(right);
  assert.equal(expected.length, 5);
  for (const [step, values] of expected.entries()) {
    const [one, other] = cluster.step([
      valuesOf(rows * columns, 10 + step),
      valuesOf(rows * columns, 20 + step),
    ]) as [Float32Array, Float32Array];
    assert.deepEqual(one, other);
    assertClose(one, values, 2e-5);
  }
});

test('a sum whose rank is that of the compression comes out exactly', () => {
  const [rows, columns] = [40, 30];
  const gradients = [0, 1].map((worker) => {
    const matrix = new Float32Array(rows * columns);
    // The same columns on both workers, so that the rank of the sum is 2 as well.
    const right = normals(columns * 2, 50);
    javascriptCompressionKernels.product(
      matrix,
      normals(rows * 2, worker),
      right,
      { rows, columns },
      2,
    );
    return matrix;
  });
  const cluster = new Cluster(2, oneMatrix(rows, columns, 2));
  const [result] = cluster.step(gradients) as [Float32Array];
  assertClose(result, sumOf(gradients), 1e-5);
  // Each worker's part has columns of its own, so only all residuals together vanish.
  assert.ok(largestOf(sumOf(cluster.feedbacks.map(({ residual }) => residual))) < 1e-4);
});

test('what steps leave out comes later: sums of steps approach those of gradients', () => {
  const [rows, columns, steps] = [32, 24, 60];
  const cluster = new Cluster(3, oneMatrix(rows, columns, 2));
  const gradients = [0, 1, 2].map((worker) => normals(rows * columns, worker));
  const total = new Float32Array(rows * columns);
  for (let step = 0; step < steps; step++) {
    const [result] = cluster.step(gradients) as [Float32Array];
    javascriptKernels.add(total, total, result, 'float32');
  }
  const exact = sumOf(gradients);
  const shareLeft = total.map((value, index) => value / steps - (exact[index] as number));
  assert.ok(largestOf(shareLeft) < 0.25 * largestOf(exact), `${largestOf(shareLeft)}`);
  const left = sumOf(cluster.feedbacks.map(({ residual }) => residual));
  javascriptKernels.add(left, left, total, 'float32');
  assertClose(
    left,
    exact.map((value) => value * steps),
    1e-4,
  );
});

test('a step that is not committed changes nothing', () => {
  const settings = oneMatrix(24, 20, 2);
  const gradients = [normals(480, 1), normals(480, 2)];
  const cluster = new Cluster(2, settings);
  const first = cluster.step(gradients, false);
  assert.deepEqual(cluster.step(gradients, false), first);
  cluster.step(gradients, true);
  assert.notDeepEqual(cluster.step(gradients, false), first);
});

test('values in no matrix, and small or narrow parameters, are summed exactly', () => {
  const parameters: ParameterPlace[] = [
    { offset: 0, shape: [3, 3, 8, 16] },
    { offset: 1152, shape: [16] },
    { offset: 1200, shape: [4, 3] },
    { offset: 1216, shape: [3, 3, 40, 1] },
  ];
  const settings = { rank: 2, seed: 1, elements: 1600, parameters };
  const cluster = new Cluster(2, settings);
  const compression = cluster.compressions[0] as PowerSgd;
  const restElements = 1600 - 1152 - 360;
  assert.equal(compression.firstElements, 2 * (72 + 9) + restElements);
  assert.equal(compression.secondElements, 2 * (16 + 40));
  const gradients = [normals(1600, 5), normals(1600, 6)];
  const [result] = cluster.step(gradients) as [Float32Array];
  const exact = sumOf(gradients);
  assert.deepEqual(result.subarray(1152, 1216), exact.subarray(1152, 1216));
  assert.deepEqual(result.subarray(1576), exact.subarray(1576));
  assert.notDeepEqual(result.subarray(0, 1152), exact.subarray(0, 1152));
  assert.ok(cluster.feedbacks[0]?.residual.subarray(1152, 1216).every((value) => value === 0));
});

test('shapes become matrices with the last dimension against the others', () => {
  assert.deepEqual(matrixSizeOf([3, 3, 8, 16]), { rows: 72, columns: 16 });
  assert.deepEqual(matrixSizeOf([3, 3, 40, 1]), { rows: 9, columns: 40 });
  assert.deepEqual(matrixSizeOf([7]), { rows: 1, columns: 7 });
  assert.deepEqual(matrixSizeOf([1, 1]), { rows: 1, columns: 1 });
  assert.deepEqual(matrixSizeOf([]), { rows: 1, columns: 1 });
});

test('a gradient that vanished for a step is followed again afterwards', () => {
  const cluster = new Cluster(1, oneMatrix(24, 20, 2));
  const [zeros] = cluster.step([new Float32Array(480)]) as [Float32Array];
  assert.ok(zeros.every((value) => value === 0));
  const [result] = cluster.step([normals(480, 3)]) as [Float32Array];
  assert.ok(largestOf(result) > 0.1);
});

test('very small and very large gradients are approximated as well as others', () => {
  for (const scale of [2 ** -60, 2 ** 40]) {
    const [scaled] = new Cluster(1, oneMatrix(24, 20, 2)).step([
      normals(480, 3).map((value) => value * scale),
    ]) as [Float32Array];
    const [plain] = new Cluster(1, oneMatrix(24, 20, 2)).step([normals(480, 3)]) as [Float32Array];
    assertClose(
      scaled.map((value) => value / scale),
      plain,
      1e-4,
    );
  }
});

test('a gradient that is not finite makes the sum one that is not', () => {
  const gradient = normals(480, 3);
  gradient[77] = NaN;
  const results = new Cluster(2, oneMatrix(24, 20, 2)).step([gradient, normals(480, 4)], false);
  for (const result of results) assert.ok(result.some((value) => Number.isNaN(value)));
});

test('columns become orthonormal, dependent ones zeros or what replaces them', () => {
  const length = 50;
  const factors = normals(4 * length, 9);
  // The third is a combination of the first two; the fourth nearly is the first.
  for (let row = 0; row < length; row++) {
    const [first, second] = [factors[row] as number, factors[length + row] as number];
    factors[2 * length + row] = 3 * first - second;
    factors[3 * length + row] = first + 1e-4 * (factors[3 * length + row] as number);
  }
  const dot = (one: number, other: number): number =>
    factors
      .subarray(one * length, (one + 1) * length)
      .reduce((sum, value, row) => sum + value * (factors[other * length + row] as number), 0);
  const copy = factors.slice();
  orthogonalise(factors, length);
  for (const [one, other, expected] of [
    [0, 0, 1],
    [1, 1, 1],
    [2, 2, 0],
    [3, 3, 1],
    [0, 1, 0],
    [0, 3, 0],
    [1, 3, 0], // prettier-ignore
  ] as [number, number, number][]) {
    assert.ok(Math.abs(dot(one, other) - expected) < 1e-6, `${one} ${other}: ${dot(one, other)}`);
  }
  factors.set(copy);
  orthogonalise(factors, length, (column, index) => {
    assert.equal(index, 2);
    column.set(normals(length, 33));
  });
  assert.ok(Math.abs(dot(2, 2) - 1) < 1e-6 && Math.abs(dot(0, 2)) < 1e-6);
});
