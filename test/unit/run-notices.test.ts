/** Oddities of a run that are said before it begins. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { noticesOf } from '../../lib/planning/run-notices.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { planRun } from '../../lib/run/plan.ts';

function notices(globalSize: number, phases: number, samples: number, validation: number): string {
  const run = parseRunText(
    JSON.stringify({
      model: { name: 'efficientnetv2-b0' },
      batch: { globalSize, microBatches: 1 },
      schedule: { phases },
    }),
    'run',
  );
  return noticesOf(planRun(run, modeOf(run).plan, samples, validation)).join('\n');
}

test('an epoch below a step, empty phases and no validation are told of', () => {
  const all = notices(256, 4, 20, 0);
  assert.match(all, /an epoch of 20 images is less than a step of 256 \(batch\.globalSize\)/);
  assert.match(all, /phases without steps: 1, 2, 3 of 4; the run has 1 steps/);
  assert.match(all, /no validation images/);
  assert.equal(notices(8, 4, 80, 10), '');
});

test('a folder beside a dataset that is fetched is refused, not ignored', () => {
  const text = JSON.stringify({ model: { name: 'vit-b16' }, dataset: { path: 'photos' } });
  assert.throws(() => parseRunText(text, 'run'), /photos is not for fashion-mnist.*image-folder/);
});
