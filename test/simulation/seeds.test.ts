/** A few seeds of fault plans; `npm run -s sim` runs any number. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed, type SeedResult } from '../../lib/simulator/faults/seed-run.ts';

const SEEDS = 120;
const FAULTS_PER_SEED_MIN = 80;

/** What a longer search found once, each of another kind. */
const FOUND_ONCE = [470, 870, 1075, 1364, 1567, 3105, 3206, 4262, 4375, 7041, 7883, 8421];

function textOf({ seed, violations, shrunk }: SeedResult): string {
  const found = violations.map(({ atMs, checker, text }) => `${atMs} ms ${checker}: ${text}`);
  return [`npm run -s sim -- --seed ${seed}`, ...found, JSON.stringify(shrunk)].join('\n');
}

test(`nothing is found in ${SEEDS} runs with many faults each`, () => {
  let faults = 0;
  for (let seed = 1; seed <= SEEDS; seed++) {
    const result = runSeed(seed, true);
    assert.deepEqual(result.violations, [], textOf(result));
    faults += Object.values(result.faults).reduce((sum, count) => sum + count, 0);
  }
  assert.ok(faults > SEEDS * FAULTS_PER_SEED_MIN, `${faults} faults`);
});

test('seeds that found something once find nothing', () => {
  for (const seed of FOUND_ONCE) {
    const result = runSeed(seed, true);
    assert.deepEqual(result.violations, [], textOf(result));
  }
});
