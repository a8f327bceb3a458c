/** Crops, flips, resampling and mixup against small cases worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AugmentationConfig, Recipe } from '../../lib/run/run-config.ts';
import {
  augmentSample,
  cropBox,
  evaluationBox,
  sampleStream,
  wholeBox,
} from '../../lib/data/transforms/augment.ts';
import type { AugmentSettings } from '../../lib/data/transforms/augment.ts';
import type { Sample } from '../../lib/data/dataset.ts';
import { mixRows, mixupRatio } from '../../lib/data/transforms/mixing.ts';
import { resample } from '../../lib/data/transforms/resample.ts';
import type { Box } from '../../lib/data/transforms/resample.ts';
import { makeSample } from '../support/images.ts';

const WORD = 2 ** 32;

function grayOf(output: Float32Array): number[] {
  return Array.from(
    { length: output.length / 3 },
    (_, at) => (output[at * 3] as number) * 128 + 128,
  );
}

function resampled(image: Sample, box: Box, flip: boolean, sidePx: number): Float32Array {
  const output = new Float32Array(sidePx * sidePx * 3);
  resample(image, box, flip, sidePx, output, 0);
  return output;
}

test('an image at its own size is only normalized, gray repeated in three channels', () => {
  const image = makeSample(2, 2, [0, 64, 128, 255]);
  const output = resampled(image, wholeBox(image), false, 2);
  assert.deepEqual(
    [...output],
    [-1, -1, -1, -0.5, -0.5, -0.5, 0, 0, 0, 127, 127, 127].map((value) =>
      value === 127 ? 127 / 128 : value,
    ),
  );
});

test('color channels are kept apart', () => {
  const image = makeSample(1, 1, [0, 128, 192]);
  assert.deepEqual([...resampled(image, wholeBox(image), false, 1)], [-1, 0, 0.5]);
});

test('doubling 2 x 2 interpolates with half-pixel centers and clamped edges', () => {
  const image = makeSample(2, 2, [0, 100, 200, 100]);
  const gray = grayOf(resampled(image, wholeBox(image), false, 4));
  const top = [0, 25, 75, 100];
  const bottom = [200, 175, 125, 100];
  const mixed = (share: number): number[] =>
    top.map((value, at) => value * (1 - share) + (bottom[at] as number) * share);
  const expected = [...mixed(0), ...mixed(0.25), ...mixed(0.75), ...mixed(1)];
  gray.forEach((value, at) => {
    assert.ok(Math.abs(value - (expected[at] as number)) < 1e-4, `pixel ${at}: ${value}`);
  });
});

test('halving weighs four pixels a side as 1 3 3 1, mirrored at the edge', () => {
  const image = makeSample(
    4,
    4,
    Array.from('0123'.repeat(4)).map((digit) => Number(digit) * 80),
  );
  const gray = grayOf(resampled(image, wholeBox(image), false, 2));
  // Columns -1 0 1 2 are 0 0 80 160 and columns 1 2 3 4 are 80 160 240 240.
  const left = (0 + 3 * 0 + 3 * 80 + 160) / 8;
  const right = (80 + 3 * 160 + 3 * 240 + 240) / 8;
  assert.deepEqual(
    gray.map((value) => Math.round(value * 1000) / 1000),
    [left, right, left, right],
  );
});

test('a flip mirrors columns and leaves rows', () => {
  const image = makeSample(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const flipped = grayOf(resampled(image, wholeBox(image), true, 3));
  assert.deepEqual(flipped, [3, 2, 1, 6, 5, 4, 9, 8, 7]);
});

test('a shifted box shows the mirrored border', () => {
  const image = makeSample(3, 1, [10, 20, 30]);
  const gray = grayOf(resampled(image, { x: -1, y: 0, width: 3, height: 1 }, false, 3)).slice(0, 3);
  assert.deepEqual(gray, [10, 10, 20]);
});

test('flipping happens to about half of the samples, and never when it is off', () => {
  const image = makeSample(2, 1, [0, 255]);
  const output = new Float32Array(2 * 2 * 3);
  const settings = (horizontalFlip: boolean): AugmentSettings => ({
    seed: 5,
    recipe: 'paper',
    sidePx: 2,
    augmentation: { horizontalFlip, crop: 'none', cutoutRatio: 0 },
    randAugmentMagnitude: 0,
  });
  let flips = 0;
  for (let position = 0; position < 400; position++) {
    augmentSample(image, settings(true), position, output, 0);
    if ((output[0] as number) > 0) flips++;
    augmentSample(image, settings(false), position, output, 0);
    assert.equal(output[0], -1);
  }
  assert.ok(flips > 160 && flips < 240, `${flips} of 400 flipped`);
});

function cropping(
  crop: AugmentationConfig['crop'],
  recipe: Recipe = 'paper',
): Pick<AugmentSettings, 'augmentation' | 'recipe' | 'sidePx'> {
  return { augmentation: { horizontalFlip: true, crop, cutoutRatio: 0 }, recipe, sidePx: 16 };
}

test('padded crops shift by whole output pixels, at most an eighth of the side', () => {
  const image = makeSample(4, 4, new Array<number>(16).fill(0));
  const shifts = new Set<number>();
  for (let position = 0; position < 300; position++) {
    const box = cropBox(image, cropping('pad'), sampleStream(1, 'augment', position));
    assert.deepEqual([box.width, box.height], [4, 4]);
    shifts.add((box.x * 16) / 4);
  }
  assert.deepEqual(
    [...shifts].sort((a, b) => a - b),
    [-2, -1, 0, 1, 2],
  );
});

test('resized crops lie inside the image, within the limits of area and aspect', () => {
  const image = makeSample(40, 20, new Array<number>(800).fill(0));
  for (let position = 0; position < 500; position++) {
    const box = cropBox(image, cropping('resized'), sampleStream(1, 'augment', position));
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 40 && box.y + box.height <= 20);
    const area = (box.width * box.height) / 800;
    assert.ok(area >= 0.08 - 1e-9 && area <= 1 + 1e-9, `area ${area}`);
    const aspect = box.width / box.height;
    const whole = box.width === 40;
    assert.ok(whole || (aspect > 0.749 && aspect < 1.334), `aspect ${aspect}`);
  }
});

test("the released code's crops begin at 5 % of the area, the paper's at 8 %", () => {
  const image = makeSample(100, 100, new Array<number>(10_000).fill(0));
  const smallest = (recipe: Recipe): number =>
    Math.min(
      ...Array.from({ length: 2000 }, (_, position) => {
        const stream = sampleStream(2, 'augment', position);
        const box = cropBox(image, cropping('resized', recipe), stream);
        return (box.width * box.height) / 10_000;
      }),
    );
  const [paper, automl] = [smallest('paper'), smallest('automl')];
  assert.ok(paper >= 0.08 && paper < 0.085, `paper ${paper}`);
  assert.ok(automl >= 0.05 && automl < 0.055, `automl ${automl}`);
});

test('evaluation below 320 px looks at a centered square of S / (S + 32) of the short side', () => {
  const image = makeSample(500, 400, new Array<number>(200_000).fill(0));
  // 224 / 256 of 400 is 350; from 320 px up the whole image is squashed.
  const cropped = { x: 75, y: 25, width: 350, height: 350 };
  const whole = { x: 0, y: 0, width: 500, height: 400 };
  assert.deepEqual(evaluationBox(image, 'center-below-320', 224), cropped);
  assert.deepEqual(evaluationBox(image, 'center-below-320', 320), whole);
  assert.deepEqual(evaluationBox(image, 'center', 480).width, 375);
  assert.deepEqual(evaluationBox(image, 'none', 224), whole);
});

test('cutout erases a square of half the side, to gray or in the released form to noise', () => {
  const image = makeSample(1, 1, [255]);
  const erased = (recipe: Recipe, position: number): Float32Array => {
    const output = new Float32Array(16 * 16 * 3).fill(9);
    const augmentation = { horizontalFlip: false, crop: 'none', cutoutRatio: 0.25 } as const;
    const settings = { seed: 1, recipe, sidePx: 16, augmentation, randAugmentMagnitude: 0 };
    augmentSample(image, settings, position, output, 0);
    return output.filter((value) => Math.abs(value - 127 / 128) > 1e-6);
  };
  const counts = Array.from({ length: 60 }, (_, position) => erased('paper', position).length / 3);
  assert.equal(Math.max(...counts), 64);
  assert.ok(Math.min(...counts) >= 16 && Math.min(...counts) < 64);
  assert.ok(erased('paper', 0).every((value) => value === 0));
  const noise = erased('automl', 0);
  assert.ok(new Set(noise).size > 40, `${new Set(noise).size} values`);
  assert.ok(noise.every((value) => value >= 0 && value <= 1));
});

test('draws differ between positions that share their low 32 bits', () => {
  const low = sampleStream(1, 'augment', 5).uint32();
  const high = sampleStream(1, 'augment', 5 + 3 * WORD).uint32();
  assert.notEqual(low, high);
  assert.equal(sampleStream(1, 'augment', 5 + 3 * WORD).uint32(), high);
});

test('mixup without alpha keeps every sample whole', () => {
  assert.equal(mixupRatio(1, 0, 0), 1);
});

test('mixup ratios are folded to 0.5 to 1, even for a tiny alpha', () => {
  for (const alpha of [1e-6, 0.2, 1, 8]) {
    for (let position = 0; position < 200; position++) {
      const ratio = mixupRatio(3, position, alpha);
      assert.ok(ratio >= 0.5 && ratio <= 1, `ratio ${ratio} for alpha ${alpha}`);
    }
  }
});

test('mixup mixes a row with the one that mirrors it, by its own ratio', () => {
  const rows = Float32Array.from([1, 2, 10, 20, 100, 200]);
  mixRows(rows, [0.75, 0.5, 1]);
  assert.deepEqual([...rows], [25.75, 51.5, 10, 20, 100, 200]);
});
