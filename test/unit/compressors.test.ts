/**
 * The compressions int8 and top-k: against numpy, their bounds, hostile bytes, and error feedback.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { ErrorFeedback, type Compressor } from '../../lib/collective/compression/compressor.ts';
import { int8Compressor } from '../../lib/collective/compression/int8.ts';
import { javascriptCompressionKernels } from '../../lib/collective/kernels/compression.ts';
import { topKCompressor } from '../../lib/collective/compression/top-k.ts';
import { javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import { encoded, valuesOf } from '../support/compressors.ts';

const ELEMENTS = 1000;
const kernels = { vectors: javascriptKernels, compressions: javascriptCompressionKernels };
const int8 = int8Compressor(javascriptCompressionKernels);
const topK = topKCompressor(kernels, { fraction: 0.05, elementsMax: ELEMENTS });
const COMPRESSIONS: [Compressor, 'int8' | 'topK'][] = [
  [int8, 'int8'],
  [topK, 'topK'],
];

interface CompressedStep {
  readonly bytes: number;
  readonly sha256: string;
  readonly residualSha256: string;
}
const fixture = JSON.parse(
  readFileSync(join(PROJECT_ROOT, 'test', 'parity', 'compressors.json'), 'utf8'),
) as Record<'int8' | 'topK', readonly CompressedStep[]>;

function sha256(values: Float32Array | Uint8Array): string {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}

function feedbackOf(elements = ELEMENTS): ErrorFeedback {
  return new ErrorFeedback(() => new Float32Array(elements));
}

function decoded(compression: Compressor, bytes: Uint8Array, elements: number): Float32Array {
  const target = new Float32Array(elements).fill(7);
  compression.decode(target, bytes);
  return target;
}

for (const [compression, name] of COMPRESSIONS) {
  test(`${name} makes the bytes and residuals that numpy makes`, () => {
    const feedback = feedbackOf();
    for (const [step, expected] of fixture[name].entries()) {
      const bytes = encoded(compression, valuesOf(ELEMENTS, step), feedback);
      feedback.commit();
      assert.equal(bytes.length, expected.bytes);
      assert.equal(sha256(bytes), expected.sha256);
      assert.equal(sha256(feedback.residual), expected.residualSha256);
    }
  });

  test(`what ${name} decodes and what it leaves out are the values again`, () => {
    const values = valuesOf(ELEMENTS, 4);
    const feedback = feedbackOf();
    const bytes = encoded(compression, values, feedback);
    const result = decoded(compression, bytes, ELEMENTS);
    for (const [index, value] of values.entries()) {
      const sum = (result[index] as number) + (feedback.pending[index] as number);
      assert.ok(Math.abs(sum - value) <= 2 ** -22 * Math.abs(value));
    }
    const added = valuesOf(ELEMENTS, 5);
    compression.decodeAdd(added, bytes);
    const expected = valuesOf(ELEMENTS, 5).map((one, index) => one + (result[index] as number));
    assert.deepEqual(added, expected);
  });

  test(`a repeated attempt of ${name} gives the same bytes until the step is committed`, () => {
    const feedback = feedbackOf();
    const first = encoded(compression, valuesOf(ELEMENTS, 6), feedback);
    const again = encoded(compression, valuesOf(ELEMENTS, 6), feedback);
    assert.deepEqual(again, first);
    feedback.commit();
    assert.notDeepEqual(encoded(compression, valuesOf(ELEMENTS, 6), feedback), first);
    feedback.clear();
    assert.deepEqual(encoded(compression, valuesOf(ELEMENTS, 6), feedback), first);
  });

  test(`${name} passes on that a value is not finite, and keeps it out of the residual`, () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const values = valuesOf(ELEMENTS, 7);
      values[300] = value;
      const feedback = feedbackOf();
      const result = decoded(compression, encoded(compression, values, feedback), ELEMENTS);
      assert.ok(!Number.isFinite(result[300]));
      assert.ok(feedback.pending.every((one) => Number.isFinite(one)));
    }
  });

  test(`${name} codes pieces of any length, zeros, and values near the least of float32`, () => {
    for (const elements of [1, 2, 255, 256, 257, 999]) {
      for (const scale of [0, 2 ** -149, 2 ** -101, 2 ** 100]) {
        const values = valuesOf(elements, 8).map((value) => value * scale);
        const feedback = feedbackOf(elements);
        const bytes = encoded(compression, values, feedback);
        assert.ok(bytes.length <= compression.encodedBytesMax(elements));
        const result = decoded(compression, bytes, elements);
        for (const [index, left] of feedback.pending.entries()) {
          const sum = Math.fround(left + (result[index] as number));
          assert.ok(Math.abs(sum - (values[index] as number)) <= 2 ** -20 * Math.abs(sum));
        }
      }
    }
  });

  test(`with what ${name} left out, steps reach a minimum that they miss without`, () => {
    const withFeedback = distanceAfterSteps(compression, true);
    const without = distanceAfterSteps(compression, false);
    assert.ok(withFeedback < 0.05, `${withFeedback}`);
    assert.ok(without > 10 * withFeedback, `${without} without, ${withFeedback} with`);
  });
}

/**
 * Gradient descent of two workers on |x - a|² + |x - b|², whose minimum is their mean. Each
 * worker's gradient stays large there, in a few places that hide the others from a compression.
 */
