/** The main promise, on real processes with TensorFlow: the same weight bytes from any workers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readJournal, type StoredRecord } from '../../coordinator/journal.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile, type RunOverrides } from '../support/run-files.ts';
import { weightsSha256Of } from '../support/weights-hash.ts';

const DEADLINE = { timeout: 240_000 };

interface TrainedRun extends RunSummary {
  readonly folder: string;
}

async function train(
  context: TestContext,
  workers: number,
  overrides: RunOverrides = {},
): Promise<TrainedRun> {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, overrides);
  const result = await runCommand(context, [
    'train',
    file,
    '--workers',
    String(workers),
    '--runs',
    join(folder, 'runs'),
    '--json',
  ]);
  assert.equal(result.exitCode, 0, result.stderr);
  return JSON.parse(result.stdout) as TrainedRun;
}

/** summary.json says what was printed, and every figure of a phase is there and plausible. */
function assertSummaryOnDisk(printed: TrainedRun): void {
  const text = readFileSync(join(printed.folder, 'summary.json'), 'utf8');
  const summary = JSON.parse(text) as RunSummary;
  assert.deepEqual({ ...summary, folder: printed.folder }, printed);
  assert.equal(summary.model, 'efficientnetv2-b0');
  assert.equal(summary.dataset, 'mnist');
  assert.equal(summary.samplesCommitted, 200);
  assert.ok(summary.wallSeconds > 0);
  for (const ratio of [summary.valTop1, summary.valTop5, summary.emaValTop1]) {
    assert.ok(ratio !== null && ratio >= 0 && ratio <= 1);
  }
  assert.equal(
    summary.phases.reduce((sum, phase) => sum + phase.steps, 0),
    summary.stepsCommitted,
  );
  assert.deepEqual(
    summary.phases.map(({ index, mixupAlpha, cutmixAlpha }) => [index, mixupAlpha, cutmixAlpha]),
    [
      [0, 0.1, 0],
      [1, 0.2, 1],
    ],
  );
  for (const phase of summary.phases) {
    assert.ok(phase.imagesPerSecond > 0);
    assert.ok(phase.dropoutRate >= 0 && phase.dropoutRate < 1);
    assert.ok(phase.randAugmentMagnitude >= 0);
  }
}

let undisturbed: Promise<TrainedRun> | undefined;

function committedRecords(folder: string): (StoredRecord & { kind: 'committed' })[] {
  const { records, isTorn } = readJournal(nodeFiles, join(folder, 'journal.bin'));
  assert.equal(isTorn, false);
  return records.filter((record) => record.kind === 'committed');
}

/** Every sample position of the run is in exactly one committed step, in order. */
function assertEverySampleOnce(folder: string, totalSamples: number): void {
  let position = 0;
  for (const record of committedRecords(folder)) {
    assert.equal(record.firstPosition, position);
    const shards = record.leases.flatMap((lease) => [...lease.microBatches]).sort((a, b) => a - b);
    assert.deepEqual(shards, [0, 1, 2, 3, 4, 5]);
    position += record.sampleCount;
  }
  assert.equal(position, totalSamples);
}

test('1, 2 and 3 workers end with the same weight bytes', DEADLINE, async (context) => {
  undisturbed = train(context, 1);
  const one = await undisturbed;
  const two = await train(context, 2);
  const three = await train(context, 3);
  assert.match(one.weightsSha256, /^[0-9a-f]{64}$/);
  assert.equal(two.weightsSha256, one.weightsSha256);
  assert.equal(three.weightsSha256, one.weightsSha256);
  assert.equal(three.valTop1, one.valTop1);
  assert.equal(three.workers, 3);
  const file = readFileSync(join(three.folder, 'weights.safetensors'));
  assert.equal(weightsSha256Of(file), three.weightsSha256);
  assert.deepEqual(
    one.phases.map((phase) => phase.imageSizePx),
    [8, 16],
  );
  assertEverySampleOnce(three.folder, 200);
  assertSummaryOnDisk(three);
});

