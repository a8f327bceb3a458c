/**
 * What is drawn at random follows its published distribution: statistical tests of fixed seeds,
 * each of which a right rule fails less often than once in 10,000 seeds.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawAugmentation } from '../../lib/data/transforms/augment.ts';
import { mixupRatio } from '../../lib/data/transforms/mixing.ts';
import {
  drawRandAugment,
  RAND_AUGMENT_OPERATIONS,
} from '../../lib/data/transforms/rand-augment.ts';
import { sampleStream } from '../../lib/data/transforms/sample-stream.ts';
import { PLAIN_AUGMENTATION } from '../support/images.ts';

const COUNT = 20_000;
/** Kolmogorov and Smirnov's distance times sqrt(n) is above it once in 10,000 (Smirnov, 1948). */
const DISTANCE_MAX = 2.23;
/** A chi-square number of many degrees is about normal; so many deviations above its mean. */
const DEVIATIONS_MAX = 4.5;

/** Fails where values are not distributed as `share` says: of how many lie below one. */
function assertDistributed(
  values: readonly number[],
  share: (value: number) => number,
  slack = 0,
): void {
  const sorted = [...values].sort((left, right) => left - right);
  const distance = sorted.reduce((most, value, at) => {
    const expected = share(value);
    const above = (at + 1) / sorted.length - expected;
    return Math.max(most, above, expected - at / sorted.length);
  }, 0);
  const most = DISTANCE_MAX / Math.sqrt(sorted.length) + slack;
  assert.ok(distance < most, `distance ${distance}, not below ${most}`);
}

/** Fails where counts differ from an equal share by more than chance. */
function assertEven(counts: readonly number[]): void {
  const expected = counts.reduce((sum, one) => sum + one, 0) / counts.length;
  const chiSquare = counts.reduce((sum, one) => sum + (one - expected) ** 2 / expected, 0);
  const degrees = counts.length - 1;
  const most = degrees + DEVIATIONS_MAX * Math.sqrt(2 * degrees);
  assert.ok(chiSquare < most, `chi-square ${chiSquare} of ${degrees} degrees, not below ${most}`);
}

function drawn<T>(draw: (position: number) => T): T[] {
  return Array.from({ length: COUNT }, (_, position) => draw(position));
}

function boxes(widthPx: number, heightPx: number): { area: number; aspect: number; x: number }[] {
  const settings = {
    seed: 11,
    recipe: 'paper',
    sidePx: 224,
    augmentation: { ...PLAIN_AUGMENTATION, crop: 'resized' },
    randAugmentMagnitude: 0,
    erasingRate: 0,
  } as const;
  return drawn((position) => {
    const { box } = drawAugmentation({ widthPx, heightPx }, settings, position);
    return {
      area: (box.width * box.height) / (widthPx * heightPx),
      aspect: box.width / box.height,
      x: box.x / Math.max(1, widthPx - box.width),
    };
  });
}

test('areas of resized crops are uniform from 8 % up where every aspect fits', () => {
  // In a square image a box fits with any aspect up to 3/4 of the area.
  const fitting = boxes(4000, 4000).filter(({ area }) => area < 0.75);
  const areas = fitting.map(({ area }) => area);
  assertDistributed(areas, (area) => Math.min(1, Math.max(0, (area - 0.08) / 0.67)), 1e-3);
});

test('aspects of resized crops are log-uniform from 3/4 to 4/3, and their places uniform', () => {
  const fitting = boxes(4000, 4000).filter(({ area }) => area < 0.75);
  const logRange = Math.log(16 / 9);
  assertDistributed(
    fitting.map(({ aspect }) => Math.log((aspect * 4) / 3) / logRange),
    (share) => Math.min(1, Math.max(0, share)),
    1e-3,
  );
  assertDistributed(
    fitting.map(({ x }) => x),
    (share) => share,
    1e-3,
  );
});

test("mixup's ratios are those of Beta(alpha, alpha), folded", () => {
  // Alpha 1 is uniform, and 1/2 the arcsine distribution.
  const betaShares = [
    [1, (ratio: number) => ratio],
    [0.5, (ratio: number) => (2 / Math.PI) * Math.asin(Math.sqrt(ratio))],
    [2, (ratio: number) => ratio * ratio * (3 - 2 * ratio)],
  ] as const;
  for (const [alpha, share] of betaShares) {
    const ratios = drawn((position) => mixupRatio(5, position, alpha));
    assertDistributed(ratios, (ratio) => share(ratio) - share(1 - ratio));
  }
});

test('a small alpha has the variance of its Beta distribution', () => {
  for (const alpha of [0.1, 0.2, 0.8]) {
    const squares = drawn((position) => (mixupRatio(5, position, alpha) - 0.5) ** 2);
    const mean = squares.reduce((sum, one) => sum + one, 0) / COUNT;
    const variance = 1 / (4 * (2 * alpha + 1));
    assert.ok(Math.abs(mean - variance) < 0.003, `alpha ${alpha}: ${mean}, not ${variance}`);
  }
});

test('RandAugment draws each pair of its sixteen operations as often', () => {
  const names = Object.keys(RAND_AUGMENT_OPERATIONS);
  // Told apart by what they draw at this magnitude, but for the warps' signs.
  const magnitude = 7;
  const labelOf = (kind: string, numbers: readonly number[]): string =>
    kind === 'warp' ? `warp ${warpKind(numbers)}` : kind;
  const counts = new Map<string, number>();
  for (let position = 0; position < COUNT; position++) {
    const stream = sampleStream(9, 'rand-augment', position);
    const both = drawRandAugment({ sidePx: 64, magnitude, stream, recipe: 'paper' });
    const pair = both.map(({ kind, numbers }) => labelOf(kind, numbers)).join(', ');
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  assert.equal(counts.size, names.length ** 2);
  assertEven([...counts.values()]);
});

test('half of the distances of an operation are negative', () => {
  const signs = drawn((position) => {
    const stream = sampleStream(9, 'rand-augment', position);
    const draw = { sidePx: 64, magnitude: 7, stream, recipe: 'paper' } as const;
    return Math.sign(RAND_AUGMENT_OPERATIONS['translateX']?.(draw).numbers[2] ?? 0);
  });
  assertEven([-1, 1].map((sign) => signs.filter((one) => one === sign).length));
});

/** Which of rotation, shears and translations a warp is. */
function warpKind([a, b, c, d]: readonly number[]): string {
  if (a !== 1) return 'rotate';
  if (b !== 0) return 'shearX';
  if (d !== 0) return 'shearY';
  return c === 0 ? 'translateY' : 'translateX';
}
