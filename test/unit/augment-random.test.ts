/** RandAugment's operations against small cases worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../../lib/run/run-config.ts';
import { distort, type Distortion } from '../../lib/data/transforms/distortions.ts';
import {
  drawRandAugment,
  RAND_AUGMENT_OPERATIONS,
} from '../../lib/data/transforms/rand-augment.ts';
import { sampleStream } from '../../lib/data/transforms/sample-stream.ts';

/** Applies one operation to a square image of gray values; returns the red channel. */
function applied(
  name: string,
  sidePx: number,
  gray: readonly number[],
  magnitude: number,
  recipe: Recipe = 'paper',
): number[] {
  const pixels = Uint8Array.from(gray.flatMap((value) => [value, value, value]));
  const operation = RAND_AUGMENT_OPERATIONS[name];
  assert.ok(operation !== undefined, name);
  const stream = sampleStream(1, 'test', 0);
  distort({ pixels, sidePx }, operation({ sidePx, magnitude, stream, recipe }));
  return gray.map((_, at) => pixels[at * 3] as number);
}

test('there are sixteen operations, and none reads or writes beyond the image', () => {
  const names = Object.keys(RAND_AUGMENT_OPERATIONS);
  assert.equal(names.length, 16);
  for (const name of names) {
    for (const sidePx of [1, 2, 7]) {
      for (const magnitude of [0.5, 5, 30]) {
        const gray = Array.from({ length: sidePx * sidePx }, (_, at) => (at * 37) % 256);
        const result = applied(name, sidePx, gray, magnitude);
        assert.ok(
          result.every((value) => value >= 0 && value <= 255),
          `${name} at ${magnitude} on ${sidePx} px`,
        );
      }
    }
  }
});

test('operations on values follow their published levels', () => {
  const gray = [0, 100, 128, 255];
  assert.deepEqual(applied('invert', 2, gray, 10), [255, 155, 127, 0]);
  assert.deepEqual(applied('posterize', 2, [0, 100, 128, 255], 5), [0, 64, 128, 192]);
  assert.deepEqual(applied('posterize', 2, gray, 30), gray);
  assert.deepEqual(applied('solarize', 2, gray, 5), [0, 100, 127, 0]);
  assert.deepEqual(applied('solarize', 2, gray, 10), gray);
  assert.deepEqual(applied('solarizeAdd', 2, gray, 10), [110, 210, 128, 255]);
  assert.deepEqual(applied('brightness', 2, gray, 10), [0, 190, 243, 255]);
  assert.deepEqual(applied('brightness', 2, gray, 5), gray);
});

test('auto-contrast stretches to the full range and leaves a flat channel', () => {
  assert.deepEqual(applied('autoContrast', 2, [50, 101, 101, 152], 5), [0, 127, 127, 255]);
  assert.deepEqual(applied('autoContrast', 2, [9, 9, 9, 9], 5), [9, 9, 9, 9]);
});

test('contrast moves away from the true mean', () => {
  // Mean 100, factor 1.9: 100 + 1.9 * (60 - 100) = 24 and 100 + 1.9 * 40 = 176.
  const result = applied('contrast', 2, [60, 140, 60, 140], 10);
  result.forEach((value, at) => {
    assert.ok(Math.abs(value - (at % 2 === 0 ? 24 : 176)) <= 2, `pixel ${at}: ${value}`);
  });
});

test("the released code's contrast moves away from a count of pixels", () => {
  // 16 x 16 / 256 = 1, factor 1.9: 1 + 1.9 * (60 - 1) = 113.1 and 1 + 1.9 * 59 above 255 clips.
  const gray = Array.from({ length: 256 }, (_, at) => (at % 2 === 0 ? 60 : 200));
  assert.deepEqual(applied('contrast', 16, gray, 10, 'automl').slice(0, 2), [113, 255]);
});

test("the released code's distances do not shrink with the image", () => {
  const gray = Array.from({ length: 56 * 56 }, () => 200);
  // Level 2 is 20 px at any size; here 5 px of 56 by the paper's rule of ours.
  const cleared = (recipe: Recipe): number =>
    applied('translateX', 56, gray, 2, recipe).filter((value) => value === 128).length / 56;
  assert.deepEqual([cleared('automl'), cleared('paper')], [20, 5]);
});

test('a translation moves in from gray, by a distance that shrinks with the image', () => {
  const sidePx = 28;
  const gray = Array.from({ length: sidePx * sidePx }, () => 200);
  // Level 8 is 80 px at 224 px, so 10 px at 28 px.
  const result = applied('translateX', sidePx, gray, 8);
  assert.equal(result.filter((value) => value === 128).length, 10 * sidePx);
});

test('a cutout is at most a square of twice its half side', () => {
  const sidePx = 56;
  const gray = Array.from({ length: sidePx * sidePx }, () => 200);
  // Level 5 is 20 px at 224 px, so 5 px at 56 px.
  const cut = applied('cutout', sidePx, gray, 5).filter((value) => value === 128).length;
  assert.ok(cut >= 25 && cut <= 100, `${cut} pixels`);
});

test('which operations are drawn depends on the position alone', () => {
  const drawn = (position: number): Distortion[] => {
    const stream = sampleStream(4, 'rand-augment', position);
    return drawRandAugment({ sidePx: 8, magnitude: 9, stream, recipe: 'paper' });
  };
  assert.deepEqual(drawn(11), drawn(11));
  assert.equal(drawn(11).length, 2);
  const distorted = (position: number): Uint8Array => {
    const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, at) => (at * 29) % 256);
    for (const distortion of drawn(position)) distort({ pixels, sidePx: 8 }, distortion);
    return pixels;
  };
  const different = new Set(Array.from({ length: 50 }, (_, at) => distorted(at).join()));
  assert.ok(different.size > 30, `${different.size} different images`);
});
