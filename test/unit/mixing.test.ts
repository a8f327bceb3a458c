/** CutMix, and mixup beside it, against small cases and the released code's rules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../../lib/run/run-config.ts';
import { sampleStream } from '../../lib/data/transforms/augment.ts';
import { cutMixBox, mixMicroBatch, mixupRatio } from '../../lib/data/transforms/mixing.ts';
import { makeBatchSource } from '../../lib/data/open-batch-source.ts';
import { countingDataset, dataPhase, dataRun } from '../support/images.ts';

const SIDE = 8;
const FLOATS = SIDE * SIDE * 3;
const SEED = 7;

/** Row i is all i + 1, of class i. */
function shard(count: number): { images: Float32Array; targets: Float32Array; sidePx: number } {
  const images = new Float32Array(count * FLOATS);
  const targets = new Float32Array(count * count);
  for (let row = 0; row < count; row++) {
    images.fill(row + 1, row * FLOATS, (row + 1) * FLOATS);
    targets[row * count + row] = 1;
  }
  return { images, targets, sidePx: SIDE };
}

function cutMixed(recipe: Recipe, count: number): ReturnType<typeof shard> {
  const rows = shard(count);
  mixMicroBatch(rows, 40, { seed: SEED, recipe, mixupAlpha: 0, cutmixAlpha: 1 });
  return rows;
}

/** Pixels of a row that came from its mirror image. */
function takenShare(images: Float32Array, row: number, count: number): number {
  const values = images.subarray(row * FLOATS, (row + 1) * FLOATS);
  assert.ok(values.every((value) => value === row + 1 || value === count - row));
  return values.filter((value) => value === count - row).length / FLOATS;
}

test('CutMix takes a box from the mirrored sample, and its area from the target', () => {
  const { images, targets } = cutMixed('paper', 4);
  const shares = [0, 1, 2, 3].map((row) => takenShare(images, row, 4));
  assert.ok(new Set(shares).size > 1, `shares ${shares.join()}`);
  for (const [row, share] of shares.entries()) {
    assert.ok(Math.abs((targets[row * 4 + 3 - row] as number) - share) < 1e-6);
    assert.ok(Math.abs((targets[row * 4 + row] as number) - (1 - share)) < 1e-6);
  }
});

test("the released code's CutMix gives every target the mean area of all boxes", () => {
  const { images, targets } = cutMixed('automl', 4);
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

test('with both alphas the first half is mixed up and the second cut, each with itself', () => {
  const rows = shard(5);
  mixMicroBatch(rows, 40, { seed: SEED, recipe: 'paper', mixupAlpha: 0.4, cutmixAlpha: 1 });
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
  const make = (): Promise<{ images: Float32Array }> =>
    makeBatchSource(dataRun(), countingDataset(50, 1, 50)).microBatch(0, 0, 8, 8, phase);
  const [first, second] = [await make(), await make()];
  assert.deepEqual(first.images, second.images);
  const plain = await makeBatchSource(dataRun(), countingDataset(50, 1, 50)).microBatch(
    ...([0, 0, 8, 8, dataPhase(6)] as const),
  );
  assert.notDeepEqual(first.images, plain.images);
});

test('an empty micro-batch stays empty', () => {
  const rows = shard(0);
  mixMicroBatch(rows, 0, { seed: 1, recipe: 'paper', mixupAlpha: 1, cutmixAlpha: 1 });
  assert.equal(rows.images.length, 0);
});
