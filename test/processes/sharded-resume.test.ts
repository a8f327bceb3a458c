/** Runs with sharded optimizer state that go on from their checkpoints. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { runCommand, startCluster } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };

type Finished = RunSummary & { readonly folder: string };

function aRunFile(context: TestContext, sharded: boolean): string {
  return writeRunFile(temporaryFolder(context), {
    batch: { globalSize: 16, microBatches: 4 },
    training: { steps: 16, clipNorm: 1, emaDecay: 0.9, optimizer: { name: 'rmsprop', sharded } },
    schedule: { phases: 1 },
    evaluation: { atPhaseEnd: false },
    checkpoint: { everySteps: 4, keep: 4 },
    cluster: { minWorkers: 1, heartbeatIntervalMs: 200, heartbeatTimeoutMs: 4_000 },
    engine: { name: 'js' },
  });
}

async function finish(context: TestContext, args: readonly string[]): Promise<Finished> {
  const { exitCode, stdout, stderr } = await runCommand(context, [...args, '--json']);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as Finished;
}

/** SHA-256 of the blocks of the checkpoint at the end. */
function lastBlocks({ folder }: Finished): readonly string[] {
  const path = join(folder, 'checkpoints', 'step-00000016', 'manifest.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { blocks: readonly string[] }).blocks;
}

test(
  'after SIGKILL of everything a sharded run goes on with other workers and the same bytes',
  DEADLINE,
  async (context) => {
    const file = aRunFile(context, true);
    const { coordinator, workers } = await startCluster(context, file, [[], [], []]);
    await coordinator.line(/ 7\/16 /);
    for (const one of [coordinator, ...workers]) one.signal('SIGKILL');
    await coordinator.exit();
    const runs = `${file}-runs`;
    const folder = join(runs, readdirSync(runs)[0] ?? '');
    const resumed = await finish(context, ['resume', folder, '--workers', '2']);

    // A worker that has it all writes the same checkpoint, byte by byte.
    const whole = ['train', aRunFile(context, false), '--runs', temporaryFolder(context)];
    const undisturbed = await finish(context, whole);
    assert.equal(resumed.weightsSha256, undisturbed.weightsSha256);
    assert.deepEqual(lastBlocks(resumed), lastBlocks(undisturbed));

    const verified = await runCommand(context, ['verify', folder, '--replay', '2']);
    assert.equal(verified.exitCode, 0, verified.stderr);
    const [oldest = ''] = readdirSync(join(folder, 'checkpoints')).sort();
    const toSteps = String(Number(oldest.replace('step-', '')));
    const rewind = ['rewind', folder, '--to', toSteps, '--new-id', 'again'];
    const rewound = await runCommand(context, rewind);
    assert.equal(rewound.exitCode, 0, rewound.stderr);
    const branch = await finish(context, ['resume', join(runs, 'again'), '--workers', '3']);
    assert.equal(branch.weightsSha256, undisturbed.weightsSha256);
    assert.deepEqual(lastBlocks(branch), lastBlocks(undisturbed));
  },
);
