/** Branches of a run: they end with the bytes of the run, and the run stays as it is. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 280_000 };
/** Samples of the dataset: three epochs and a half are used. */
const EPOCH = 50;

interface FinishedRun {
  readonly folder: string;
  readonly weightsSha256: string;
}

/** Twelve steps in the second to fourth of which epochs end, with a checkpoint every third step. */
async function aFinishedRun(context: TestContext): Promise<FinishedRun> {
  const place = temporaryFolder(context);
  const file = writeRunFile(place, {
    dataset: { trainSamplesMax: EPOCH },
    batch: { globalSize: 16, microBatches: 4 },
    training: { epochs: 3.5 },
    evaluation: { everySteps: 3 },
    checkpoint: { everySteps: 3, keep: 10 },
    engine: { name: 'js' },
  });
  const runs = join(place, 'runs');
  return finished(context, ['train', file, '--runs', runs, '--workers', '2', '--new']);
}

async function finished(context: TestContext, command: string[]): Promise<FinishedRun> {
  const { exitCode, stdout, stderr } = await runCommand(context, [...command, '--json']);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as FinishedRun;
}

/** @returns the folder of the branch */
async function branchOf(context: TestContext, run: string, options: string[]): Promise<string> {
  const made = await runCommand(context, ['rewind', run, ...options]);
  assert.equal(made.exitCode, 0, made.stderr);
  const [, folder = ''] = /go on with: crescendo resume (\S+)/.exec(made.stdout) ?? [];
  return folder;
}

/** The hash of every file of a folder, by name. */
function contentOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const bytes = readFileSync(join(parentPath, name));
      return `${parentPath}/${name} ${createHash('sha256').update(bytes).digest('hex')}`;
    })
    .sort();
}

test(
  'a branch of a run ends with the bytes of the run, with any number of workers',
  DEADLINE,
  async (context) => {
    const run = await aFinishedRun(context);
    const before = contentOf(run.folder);
    for (const [to, workers] of [
      ['3', '1'],
      ['6', '3'],
    ] as const) {
      const branch = await branchOf(context, run.folder, ['--to', to]);
      const resumed = await finished(context, ['resume', branch, '--workers', workers]);
      assert.equal(resumed.folder, branch);
      assert.equal(resumed.weightsSha256, run.weightsSha256, `from step ${to}`);
      const verified = await runCommand(context, ['verify', branch, '--replay', '2']);
      assert.equal(verified.exitCode, 0, verified.stderr);
    }
    assert.deepEqual(contentOf(run.folder), before);
    await context.test('a step without a checkpoint is refused with those that are kept', () =>
      refusesOtherSteps(context, run.folder),
    );
  },
);

async function refusesOtherSteps(context: TestContext, run: string): Promise<void> {
  const folders = readdirSync(dirname(run));
  const refused = async (options: string[], reason: RegExp, exitCode = 2): Promise<void> => {
    const ended = await runCommand(context, ['rewind', run, ...options]);
    assert.equal(ended.exitCode, exitCode, ended.stderr);
    assert.match(ended.stderr, reason);
  };
  await refused(['--to', '4'], /--to 4: no checkpoint is kept of it.* 0, 3, [\d, ]*9, 11\n?$/);
  await refused([], /--to is missing.* 0, 3, [\d, ]*9, 11\n?$/);
  await refused(['--to', '3', '--new-id', '../elsewhere'], /no name for a run/);
  const taken = folders[0] as string;
  await refused(['--to', '3', '--new-id', taken], /CRESCENDO_RUN_FOLDER_UNUSABLE.*is there/, 1);
  assert.deepEqual(readdirSync(dirname(run)), folders, 'nothing was made');
}
