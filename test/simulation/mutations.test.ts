/** Each checker finds the defects that it is there for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKERS } from '../../lib/simulator/checkers/registry.ts';
import { executePlan } from '../../lib/simulator/faults/execute.ts';
import { TOLERATED } from '../../lib/simulator/faults/mixes.ts';
import { planOf } from '../../lib/simulator/faults/seed-run.ts';
import { undisturbedHashes } from '../../lib/simulator/faults/undisturbed.ts';
import type { Mutation } from '../support/mutation.ts';
import { MUTATIONS } from '../support/mutations.ts';

const SEEDS_MAX = 40;

/** The checker that finds a defect first, and by which seed. */
function firstFinding({ settings, mutate, foundBy }: Mutation): { checker: string; seed: number } {
  // What is tolerated of drains today would hide what is looked for.
  const isOfDrains = (pattern: RegExp): boolean => pattern.test('w0 asked to leave at 1 ms');
  const tolerated = TOLERATED.filter((one) => !foundBy.includes('drains') || !isOfDrains(one));
  for (let seed = 1; seed <= SEEDS_MAX; seed++) {
    const plan = planOf(seed);
    const changed = { ...plan, settings: { ...plan.settings, ...settings } };
    // The run to compare with is made without the defect.
    undisturbedHashes(changed.settings);
    const undo = mutate();
    try {
      const [first] = executePlan(changed, { tolerated }).violations;
      if (first !== undefined) return { checker: first.checker, seed };
    } finally {
      undo();
    }
  }
  return { checker: 'none', seed: SEEDS_MAX };
}

for (const mutation of MUTATIONS) {
  test(`found: ${mutation.defect}`, () => {
    const { checker, seed } = firstFinding(mutation);
    assert.ok(mutation.foundBy.includes(checker), `found by ${checker} with seed ${seed}`);
  });
}

test('each checker has a defect that it finds', () => {
  const finding = new Set(MUTATIONS.flatMap(({ foundBy }) => foundBy));
  assert.deepEqual(
    Object.keys(CHECKERS).filter((name) => !finding.has(name)),
    [],
  );
});
