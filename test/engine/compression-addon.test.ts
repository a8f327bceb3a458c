/** The lossy compression' kernels in C++ against those in JavaScript, bit for bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import {
  int8Bytes,
  javascriptCompressionKernels as javascript,
  type CompressionKernels,
  type MatrixSize,
} from '../../lib/collective/kernels/compression.ts';
import { javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import { loadCompressionKernels } from '../../lib/collective/kernels/addon.ts';
import { prepareTensorflow } from '../../lib/tensorflow/install/prepare.ts';
import { valuesOf } from '../support/compressors.ts';
import { hardValues } from '../support/formats.ts';

async function nativeKernels(): Promise<CompressionKernels> {
  const { collectiveAddonPath } = await prepareTensorflow();
  return loadCompressionKernels(collectiveAddonPath);
}

function vector(values: Float32Array | number): Float32Array {
  const count = typeof values === 'number' ? values : values.length;
  const shared = new Float32Array(new SharedArrayBuffer(4 * count));
  if (typeof values !== 'number') shared.set(values);
  return shared;
}

function finiteHardValues(): Float32Array {
  return hardValues().map((value) => (Math.abs(value) < 1e38 ? value : 1));
}

/** Bytes and vectors that coding leaves; NaN made the same, since processors differ in its bits. */
function int8Results(kernels: CompressionKernels, values: Float32Array, offset: number): unknown[] {
  const count = values.length;
  const bytes = new Uint8Array(offset + int8Bytes(count)).subarray(offset);
  const [pending, decoded, sum] = [vector(count), vector(count), vector(values)];
  const residual = vector(valuesOf(count, 3));
  kernels.encodeInt8(bytes, values, residual, pending);
  kernels.decodeInt8(decoded, bytes);
  kernels.decodeAddInt8(sum, sum, bytes);
  return [
    Buffer.from(bytes),
    ...[pending, decoded, sum].map((one) => {
      javascriptKernels.round(one, one, 'float32');
      return Buffer.from(one.buffer);
    }),
  ];
}

test('native int8 makes the bytes and values of the JavaScript one', async () => {
  const native = await nativeKernels();
  const inputs = [hardValues(), finiteHardValues(), valuesOf(100_000, 1)];
  for (const all of inputs) {
    for (const [count, offset] of [
      [0, 0],
      [1, 1],
      [255, 0],
      [256, 3],
      [257, 1],
      [65_537, 5], // prettier-ignore
    ] as [number, number][]) {
      const values = vector(all.subarray(all.length - count));
      const actual = int8Results(native, values, offset);
      assert.deepEqual(actual, int8Results(javascript, values, offset), `${count} at ${offset}`);
    }
  }
});

function normals(count: number, isRounded: boolean): Float32Array {
  const random = new RandomStream(4, 'select');
  const normal = (): number => (isRounded ? Math.round(2 * random.normal()) : random.normal());
  return Float32Array.from({ length: count }, normal);
}

test('native selection takes the values that sorting takes, as in JavaScript', async () => {
  const native = await nativeKernels();
  const inputs = [normals(10_000, false), normals(10_000, true), valuesOf(4_099, 1), hardValues()];
  inputs.push(new Float32Array(1000), normals(63, true), normals(1, false), normals(0, false));
  for (const values of inputs) {
    const order = [...values.keys()].filter((index) => values[index] !== 0);
    const magnitudes = new Uint32Array(values.slice().buffer).map((bits) => bits & 0x7fffffff);
    order.sort((one, other) => {
      return (magnitudes[other] as number) - (magnitudes[one] as number) || one - other;
    });
    for (const wanted of [0, 1, 7, Math.ceil(values.length / 100), values.length, 20_000]) {
      const expected = order.slice(0, wanted).sort((one, other) => one - other);
      for (const kernels of [native, javascript]) {
        const indices = new Uint32Array(wanted).fill(7);
        const count = kernels.selectLargest(indices, values);
        assert.equal(count, expected.length);
        assert.ok(Buffer.from(indices.buffer, 0, 4 * count).equals(u32(expected)));
      }
    }
  }
});

function u32(values: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

function lowRankResults(kernels: CompressionKernels, size: MatrixSize, rank: number): Buffer {
  const { rows, columns } = size;
  const matrix = vector(valuesOf(rows * columns, 1));
  const right = vector(valuesOf(columns * rank, 2));
  const [left, back] = [vector(rows * rank), vector(columns * rank)];
  const product = vector(rows * columns);
  kernels.multiply(left, matrix, right, size, rank);
  kernels.multiplyTransposed(back, matrix, left, size, rank);
  kernels.product(product, left, back, size, rank);
  kernels.subtractProduct(matrix, left, right, size, rank);
  const all = [matrix, left, back, product];
  return Buffer.concat(all.map((one) => Buffer.from(one.buffer)));
}

test('native products of low rank have the bits of the JavaScript ones', async () => {
  const native = await nativeKernels();
  for (const [rows, columns, rank] of [
    [1, 1, 1],
    [9, 40, 2],
    [72, 16, 3],
    [33, 1031, 4],
    [5, 15, 1],
    [64, 513, 8], // prettier-ignore
  ] as [number, number, number][]) {
    const actual = lowRankResults(native, { rows, columns }, rank);
    const expected = lowRankResults(javascript, { rows, columns }, rank);
    assert.ok(actual.equals(expected), `${rows} x ${columns}, rank ${rank}`);
  }
});

test('native compressions refuse vectors of other lengths and kinds', async () => {
  const native = await nativeKernels();
  const four = new Float32Array(4);
  assert.throws(() => native.decodeInt8(four, new Uint8Array(7)), /bytes has 7.*expected 8/);
  assert.throws(
    () => native.multiply(four, four, four, { rows: 2, columns: 3 }, 1),
    /matrix has 4.*expected 6/,
  );
  const signed = new Int32Array(4) as unknown as Uint32Array;
  assert.throws(() => native.selectLargest(signed, four), /indices is not a typed array/);
});
