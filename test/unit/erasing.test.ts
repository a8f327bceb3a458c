/** Random erasing: how often, how much, where, and with what. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AugmentationConfig } from '../../lib/run/run-config.ts';
import { distort, GRAY, type Distortion } from '../../lib/data/transforms/distortions.ts';
import { drawErasing, drawRectangle } from '../../lib/data/transforms/erasing.ts';
import { sampleStream } from '../../lib/data/transforms/sample-stream.ts';

const COUNT = 10_000;

function erasing(
  position: number,
  erasingRate: number,
  sidePx: number,
  erasingFill: AugmentationConfig['erasingFill'] = 'gray',
): Distortion[] {
  return drawErasing({ seed: 4, sidePx, augmentation: { erasingFill }, erasingRate }, position);
}

test('a share of the images is erased', () => {
  for (const rate of [0, 0.25, 1]) {
    const erased = Array.from({ length: COUNT }, (_, at) => erasing(at, rate, 224).length);
    const share = erased.filter((count) => count === 1).length / COUNT;
    assert.ok(Math.abs(share - rate) <= 4 * Math.sqrt((rate * (1 - rate)) / COUNT), `${share}`);
  }
});

test('areas are uniform from 2 % to a third, aspects even about 1, places uniform', () => {
  const sidePx = 1000;
  const boxes = Array.from({ length: COUNT }, (_, at) => {
    const [left = 0, right = 0, top = 0, bottom = 0] = erasing(at, 1, sidePx)[0]?.numbers ?? [];
    return { left, top, width: right - left, height: bottom - top };
  });
  const areas = boxes
    .map(({ width, height }) => (width * height) / sidePx ** 2)
    .sort((a, b) => a - b);
  const [low, high] = [0.02, 1 / 3];
  const furthest = areas.reduce((most, area, at) => {
    return Math.max(most, Math.abs((area - low) / (high - low) - (at + 0.5) / COUNT));
  }, 0);
  assert.ok(furthest < 0.025, `${furthest} from a uniform distribution`);
  const tall = boxes.filter(({ width, height }) => height > width).length / COUNT;
  assert.ok(Math.abs(tall - 0.5) < 0.02, `${tall} are taller than wide`);
  const aspects = boxes.map(({ width, height }) => height / width);
  assert.ok(Math.min(...aspects) > 0.29 && Math.max(...aspects) < 3.45);
  const meanPlace = (place: (box: (typeof boxes)[number]) => number): number =>
    boxes.reduce((sum, box) => sum + place(box), 0) / COUNT;
  const across = meanPlace(({ left, width }) => left / (sidePx - width));
  const down = meanPlace(({ top, height }) => top / (sidePx - height));
  assert.ok(Math.abs(across - 0.5) < 0.012 && Math.abs(down - 0.5) < 0.012, `${across}, ${down}`);
});

test('a rectangle that never fits is given up', () => {
  let draws = 0;
  const largest = {
    uniform: (): number => {
      draws++;
      return 0.999999;
    },
    below: (bound: number): number => bound - 1,
  };
  assert.equal(drawRectangle(224, largest), undefined);
  assert.equal(draws, 20);
});

test('at any size, a part of the image is erased and not all of it', () => {
  for (const sidePx of [8, 9, 32]) {
    for (let position = 0; position < 500; position++) {
      const [left = 0, right = 0, top = 0, bottom = 0] = erasing(position, 1, sidePx)[0]
        ?.numbers ?? [0, 1, 0, 1];
      assert.ok(left >= 0 && left < right && right <= sidePx && right - left < sidePx);
      assert.ok(top >= 0 && top < bottom && bottom <= sidePx && bottom - top < sidePx);
    }
  }
});

test('what is erased is gray, or has every value about as often, in each channel its own', () => {
  const sidePx = 64;
  const filled = (fill: AugmentationConfig['erasingFill'], position: number): Uint8Array => {
    const pixels = new Uint8Array(sidePx * sidePx * 3).fill(7);
    for (const one of erasing(position, 1, sidePx, fill)) distort({ pixels, sidePx }, one);
    return pixels.filter((value) => value !== 7);
  };
  assert.deepEqual([...new Set(filled('gray', 5))], [GRAY]);
  const noise = Array.from({ length: 30 }, (_, at) => [...filled('noise', at)]).flat();
  assert.equal(new Set(noise).size, 255);
  const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
  assert.ok(Math.abs(mean - 128) < 2, `${mean}`);
  assert.deepEqual(filled('noise', 3), filled('noise', 3));
  assert.notDeepEqual(filled('noise', 3).subarray(0, 30), filled('noise', 4).subarray(0, 30));
});

test('the draws of an image do not depend on what is erased with', () => {
  const box = (fill: AugmentationConfig['erasingFill']): readonly number[] | undefined =>
    erasing(9, 1, 100, fill)[0]?.numbers.slice(0, 4);
  assert.deepEqual(box('gray'), box('noise'));
  const stream = sampleStream(4, 'erasing', 9);
  stream.uniform();
  assert.deepEqual(box('gray'), drawRectangle(100, stream));
});
