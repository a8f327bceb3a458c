/** The all-reduce's kernels in C++ against those in JavaScript, bit for bit. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bytesPerValue,
  javascriptKernels,
  VALUE_FORMATS,
  type ValueFormat,
  type VectorKernels,
} from '../../lib/collective/kernels/vector.ts';
import { loadVectorKernels } from '../../lib/collective/kernels/addon.ts';
import { prepareTensorflow } from '../../lib/tensorflow/install/prepare.ts';
import { hardValues } from '../support/formats.ts';

async function nativeKernels(): Promise<VectorKernels> {
  const { collectiveAddonPath } = await prepareTensorflow();
  return loadVectorKernels(collectiveAddonPath);
}

/** Vectors on shared memory, as the all-reduce has them. */
function shared(values: Float32Array): Float32Array {
  const vector = new Float32Array(new SharedArrayBuffer(values.byteLength));
  vector.set(values);
  return vector;
}

function bytesOf(values: Float32Array): Buffer {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}

/**
 * All results of a set of kernels on values of any kind, `offset` bytes from an aligned address.
 */
function results(
  kernels: VectorKernels,
  format: ValueFormat,
  count: number,
  offset: number,
): Buffer {
  const all = hardValues();
  const left = shared(all.subarray(all.length - count));
  const right = shared(all.slice(0, count).reverse());
  const [sum, rounded, decoded] = [0, 1, 2].map(() => shared(new Float32Array(count))) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const bytes = new Uint8Array(offset + count * bytesPerValue(format)).subarray(offset);
  kernels.add(sum, left, right, format);
  kernels.round(rounded, left, format);
  kernels.encode(bytes, right, format);
  kernels.decode(decoded, bytes, format);
  kernels.decodeAdd(left, left, bytes, format);
  kernels.add(right, decoded, right, format);
  return Buffer.concat([...[sum, rounded, decoded, left, right].map(bytesOf), bytes]);
}

for (const format of VALUE_FORMATS) {
  test(`native kernels of ${format} give the bits of the JavaScript ones`, async () => {
    const native = await nativeKernels();
    for (const [count, offset] of [
      [1 << 20, 1],
      [511, 0],
      [512, 2],
      [513, 3],
      [1031, 5],
      [7, 7],
      [1, 1],
      [0, 0], // prettier-ignore
    ] as [number, number][]) {
      const actual = results(native, format, count, offset);
      const expected = results(javascriptKernels, format, count, offset);
      assert.ok(actual.equals(expected), `${count} values at ${offset}`);
    }
  });
}

test('the native checksum is the JavaScript one, and one changed bit changes it', async () => {
  const native = await nativeKernels();
  for (const count of [0, 1, 31, 32, 33, 1000]) {
    const values = shared(hardValues().subarray(0, count));
    const position = 2 ** 32 - 5;
    const { checksum, isFinite } = native.inspect(values, position);
    assert.deepEqual({ checksum, isFinite }, javascriptKernels.inspect(values, position));
    assert.equal(
      isFinite,
      values.every((value) => Number.isFinite(value)),
    );
    const bits = new Uint32Array(values.buffer);
    for (let index = 0; index < count; index += 7) {
      const before = bits[index] as number;
      bits[index] = before ^ (1 << (index % 32));
      assert.notEqual(native.inspect(values, position).checksum, checksum);
      bits[index] = before;
    }
  }
});

test('native kernels refuse vectors of other lengths and kinds', async () => {
  const native = await nativeKernels();
  const four = new Float32Array(4);
  assert.throws(() => native.add(four, four, new Float32Array(3), 'float32'), /right has 3/);
  assert.throws(() => native.decodeAdd(four, four, new Uint8Array(9), 'float16'), /expected 8/);
  const doubles = new Float64Array(4) as unknown as Float32Array;
  assert.throws(() => native.round(four, doubles, 'float32'), /source is not a typed array/);
});
