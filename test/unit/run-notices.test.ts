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
  assert.match(all, /phases without steps: 1, 2, 3 of 4; the run has 1 step/);
  assert.match(all, /no validation images/);
  assert.equal(notices(8, 4, 80, 10), '');
});

function noticesOfDecay(decay: object, epochs: number, sizes: object): string {
  const run = parseRunText(
    JSON.stringify({
      model: { name: 'efficientnetv2-b0' },
      batch: { globalSize: 250, microBatches: 1 },
      schedule: { phases: 4, imageSizePx: sizes },
      training: { epochs, learningRate: { peak: 0.1, warmupEpochs: 0.5, ...decay } },
    }),
    'run',
  );
  return noticesOf(planRun(run, modeOf(run).plan, 50_000, 10)).join('\n');
}

test('a decay that is over when images become largest is told of, with numbers', () => {
  const growing = { min: 32, max: 64 };
  const text = noticesOfDecay({ decay: 'cosine', minimum: 0 }, 3, growing);
  assert.match(text, /phase 4 \(64 px, 150 steps\) its mean is 5\.\d % of the peak/);
  assert.match(text, /as much as 0\.04 epochs at the peak/);
  assert.match(text, /decay linear, raise its minimum, or have fewer phases/);
  // The rate is high enough, the run is long enough, or images do not grow.
  assert.equal(noticesOfDecay({ decay: 'linear', minimum: 0.01 }, 3, growing), '');
  assert.equal(noticesOfDecay({ decay: 'cosine', minimum: 0.02 }, 3, growing), '');
  assert.equal(noticesOfDecay({ decay: 'cosine', minimum: 0 }, 100, growing), '');
  assert.equal(noticesOfDecay({ decay: 'cosine', minimum: 0 }, 3, { min: 64, max: 64 }), '');
});

test('a folder beside a dataset that is fetched is refused, not ignored', () => {
  const text = JSON.stringify({ model: { name: 'vit-b16' }, dataset: { path: 'photos' } });
  assert.throws(() => parseRunText(text, 'run'), /photos is not for fashion-mnist.*image-folder/);
});
