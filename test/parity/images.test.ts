/** Resampling, and RandAugment's operations at every level, against Pillow. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { distort } from '../../lib/data/transforms/distortions.ts';
import { RAND_AUGMENT_OPERATIONS } from '../../lib/data/transforms/rand-augment.ts';
import { FILTERS, resample } from '../../lib/data/transforms/resample.ts';
import { sampleStream } from '../../lib/data/transforms/sample-stream.ts';
import { readNpy } from '../../lib/weights/npy.ts';
import type { Recipe } from '../../lib/run/run-config.ts';
import { makeImage } from '../support/images.ts';
import { runPeer } from './python.ts';

const SIDE_PX = 112;
const LEVELS = Array.from({ length: 31 }, (_, level) => level);
/** BOXES of make_images.py. */
const BOXES = [
  [0, 0, 211, 157, 64],
  [13, 21, 150, 99, 224],
  [40, 40, 32, 32, 32],
  [3, 100, 7, 50, 33],
  [0, 0, 1, 1, 5],
  [100, 7, 111, 150, 16],
  [0, 0, 211, 157, 3],
  [90, 60, 64, 90, 128],
] as const;

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crescendo-images-'));
  await runPeer('pillow', 'make_images.py', [folder, String(SIDE_PX)]);
});

after(() => rm(folder, { recursive: true, force: true }));

function read(name: string): Uint8Array {
  return Uint8Array.from(readNpy(join(folder, `${name}.npy`)).values);
}

function largestDifference(left: Uint8Array, right: Uint8Array): number {
  assert.equal(left.length, right.length);
  return left.reduce((most, value, at) => Math.max(most, Math.abs(value - (right[at] ?? 0))), 0);
}

for (const filter of FILTERS) {
  test(`a resampled box is Pillow's within one level, rounding aside (${filter})`, () => {
    const image = makeImage(211, 157, read('wide'));
    for (const [index, [x, y, width, height, sidePx]] of BOXES.entries()) {
      const output = new Uint8Array(sidePx * sidePx * 3);
      resample(image, { x, y, width, height }, filter, false, sidePx, output);
      const theirs = read(`resampled-${filter}-${index}`);
      // Cubic weights of a pass may make two levels of one that the pass before has rounded away.
      const rare = output.filter((value, at) => Math.abs(value - (theirs[at] ?? 0)) > 1).length;
      assert.ok(rare <= (filter === 'cubic' ? 1e-5 * output.length : 0), `box ${index}: ${rare}`);
      const difference = largestDifference(output, theirs);
      assert.ok(difference <= 2, `box ${index} differs by ${difference}`);
    }
  });
}

function distorted(operation: string, magnitude: number, recipe: Recipe): Uint8Array {
  const pixels = read('image');
  const stream = sampleStream(1, operation, magnitude);
  const draw = RAND_AUGMENT_OPERATIONS[operation];
  assert.ok(draw !== undefined, operation);
  distort({ pixels, sidePx: SIDE_PX }, draw({ sidePx: SIDE_PX, magnitude, stream, recipe }));
  return pixels;
}

/** Levels by which they may differ. */
type Tolerance = (factor: number) => number;

const exact: Tolerance = () => 0;
/** Where the exact value is whole, Pillow's floating point may lie below it. */
const wholeQuotient: Tolerance = () => 1;
/** The base of the blend is rounded in Pillow and truncated in the released code. */
const roundedBase: Tolerance = (factor) => 1 + Math.abs(1 - factor);

const VALUE_CASES: readonly [operation: string, theirs: string, Recipe, Tolerance][] = [
  ['autoContrast', 'autoContrast', 'paper', wholeQuotient],
  ['equalize', 'equalize', 'paper', exact],
  ['invert', 'invert', 'paper', exact],
  ['posterize', 'posterize', 'paper', exact],
  ['solarize', 'solarize', 'paper', exact],
  ['solarizeAdd', 'solarizeAdd', 'paper', exact],
  ['brightness', 'brightness', 'paper', exact],
  ['color', 'color', 'paper', exact],
  ['contrast', 'contrast-automl', 'automl', exact],
  ['color', 'color-pillow', 'paper', roundedBase],
  ['contrast', 'contrast', 'paper', roundedBase],
  ['sharpness', 'sharpness', 'paper', roundedBase],
];

for (const [operation, theirs, recipe, tolerance] of VALUE_CASES) {
  test(`${operation} is as ${theirs} of the reference at all levels from 0 to 30`, () => {
    for (const level of LEVELS) {
      const ours = distorted(operation, level, recipe);
      const difference = largestDifference(ours, read(`${theirs}-${level}`));
      const most = tolerance(0.18 * level + 0.1);
      assert.ok(difference <= most, `level ${level} differs by ${difference}, not ${most}`);
    }
  });
}

for (const operation of ['rotate', 'shearX', 'shearY', 'translateX', 'translateY']) {
  test(`${operation} is Pillow's but for pixels whose source lies between two`, () => {
    for (const level of LEVELS) {
      const ours = distorted(operation, level, 'automl');
      const [minus, plus] = ['minus', 'plus'].map((sign) => {
        const [low, high] = [
          read(`${operation}-${sign}-low-${level}`),
          read(`${operation}-${sign}-high-${level}`),
        ];
        return ours.filter((value, at) => value !== low[at] && value !== high[at]).length;
      }) as [number, number];
      const share = Math.min(minus, plus) / ours.length;
      assert.ok(share < (operation === 'rotate' ? 0.01 : 0.001), `level ${level}: ${share}`);
    }
  });
}
