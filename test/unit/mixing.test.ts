/** CutMix, and mixup beside it, against small cases and the released code's rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../../lib/run/run-config.ts';
import { createRenderer } from '../../lib/data/renderer.ts';
import {
  cutMixBox,
  isMixing,
  mixMicroBatch,
  mixupRatio,
  noMixing,
  type MixSettings,
} from '../../lib/data/transforms/mixing.ts';
import { sampleStream } from '../../lib/data/transforms/sample-stream.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import { makeBatchSource } from '../../lib/data/open-batch-source.ts';
import { countingDataset, dataPhase, dataRun } from '../support/images.ts';
import { mixedByEngine, mixedPlainly } from '../support/mixed-images.ts';

const SIDE = 8;
const FLOATS = SIDE * SIDE * 3;
const SEED = 7;

interface Rows {
  readonly images: Float32Array;
  readonly targets: Float32Array;
}

/** Mixes, at position 40, a micro-batch whose row i is all i + 1, of class i. */
async function mixRows(
  count: number,
  settings: Pick<MixSettings, 'recipe' | 'mixupAlpha' | 'cutmixAlpha'>,
): Promise<Rows> {
  const pixels = new Uint8Array(count * FLOATS);
  const targets = new Float32Array(count * count);
  for (let row = 0; row < count; row++) {
    pixels.fill(row + 1, row * FLOATS, (row + 1) * FLOATS);
    targets[row * count + row] = 1;
  }
  const mixing = mixMicroBatch(targets, count, 40, { seed: SEED, sidePx: SIDE, ...settings });
  const images = await mixedByEngine(pixels, mixing, SIDE);
  const expected = mixedPlainly(pixels, mixing, SIDE);
  for (const [at, value] of images.entries()) {
    assert.ok(Math.abs(value - (expected[at] as number)) < 1e-5, `value ${at}: ${value}`);
  }
  return { images, targets };
}

function cutMixed(recipe: Recipe, count: number): Promise<Rows> {
  return mixRows(count, { recipe, mixupAlpha: 0, cutmixAlpha: 1 });
}

/** Pixels of a row that came from its mirror image. */
function takenShare(images: Float32Array, row: number, count: number): number {
  const values = images.subarray(row * FLOATS, (row + 1) * FLOATS);
  assert.ok(values.every((value) => value === row + 1 || value === count - row));
  return values.filter((value) => value === count - row).length / FLOATS;
}

test('CutMix takes a box from the mirrored sample, and its area from the target', async () => {
  const { images, targets } = await cutMixed('paper', 4);
  const shares = [0, 1, 2, 3].map((row) => takenShare(images, row, 4));
  assert.ok(new Set(shares).size > 1, `shares ${shares.join()}`);
  for (const [row, share] of shares.entries()) {
    assert.ok(Math.abs((targets[row * 4 + 3 - row] as number) - share) < 1e-6);
    assert.ok(Math.abs((targets[row * 4 + row] as number) - (1 - share)) < 1e-6);
  }
});

test("the released code's CutMix gives every target the mean area of all boxes", async () => {
  const { images, targets } = await cutMixed('automl', 4);
  const mean = [0, 1, 2, 3].reduce((sum, row) => sum + takenShare(images, row, 4) / 4, 0);
  for (const row of [0, 1, 2, 3]) {
    assert.ok(Math.abs((targets[row * 4 + 3 - row] as number) - mean) < 1e-6);
  }
});

test('a CutMix box has an even side of sqrt(1 - Beta), cut off at the border', () => {
  let reachesBorder = false;
  for (let position = 0; position < 500; position++) {
    const box = cutMixBox(sampleStream(1, 'cutmix', position), 1, 32);
    const replay = sampleStream(1, 'cutmix', position);
    const [x, y] = [replay.below(32), replay.below(32)];
    const half = Math.floor(Math.floor(Math.sqrt(1 - replay.beta(1, 1)) * 32) / 2);
    assert.deepEqual(box, {
      left: Math.max(0, x - half),
      right: Math.min(32, x + half),
      top: Math.max(0, y - half),
      bottom: Math.min(32, y + half),
    });
    reachesBorder ||= x - half < 0;
  }
  assert.ok(reachesBorder);
});

test('with both alphas mixup has the first half and CutMix the second', async () => {
  const rows = await mixRows(5, { recipe: 'paper', mixupAlpha: 0.4, cutmixAlpha: 1 });
  const ratio = mixupRatio(SEED, 40, 0.4);
  assert.ok(Math.abs((rows.images[0] as number) - (ratio * 1 + (1 - ratio) * 2)) < 1e-6);
  // Rows 2 to 4 are cut: only whole values of theirs, 3 to 5.
  const cut = new Set(rows.images.subarray(2 * FLOATS));
  assert.deepEqual([...cut].sort(), [3, 4, 5]);
  for (let row = 0; row < 5; row++) {
    const sum = rows.targets.subarray(row * 5, row * 5 + 5).reduce((a, b) => a + b, 0);
    assert.ok(Math.abs(sum - 1) < 1e-6);
  }
});

test('a micro-batch with CutMix is the same whoever makes it, and its pixels are cut', async () => {
  const phase = dataPhase(6, { cutmixAlpha: 1 });
  const make = (settings = phase): Promise<MicroBatchInput> =>
    makeBatchSource(dataRun(), countingDataset(50, 1, 50), createRenderer()).microBatch(
      ...([0, 0, 8, 8, settings] as const),
    );
  const [first, second] = [await make(), await make()];
  assert.deepEqual(first, second);
  assert.ok(first.mixing !== undefined);
  const plain = await make(dataPhase(6));
  assert.deepEqual(first.pixels, plain.pixels);
  const cut = await mixedByEngine(first.pixels, first.mixing, 6);
  assert.notDeepEqual(cut, Float32Array.from(plain.pixels));
});

test('an empty micro-batch stays empty', async () => {
  const settings = { seed: 1, recipe: 'paper', mixupAlpha: 1, cutmixAlpha: 1, sidePx: 8 } as const;
  const mixing = mixMicroBatch(new Float32Array(0), 0, 0, settings);
  assert.deepEqual(mixing, noMixing(0));
  const source = makeBatchSource(dataRun(), countingDataset(5, 1, 5), createRenderer());
  const phase = dataPhase(6, { mixupAlpha: 1, cutmixAlpha: 1 });
  assert.equal((await source.microBatch(0, 0, 0, 0, phase)).pixels.length, 0);
});

test('without mixing every row is its own, to the bit', async () => {
  const pixels = Uint8Array.from({ length: 3 * FLOATS }, (_, at) => (at * 31) % 256);
  const images = await mixedByEngine(pixels, noMixing(3), SIDE);
  assert.deepEqual(images, Float32Array.from(pixels));
  assert.ok(!isMixing({ mixupAlpha: 0, cutmixAlpha: 0 }));
  assert.ok(isMixing({ mixupAlpha: 0.1, cutmixAlpha: 0 }));
  assert.ok(isMixing({ mixupAlpha: 0, cutmixAlpha: 1 }));
});
