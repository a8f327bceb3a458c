/** `crescendo train --dry-run` as users start it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import type { DryRun } from '../../lib/planning/dry-run.ts';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };

test(
  'a dry run measures each size with TensorFlow and trains nothing',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    const runs = join(folder, 'runs');
    const file = writeRunFile(folder);
    const args = ['train', file, '--workers', '2', '--runs', runs, '--dry-run', '--json'];
    const result = await runCommand(context, args);
    assert.equal(result.exitCode, 0, result.stderr);
    const plan = JSON.parse(result.stdout) as DryRun;
    assert.equal(plan.steps, 9);
    assert.match(plan.engine as string, /^tensorflow/);
    assert.ok(plan.phases.every((phase) => (phase.microBatchSeconds ?? 0) > 0));
    assert.ok((plan.hours as number) > 0);
    assert.ok(!existsSync(runs));
  },
);

test('a recipe is planned without its images', DEADLINE, async (context) => {
  const file = join(PROJECT_ROOT, 'configs', 'efficientnetv2-s-imagenet1k.yaml');
  const args = ['train', file, '--workers', '8', '--dry-run', '--no-measure'];
  const result = await runCommand(context, args);
  assert.equal(result.exitCode, 0, result.stderr);
  assert.match(result.stdout, /phase 4: 300 px/);
  assert.match(result.stdout, /1,281,167 training .*the folder is not there/);
  assert.match(result.stdout, /not measured/);
});

test(
  'what a compression sends on top, and what auto is counted as, is said',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    const planOf = async (communication: Record<string, unknown>): Promise<string> => {
      const file = writeRunFile(folder, { communication });
      const args = ['train', file, '--workers', '2', '--dry-run', '--no-measure'];
      return (await runCommand(context, args)).stdout;
    };
    assert.match(
      await planOf({ compression: 'int8' }),
      /per step; up to \S+ kB more in one of 100 steps, for a bucket that travels as float32 too\n/,
    );
    assert.match(
      await planOf({ compression: 'auto' }),
      /the most of what auto chooses from \(float32, int8\); up to .*of 100 steps of lossy/,
    );
    assert.match(await planOf({ compression: 'float32' }), /per step\n/);
  },
);

test(
  '--no-measure without --dry-run is wrong use, and trains nothing',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    const runs = join(folder, 'runs');
    const args = ['train', writeRunFile(folder), '--no-measure', '--runs', runs];
    const result = await runCommand(context, args);
    assert.equal(result.exitCode, 2, result.stderr);
    assert.match(result.stderr, /--no-measure is for --dry-run/);
    assert.ok(!existsSync(runs));
  },
);