function distanceAfterSteps(compression: Compressor, hasFeedback: boolean): number {
  const centers = [0, 1].map((worker) => {
    const random = new RandomStream(11, 'center', worker);
    return Float32Array.from({ length: ELEMENTS }, (_, index) => {
      const shared = index % 256 === 5 ? (worker === 0 ? 1e5 : -1e5) : 0;
      return shared + random.normal();
    });
  }) as [Float32Array, Float32Array];
  const feedbacks = [feedbackOf(), feedbackOf()] as const;
  const position = new Float32Array(ELEMENTS);
  const average = new Float32Array(ELEMENTS);
  const averaged = 4000;
  for (let step = 0; step < 2 * averaged; step++) {
    const sum = new Float32Array(ELEMENTS);
    for (const [worker, center] of centers.entries()) {
      const feedback = feedbacks[worker] as ErrorFeedback;
      const gradient = position.map((value, index) => value - (center[index] as number));
      compression.decodeAdd(sum, encoded(compression, gradient, feedback));
      if (hasFeedback) feedback.commit();
    }
    for (let index = 0; index < ELEMENTS; index++) {
      position[index] = (position[index] as number) - 0.002 * (sum[index] as number);
      const share = step < averaged ? 0 : (position[index] as number) / averaged;
      average[index] = (average[index] as number) + share;
    }
  }
  let square = 0;
  for (let index = 0; index < ELEMENTS; index++) {
    const goal = ((centers[0][index] as number) + (centers[1][index] as number)) / 2;
    if (index % 256 !== 5) square += ((average[index] as number) - goal) ** 2;
  }
  return Math.sqrt(square / ELEMENTS);
}

test('int8 is off by half a step of its block at most, in 260 bytes for 256 values', () => {
  const values = valuesOf(512, 9);
  const bytes = encoded(int8, values, feedbackOf(512));
  assert.equal(bytes.length, 520);
  for (const [index, value] of decoded(int8, bytes, 512).entries()) {
    const block = values.subarray(index - (index % 256), index - (index % 256) + 256);
    const largest = block.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
    const error = Math.abs(value - (values[index] as number));
    assert.ok(error <= (largest / 254) * (1 + 2 ** -16));
  }
});

test('top-k takes the first of equal values, and no zeros', () => {
  const compression = topKCompressor(kernels, { fraction: 0.2, elementsMax: 20 });
  const values = new Float32Array(20);
  for (const index of [3, 7, 8, 12, 13]) values[index] = index % 2 === 0 ? -1 : 1;
  values[15] = 2;
  const result = decoded(compression, encoded(compression, values, feedbackOf(20)), 20);
  const kept = [...result.entries()].filter(([, value]) => value !== 0);
  assert.deepEqual(kept, [[3, 1], [7, 1], [8, -1], [15, 2]]); // prettier-ignore
  const zeros = encoded(compression, new Float32Array(20), feedbackOf(20));
  assert.deepEqual([...zeros], [0, 0, 0, 0]);
});

test('a hundredth of normally distributed values takes 3.4 bytes for each that is kept', () => {
  const elements = 1 << 16;
  const compression = topKCompressor(kernels, { fraction: 0.01, elementsMax: elements });
  const random = new RandomStream(1, 'normal');
  const values = Float32Array.from({ length: elements }, () => random.normal());
  const bytes = encoded(compression, values, feedbackOf(elements));
  const each = bytes.length / Math.ceil(elements * 0.01);
  assert.ok(each > 3.2 && each < 3.4, `${each}`);
  assert.ok(bytes.length <= compression.encodedBytesMax(elements));
});

/** Pieces of 40 values, two of which are kept at most. */
const HOSTILE: [string, number[], RegExp][] = [
  ['is empty', [], /0 bytes, expected 4 or more/],
  ['keeps more than the compression does', [3, 0, 0, 0], /keeps 3, at most 2/],
  ['has an index behind the piece', [1, 0, 0, 0, 40, 0, 0], /one at index 40/],
  ['has gaps that sum to more', [2, 0, 0, 0, 39, 0, 0, 0, 0, 0], /one at index 40/],
  ['has a gap that does not end', [1, 0, 0, 0, 0x80], /gap that does not end, at byte 5/],
  ['has a gap of five bytes', [1, 0, 0, 0, 128, 128, 128, 128, 0, 0, 0], /does not end, at byte 8/],
  ['lacks values', [1, 0, 0, 0, 5, 0], /6 bytes, its gaps end at 5: 7/],
  ['has bytes left over', [0, 0, 0, 0, 0], /5 bytes, its gaps end at 4: 4/],
];

for (const [what, bytes, expected] of HOSTILE) {
  test(`a top-k piece that ${what} is refused, and nothing is written`, () => {
    const target = new Float32Array(40).fill(3);
    for (const decode of [topK.decode.bind(topK), topK.decodeAdd.bind(topK)]) {
      assert.throws(
        () => decode(target, Uint8Array.from(bytes)),
        (error: Error & { code?: string }) =>
          error.code === 'CRESCENDO_PROTOCOL_INVALID' && expected.test(error.message),
      );
    }
    assert.ok(target.every((value) => value === 3));
  });
}

test('an int8 piece of another length is refused', () => {
  for (const length of [0, 259, 261]) {
    assert.throws(
      () => int8.decode(new Float32Array(256), new Uint8Array(length)),
      (error: Error & { code?: string }) =>
        error.code === 'CRESCENDO_PROTOCOL_INVALID' && /expected 260/.test(error.message),
    );
  }
});
