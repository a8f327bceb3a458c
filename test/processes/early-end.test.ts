/** Runs that end before their last step for what training came to. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile, type RunOverrides } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };

async function train(
  context: TestContext,
  overrides: RunOverrides,
): Promise<{ exitCode: number | null; stderr: string; summary: RunSummary & { folder: string } }> {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, {
    dataset: { name: 'mnist', trainSamplesMax: 64, validationSamplesMax: 20 },
    batch: { globalSize: 8, microBatches: 2 },
    schedule: { phases: 1, imageSizePx: { min: 16, max: 16 } },
    engine: { name: 'js' },
    ...overrides,
  });
  const args = ['train', file, '--workers', '1', '--json', '--runs', join(folder, 'runs')];
  const { exitCode, stdout, stderr } = await runCommand(context, args);
  return { exitCode, stderr, summary: JSON.parse(stdout) as RunSummary & { folder: string } };
}

test(
  'training that diverges ends with a code, and keeps the weights',
  DEADLINE,
  async (context) => {
    const { exitCode, stderr, summary } = await train(context, {
      training: {
        steps: 100,
        learningRate: { peak: 100, decay: 'constant' },
        optimizer: { momentum: 0 },
        skippedStepsMax: 5,
      },
    });
    assert.equal(exitCode, 1);
    assert.match(stderr, /CRESCENDO_STEPS_SKIPPED: the 5 steps up to step \d+ were all skipped/);
    assert.equal(summary.succeeded, false);
    assert.equal(summary.stepsSkipped, 5);
    assert.ok(existsSync(join(summary.folder, 'weights.safetensors')));
  },
);

test('training that brings no gain ends early, as a success', DEADLINE, async (context) => {
  const { exitCode, stderr, summary } = await train(context, {
    training: { steps: 100, learningRate: { peak: 1e-6, decay: 'constant' } },
    evaluation: { everySteps: 2, stopAfterWithoutGain: 2, gainMin: 0.5 },
    checkpoint: { keepBest: 'top1' },
  });
  assert.equal(exitCode, 0, stderr);
  assert.equal(summary.stepsCommitted, 6);
  assert.match(
    summary.reason,
    /^stopped early after 6 steps: 2 evaluations brought no gain of top1/,
  );
  assert.notEqual(summary.valTop1, null);
});
