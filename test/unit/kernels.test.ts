/** The all-reduce's kernels in JavaScript, against numpy and PyTorch (test/parity/formats.json). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import {
  bytesPerValue,
  javascriptKernels as kernels,
} from '../../lib/collective/kernels/vector.ts';
import { VALUE_FORMATS } from '../../lib/collective/kernels/vector.ts';
import { sumAlongTree } from '../support/all-reduce.ts';
import { allPacked, hardValues } from '../support/formats.ts';

interface Digests {
  readonly packed: string;
  readonly rounded: string;
  readonly unpacked: string;
}
type Fixture = { readonly values: number } & Readonly<Record<'bfloat16' | 'float16', Digests>>;

const fixture = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'test', 'parity', 'formats.json'), 'utf8'),
) as Fixture;

function sha256(values: Float32Array | Uint8Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

for (const format of ['bfloat16', 'float16'] as const) {
  test(`${format} is packed, rounded and unpacked as numpy and PyTorch do`, () => {
    const values = hardValues();
    assert.equal(values.length, fixture.values);
    const bytes = new Uint8Array(2 * values.length);
    kernels.encode(bytes, values, format);
    assert.equal(sha256(bytes), fixture[format].packed);
    const rounded = new Float32Array(values.length);
    kernels.round(rounded, values, format);
    assert.equal(sha256(rounded), fixture[format].rounded);
    const unpacked = new Float32Array(0x10000);
    kernels.decode(unpacked, allPacked(), format);
    kernels.round(unpacked, unpacked, 'float32');
    assert.equal(sha256(unpacked), fixture[format].unpacked);
  });
}

for (const format of VALUE_FORMATS) {
  test(`a ${format} that was rounded travels without loss, from any address`, () => {
    const values = hardValues();
    kernels.round(values, values, format);
    for (const offset of [0, 1, 3]) {
      const length = values.length * bytesPerValue(format);
      const bytes = new Uint8Array(offset + length).subarray(offset);
      kernels.encode(bytes, values, format);
      const decoded = new Float32Array(values.length);
      kernels.decode(decoded, bytes, format);
      assert.equal(sha256(decoded), sha256(values));
    }
  });

  test(`adding a packed ${format} is unpacking it, then adding`, () => {
    const base = hardValues();
    const values = hardValues().reverse();
    const bytes = new Uint8Array(values.length * bytesPerValue(format));
    kernels.encode(bytes, values, format);
    const expected = new Float32Array(values.length);
    kernels.decode(expected, bytes, format);
    kernels.add(expected, base, expected, format);
    kernels.decodeAdd(base, base, bytes, format);
    assert.equal(sha256(base), sha256(expected));
  });

  test(`a sum of ${format} has the same bytes wherever its nodes are added`, () => {
    const microBatches = 7;
    const leaves = Array.from({ length: microBatches }, (_, shard) => {
      const random = new RandomStream(3, 'leaf', shard);
      const leaf = Float32Array.from({ length: 1000 }, () => random.normal());
      kernels.round(leaf, leaf, format);
      return leaf;
    });
    const sumOf = (begin: number, end: number): Float32Array => {
      if (end - begin === 1) return leaves[begin] as Float32Array;
      const half = 2 ** Math.floor(Math.log2(end - begin - 1));
      const [left, right] = [sumOf(begin, begin + half), sumOf(begin + half, end)];
      const bytes = new Uint8Array(right.length * bytesPerValue(format));
      kernels.encode(bytes, right, format);
      const sum = new Float32Array(left.length);
      kernels.decodeAdd(sum, left, bytes, format);
      return sum;
    };
    const exact = sumAlongTree(microBatches, (shard) => leaves[shard] as Float32Array);
    const traveled = sumOf(0, microBatches);
    const local = leaves.map((leaf) => leaf.slice());
    for (const [into, from] of [
      [0, 1],
      [2, 3],
      [0, 2],
      [4, 5],
      [4, 6],
      [0, 4], // prettier-ignore
    ] as [number, number][]) {
      const target = local[into] as Float32Array;
      kernels.add(target, target, local[from] as Float32Array, format);
    }
    assert.equal(sha256(traveled), sha256(local[0] as Float32Array));
    const largest = exact.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const step = { float32: 0, bfloat16: 2 ** -8, float16: 2 ** -11 }[format];
    for (const [index, value] of traveled.entries()) {
      assert.ok(Math.abs(value - (exact[index] as number)) <= 4 * step * largest);
    }
  });
}

test('the checksum of a vector is the sum of those of its pieces, however it is cut', () => {
  const values = hardValues().subarray(0, 1000);
  const whole = kernels.inspect(values, 0).checksum;
  for (const cuts of [[1], [16, 500], [999], [7, 8, 9, 512]]) {
    const begins = [0, ...cuts];
    const pieces = begins.map((begin, index) => {
      return kernels.inspect(values.subarray(begin, begins[index + 1]), begin).checksum;
    });
    assert.equal(pieces.reduce((sum, one) => sum + one, 0) % 2 ** 32, whole);
  }
});

test('a checksum tells of values that are swapped, or whose signs are', () => {
  const random = new RandomStream(3, 'checksum', 0);
  const values = Float32Array.from({ length: 64 }, () => random.normal());
  const checksumOf = (changed: Float32Array): number => kernels.inspect(changed, 5).checksum;
  for (let left = 0; left < 63; left++) {
    const [swapped, negated] = [values.slice(), values.slice()];
    swapped.set([values[left + 1] as number, values[left] as number], left);
    negated.set([-(values[left] as number), -(values[left + 1] as number)], left);
    assert.notEqual(checksumOf(swapped), checksumOf(values));
    assert.notEqual(checksumOf(negated), checksumOf(values));
  }
});

test('too large for float16 becomes an infinity, and bfloat16 keeps the range of float32', () => {
  const sum = new Float32Array(2);
  kernels.add(sum, Float32Array.of(65504, -65504), Float32Array.of(16, -16), 'float16');
  assert.deepEqual([...sum], [Infinity, -Infinity]);
  kernels.add(sum, Float32Array.of(65504, 3.39e38), Float32Array.of(15, 3e36), 'float16');
  assert.deepEqual([...sum], [65504, Infinity]);
  kernels.round(sum, Float32Array.of(3e38, -1e-38), 'bfloat16');
  assert.ok(sum.every((value) => Number.isFinite(value) && value !== 0));
});

test('vectors of other lengths are refused', () => {
  const four = new Float32Array(4);
  assert.throws(() => kernels.add(four, four, new Float32Array(3), 'float32'), /3 elements/);
  assert.throws(() => kernels.decode(four, new Uint8Array(9), 'bfloat16'), /9 elements or bytes/);
});
