/** A worker that becomes slow in steps: others compute what it has not begun, to the same bytes. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { test } from 'node:test';
import { readJournal } from '../../coordinator/journal.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { runCommand, startCluster, type CommandProcess } from '../support/processes.ts';
import { temporaryFolder, writeRunFile, type RunOverrides } from '../support/run-files.ts';

/** Steps of half a second and more, so that there is something to take over. */
const LONG_STEPS: RunOverrides = {
  model: { name: 'efficientnetv2-b0', widthMultiplier: 0.5, depthMultiplier: 0.5 },
  batch: { globalSize: 256, microBatches: 8 },
  dataset: { name: 'mnist', trainSamplesMax: 1280, validationSamplesMax: 60 },
  training: { steps: 4, learningRate: { peak: 0.02 } },
  schedule: { phases: 1, imageSizePx: { min: 64, max: 64 } },
  evaluation: { imageSizePx: 64 },
  cluster: { minWorkers: 2 },
};

/** Has a process stand still for most of the time. */
async function slowDown({ child }: CommandProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGSTOP');
    await setTimeout(800);
    child.kill('SIGCONT');
    await setTimeout(100);
  }
}

test(
  'what a slow worker has not begun is computed by the other, in the same generation and bytes',
  { timeout: 300_000 },
  async (context) => {
    const folder = temporaryFolder(context);
    const alone = writeRunFile(folder, { ...LONG_STEPS, cluster: { minWorkers: 1 } });
    const undisturbed = await runCommand(context, [
      'train',
      alone,
      '--workers',
      '1',
      '--runs',
      join(folder, 'alone'),
      '--json',
    ]);
    const runFile = writeRunFile(temporaryFolder(context), LONG_STEPS);
    const { coordinator, workers } = await startCluster(context, runFile, [[], []]);
    await coordinator.line(/generation 1/);
    const slow = workers[1] ?? assert.fail();
    const ends = slowDown(slow);
    const result = await coordinator.exit();
    await ends;
    assert.equal(result.exitCode, 0, result.stderr);
    const { weightsSha256 } = JSON.parse(result.stdout) as RunSummary;
    assert.equal(weightsSha256, (JSON.parse(undisturbed.stdout) as RunSummary).weightsSha256);

    const runs = `${runFile}-runs`;
    const path = join(runs, readdirSync(runs)[0] ?? '', 'journal.bin');
    const { records } = readJournal(nodeFiles, path);
    const generations = records.filter(({ kind }) => kind === 'generation');
    assert.equal(generations.length, 1, 'nobody is lost');
    const moved = records.flatMap((one) =>
      one.kind === 'committed' && one.attempt > 0 ? [one.leases] : [],
    );
    assert.ok(moved.length > 0, 'nothing was taken over');
    for (const leases of moved) {
      const counts = [0, 1].map((slot) => leases.find((one) => one.slot === slot)?.microBatches);
      const [quick = [], late = []] = counts;
      assert.ok(quick.length > late.length, `${quick.length} and ${late.length} micro-batches`);
      assert.deepEqual([...quick, ...late].sort(), [0, 1, 2, 3, 4, 5, 6, 7]);
    }
  },
);