for (const format of ['bfloat16', 'float16'] as const) {
  test(
    `gradients that travel as ${format} end in the same bytes for 1, 2 and 3 workers`,
    DEADLINE,
    async (context) => {
      const runs: TrainedRun[] = [];
      for (const workers of [1, 2, 3]) {
        runs.push(await train(context, workers, { communication: { compression: format } }));
      }
      assert.equal(new Set(runs.map((run) => run.weightsSha256)).size, 1);
      // A sum too large for float16 skips its step and lowers the loss scale.
      assert.ok((runs[0] as TrainedRun).stepsSkipped < 3, `${runs[0]?.stepsSkipped} steps skipped`);
    },
  );
}

test('another learning rate gives other weight bytes', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, { training: { epochs: 0.5, learningRate: { peak: 0.05 } } });
  const args = ['train', file, '--runs', join(folder, 'runs'), '--json'];
  const result = await runCommand(context, args);
  assert.equal(result.exitCode, 0, result.stderr);
  const reference = await undisturbed;
  assert.notEqual(
    (JSON.parse(result.stdout) as TrainedRun).weightsSha256,
    reference?.weightsSha256,
  );
});

test(
  'a worker killed in the middle of a step is replaced in that step, and the bytes stay the same',
  DEADLINE,
  async (context) => {
    const reference = await (undisturbed ?? train(context, 1));
    const folder = temporaryFolder(context);
    const file = writeRunFile(folder, { cluster: { minWorkers: 2 } });
    const coordinator = new CommandProcess(context, [
      'coordinator',
      file,
      '--port',
      '0',
      '--runs',
      join(folder, 'runs'),
      '--json',
    ]);
    const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
    const survivor = new CommandProcess(context, ['worker', '--coordinator', url]);
    const victim = new CommandProcess(context, ['worker', '--coordinator', url]);
    // Lines come per committed step: after the third the next step is under way.
    await coordinator.line(/\] 3\/\d+ phase/);
    victim.child.kill('SIGKILL');
    const result = await coordinator.exit();
    assert.equal(result.exitCode, 0, result.stderr);
    const summary = JSON.parse(result.stdout) as TrainedRun;
    assert.equal(summary.weightsSha256, reference.weightsSha256);
    assert.equal(summary.samplesCommitted, 200);
    assert.equal(summary.stepsCommitted, reference.stepsCommitted);
    assert.match(result.stderr, /is finished by the others/);
    const redone = committedRecords(summary.folder).filter((record) => record.attempt > 0);
    assert.equal(redone.length, 1, 'exactly one step took a second pass');
    assertEverySampleOnce(summary.folder, 200);
    assert.equal((await survivor.exit()).exitCode, 0);
  },
);

test('a worker that joins in the middle ends with the same bytes', DEADLINE, async (context) => {
  const reference = await (undisturbed ?? train(context, 1));
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder);
  const coordinator = new CommandProcess(context, [
    'coordinator',
    file,
    '--port',
    '0',
    '--runs',
    join(folder, 'runs'),
    '--json',
  ]);
  const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
  const first = new CommandProcess(context, ['worker', '--coordinator', url]);
  await coordinator.line(/worker 0 is ready/);
  // Stopped, the first worker cannot finish before the second has come.
  first.child.kill('SIGSTOP');
  const second = new CommandProcess(context, ['worker', '--coordinator', url]);
  await coordinator.line(/worker 1 is ready/);
  first.child.kill('SIGCONT');
  const result = await coordinator.exit();
  assert.equal(result.exitCode, 0, result.stderr);
  const summary = JSON.parse(result.stdout) as TrainedRun;
  assert.equal(summary.weightsSha256, reference.weightsSha256);
  assert.equal(summary.workers, 2);
  assert.match(result.stderr, /slot 1 joined/);
  assert.equal((await first.exit()).exitCode, 0);
  assert.equal((await second.exit()).exitCode, 0);
});
