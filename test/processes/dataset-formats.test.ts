/** An epoch on a dataset of each format, by three workers of which one is killed. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readJournal } from '../../coordinator/journal.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import { TRAIN_COUNT, WRITTEN_FORMATS } from '../support/dataset-files.ts';
import { CommandProcess } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };
const GLOBAL_SIZE = 4;
const MICRO_BATCHES = [0, 1, 2, 3];

/** Every position of the epoch is in exactly one committed step, by one worker. */
function assertEverySampleOnce(folder: string): void {
  const { records } = readJournal(nodeFiles, join(folder, 'journal.bin'));
  let position = 0;
  for (const record of records) {
    if (record.kind !== 'committed') continue;
    assert.equal(record.firstPosition, position);
    const done = record.leases.flatMap(({ microBatches }) => [...microBatches]);
    assert.deepEqual(done.sort(), MICRO_BATCHES);
    position += record.sampleCount;
  }
  assert.equal(position, TRAIN_COUNT);
}

for (const { name, write } of WRITTEN_FORMATS) {
  test(
    `an epoch on ${name} has each sample once, although one of three workers is killed`,
    DEADLINE,
    async (context) => {
      const folder = temporaryFolder(context);
      const path = join(folder, 'data');
      await write(path);
      const file = writeRunFile(folder, {
        dataset: { name, path, trainSamplesMax: 0, validationSamplesMax: 0 },
        batch: { globalSize: GLOBAL_SIZE, microBatches: MICRO_BATCHES.length },
        training: { epochs: 1 },
        schedule: { phases: 1, imageSizePx: { min: 8, max: 8 } },
        evaluation: { imageSizePx: 8 },
        engine: { name: 'js' },
        cluster: { minWorkers: 3 },
      });
      const environment = { CRESCENDO_HOME: join(folder, 'home') };
      const args = ['coordinator', file, '--port', '0', '--runs', join(folder, 'runs'), '--json'];
      const coordinator = new CommandProcess(context, args, { environment });
      const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
      const [victim] = Array.from({ length: 3 }, () => {
        return new CommandProcess(context, ['worker', '--coordinator', url], { environment });
      });
      // Lines come per committed step: after the second the next is under way.
      await coordinator.line(/\] 2\/\d+ phase/);
      victim?.child.kill('SIGKILL');
      const { exitCode, stdout, stderr } = await coordinator.exit();
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /^generation 2/m);
      const summary = JSON.parse(stdout) as RunSummary & { readonly folder: string };
      assert.equal(summary.samplesCommitted, TRAIN_COUNT);
      assert.ok(summary.valTop1 !== null);
      assertEverySampleOnce(summary.folder);
    },
  );
}
