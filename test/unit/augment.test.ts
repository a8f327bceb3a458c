/** Crops, flips, resampling and mixup against small cases worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AugmentationConfig, Recipe } from '../../lib/run/run-config.ts';
import {
  drawAugmentation,
  evaluationBox,
  wholeBox,
  type AugmentSettings,
  type RenderPlan,
} from '../../lib/data/transforms/augment.ts';
import type { PixelImage } from '../../lib/data/dataset.ts';
import { createRenderer } from '../../lib/data/renderer.ts';
import { mixMicroBatch, mixupRatio } from '../../lib/data/transforms/mixing.ts';
import { resample, type Box, type Filter } from '../../lib/data/transforms/resample.ts';
import { sampleStream } from '../../lib/data/transforms/sample-stream.ts';
import { shift } from '../../lib/data/transforms/shift.ts';
import { makeImage, PLAIN_AUGMENTATION } from '../support/images.ts';

const WORD = 2 ** 32;

function grayOf(output: Uint8Array): number[] {
  return Array.from({ length: output.length / 3 }, (_, at) => output[at * 3] as number);
}

function resampled(
  image: PixelImage,
  box: Box,
  flip: boolean,
  sidePx: number,
  filter: Filter = 'triangle',
): Uint8Array {
  const output = new Uint8Array(sidePx * sidePx * 3);
  resample(image, box, filter, flip, sidePx, output);
  return output;
}

async function rendered(image: PixelImage, plan: RenderPlan, sidePx: number): Promise<Uint8Array> {
  const output = new Uint8Array(sidePx * sidePx * 3).fill(9);
  const failures = await createRenderer().render([{ image, plan }], 'triangle', sidePx, output);
  assert.deepEqual(failures, []);
  return output;
}

test('an image at its own size is copied, gray repeated in three channels', () => {
  const image = makeImage(2, 2, [0, 64, 128, 255], 5);
  for (const filter of ['triangle', 'cubic'] as const) {
    const output = resampled(image, wholeBox(image), false, 2, filter);
    assert.deepEqual([...output], [0, 0, 0, 64, 64, 64, 128, 128, 128, 255, 255, 255]);
  }
});

test('color channels are kept apart', () => {
  const image = makeImage(1, 1, [0, 128, 192]);
  assert.deepEqual([...resampled(image, wholeBox(image), false, 1)], [0, 128, 192]);
});

test('doubling 2 x 2 interpolates with half-pixel centers and clamped edges', () => {
  const image = makeImage(2, 2, [0, 100, 200, 100]);
  const gray = grayOf(resampled(image, wholeBox(image), false, 4));
  const top = [0, 25, 75, 100];
  const bottom = [200, 175, 125, 100];
  const mixed = (share: number): number[] =>
    top.map((value, at) => value * (1 - share) + (bottom[at] as number) * share);
  const expected = [...mixed(0), ...mixed(0.25), ...mixed(0.75), ...mixed(1)];
  gray.forEach((value, at) => {
    // Each axis rounds once.
    assert.ok(Math.abs(value - (expected[at] as number)) <= 1, `pixel ${at}: ${value}`);
  });
});

test('halving weighs four pixels a side as 1 3 3 1, and those beyond the box not at all', () => {
  const image = makeImage(
    4,
    4,
    Array.from('0123'.repeat(4)).map((digit) => Number(digit) * 80),
  );
  // Columns 0 1 2 are 0 80 160, and columns 1 2 3 are 80 160 240.
  const left = Math.round((3 * 0 + 3 * 80 + 160) / 7);
  const right = Math.round((80 + 3 * 160 + 3 * 240) / 7);
  const gray = grayOf(resampled(image, wholeBox(image), false, 2));
  assert.deepEqual(gray, [left, right, left, right]);
});

test('pixels beside the box do not show, however the filter reaches', () => {
  const inner = Array.from({ length: 25 }, (_, at) => (at * 53) % 256);
  const alone = makeImage(5, 5, inner);
  const framed = Array.from({ length: 9 * 9 }, (_, at) => {
    const [x, y] = [(at % 9) - 2, Math.floor(at / 9) - 2];
    return x >= 0 && x < 5 && y >= 0 && y < 5 ? (inner[y * 5 + x] as number) : 255;
  });
  const box = { x: 2, y: 2, width: 5, height: 5 };
  for (const filter of ['triangle', 'cubic'] as const) {
    for (const sidePx of [1, 2, 5, 8]) {
      assert.deepEqual(
        resampled(makeImage(9, 9, framed), box, false, sidePx, filter),
        resampled(alone, wholeBox(alone), false, sidePx, filter),
      );
    }
  }
});

test('a box beyond the image is refused', () => {
  const image = makeImage(3, 3, new Array<number>(9).fill(0));
  const box = { x: 1, y: 0, width: 3, height: 3 };
  assert.throws(() => resampled(image, box, false, 2), { code: 'CRESCENDO_INVARIANT' });
});

test('a flip mirrors columns and leaves rows', () => {
  const image = makeImage(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const flipped = grayOf(resampled(image, wholeBox(image), true, 3));
  assert.deepEqual(flipped, [3, 2, 1, 6, 5, 4, 9, 8, 7]);
});

const BOX_3 = { x: 0, y: 0, width: 3, height: 3 };

test('a shifted square shows its mirrored border', () => {
  const moved = (x: number, y: number): number[] => {
    const pixels = resampled(makeImage(3, 3, [1, 2, 3, 4, 5, 6, 7, 8, 9]), BOX_3, false, 3);
    shift(pixels, 3, x, y);
    return grayOf(pixels);
  };
  assert.deepEqual(moved(-1, 0), [1, 1, 2, 4, 4, 5, 7, 7, 8]);
  assert.deepEqual(moved(2, 0), [3, 3, 2, 6, 6, 5, 9, 9, 8]);
  assert.deepEqual(moved(0, 1), [4, 5, 6, 7, 8, 9, 7, 8, 9]);
});

test('flipping happens to about half of the samples, and never when it is off', async () => {
  const image = makeImage(2, 1, [0, 255]);
  const settings = (horizontalFlip: boolean): AugmentSettings => ({
    seed: 5,
    recipe: 'paper',
    sidePx: 2,
    augmentation: { ...PLAIN_AUGMENTATION, horizontalFlip },
    randAugmentMagnitude: 0,
    erasingRate: 0,
  });
  let flips = 0;
  for (let position = 0; position < 400; position++) {
    const plan = drawAugmentation(image, settings(true), position);
    if ((await rendered(image, plan, 2))[0] === 255) flips++;
    const still = drawAugmentation(image, settings(false), position);
    assert.equal((await rendered(image, still, 2))[0], 0);
  }
  assert.ok(flips > 160 && flips < 240, `${flips} of 400 flipped`);
});

function cropping(crop: AugmentationConfig['crop'], recipe: Recipe = 'paper'): AugmentSettings {
  const augmentation = { ...PLAIN_AUGMENTATION, horizontalFlip: true, crop };
  return { seed: 1, augmentation, recipe, sidePx: 16, randAugmentMagnitude: 0, erasingRate: 0 };
}

test('padded crops shift by whole output pixels, at most an eighth of the side', () => {
  const image = { widthPx: 4, heightPx: 4 };
  const shifts = { x: new Set<number>(), y: new Set<number>() };
  for (let position = 0; position < 300; position++) {
    const { box, shiftX, shiftY } = drawAugmentation(image, cropping('pad'), position);
    assert.deepEqual(box, { x: 0, y: 0, width: 4, height: 4 });
    shifts.x.add(shiftX);
    shifts.y.add(shiftY);
  }
  for (const seen of [shifts.x, shifts.y]) {
    assert.deepEqual(
      [...seen].sort((a, b) => a - b),
      [-2, -1, 0, 1, 2],
    );
  }
});

test('padRatio is the largest shift of padded crops as a share of the side', () => {
  const padded = cropping('pad');
  const settings = { ...padded, augmentation: { ...padded.augmentation, padRatio: 0.25 } };
  const shifts = Array.from(
    { length: 300 },
    (_, position) => drawAugmentation({ widthPx: 4, heightPx: 4 }, settings, position).shiftX,
  );
  assert.deepEqual([Math.min(...shifts), Math.max(...shifts)], [-4, 4]);
});

test('resized crops lie inside the image, within the limits of area and aspect', () => {
  const image = { widthPx: 400, heightPx: 200 };
  for (let position = 0; position < 500; position++) {
    const { box } = drawAugmentation(image, cropping('resized'), position);
    for (const value of Object.values(box)) assert.ok(Number.isInteger(value), `${value}`);
    assert.ok(box.x >= 0 && box.y >= 0 && box.x + box.width <= 400 && box.y + box.height <= 200);
    const area = (box.width * box.height) / 80_000;
    // Sides are rounded to whole pixels.
    assert.ok(area >= 0.079 && area <= 1 + 1e-9, `area ${area}`);
    const aspect = box.width / box.height;
    const whole = box.width === 400;
    assert.ok(whole || (aspect > 0.74 && aspect < 1.345), `aspect ${aspect}`);
  }
});

test('resized crops of an image of few pixels lie inside of it', () => {
  for (const [widthPx, heightPx] of [
    [1, 1],
    [1, 9],
    [3, 2],
  ] as const) {
    for (let position = 0; position < 100; position++) {
      const { box } = drawAugmentation({ widthPx, heightPx }, cropping('resized'), position);
      assert.ok(box.width >= 1 && box.height >= 1 && box.x >= 0 && box.y >= 0);
      assert.ok(box.x + box.width <= widthPx && box.y + box.height <= heightPx);
    }
  }
});

test("the released code's crops begin at 5 % of the area, the paper's at 8 %", () => {
  const image = { widthPx: 1000, heightPx: 1000 };
  const smallest = (recipe: Recipe): number =>
    Math.min(
      ...Array.from({ length: 2000 }, (_, position) => {
        const { box } = drawAugmentation(image, cropping('resized', recipe), position);
        return (box.width * box.height) / 1_000_000;
      }),
    );
  const [paper, automl] = [smallest('paper'), smallest('automl')];
  assert.ok(paper >= 0.0795 && paper < 0.085, `paper ${paper}`);
  assert.ok(automl >= 0.0495 && automl < 0.055, `automl ${automl}`);
});

test('evaluation below 320 px looks at a centered square of S / (S + 32) of the short side', () => {
  const image = { widthPx: 500, heightPx: 400 };
  // 224 / 256 of 400 is 350; from 320 px up the whole image is squashed.
  const cropped = { x: 75, y: 25, width: 350, height: 350 };
  const whole = { x: 0, y: 0, width: 500, height: 400 };
  assert.deepEqual(evaluationBox(image, 'center-below-320', 224), cropped);
  assert.deepEqual(evaluationBox(image, 'center-below-320', 320), whole);
  assert.deepEqual(evaluationBox(image, 'center', 480).width, 375);
  assert.deepEqual(evaluationBox(image, 'none', 224), whole);
});

test('cutout erases a square of half the side, to gray or, as released, to noise', async () => {
  const image = makeImage(1, 1, [255]);
  const erased = async (recipe: Recipe, position: number): Promise<Uint8Array> => {
    const augmentation = { ...PLAIN_AUGMENTATION, cutoutRatio: 0.25 };
    const settings = {
      seed: 1,
      recipe,
      sidePx: 16,
      augmentation,
      randAugmentMagnitude: 0,
      erasingRate: 0,
    };
    const plan = drawAugmentation(image, settings, position);
    return (await rendered(image, plan, 16)).filter((value) => value !== 255);
  };
  const counts: number[] = [];
  for (let position = 0; position < 60; position++) {
    counts.push((await erased('paper', position)).length / 3);
  }
  assert.equal(Math.max(...counts), 64);
  assert.ok(Math.min(...counts) >= 16 && Math.min(...counts) < 64);
  assert.ok((await erased('paper', 0)).every((value) => value === 128));
  const noise = await erased('automl', 0);
  assert.ok(new Set(noise).size > 40, `${new Set(noise).size} values`);
  assert.ok(noise.every((value) => value >= 128));
  assert.notDeepEqual(await erased('automl', 2 ** 32), noise);
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

test('mixup mixes the targets of a row with those of its mirror, by its own ratio', () => {
  const targets = Float32Array.from([1, 2, 10, 20, 100, 200]);
  const settings = { seed: 3, recipe: 'paper', mixupAlpha: 1, cutmixAlpha: 0, sidePx: 8 } as const;
  mixMicroBatch(targets, 3, 50, settings);
  const [first, last] = [mixupRatio(3, 50, 1), mixupRatio(3, 52, 1)];
  const expected = [
    first * 1 + (1 - first) * 100,
    first * 2 + (1 - first) * 200,
    10,
    20,
    last * 100 + (1 - last) * 1,
    last * 200 + (1 - last) * 2,
  ];
  assert.deepEqual([...targets], expected.map(Math.fround));
});
