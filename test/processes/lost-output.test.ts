/** Runs whose output is not read any more, cannot be written, or stands still. */
import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { runCommand, CommandProcess, type StartOptions } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };
/** Starts a command whose standard error is a terminal that takes no more, or that goes away. */
const TERMINAL = `
import os, pty, sys
terminal, command = pty.openpty()
if sys.argv[1] == 'still':
    os.set_blocking(command, False)
    try:
        while True: os.write(command, b'x')
    except BlockingIOError:
        os.set_blocking(command, True)
child = os.fork()
if child == 0:
    os.setsid()
    os.dup2(command, 2)
    os.execvp(sys.argv[2], sys.argv[2:])
os.close(command)
if sys.argv[1] == 'gone':
    os.read(terminal, 1)
    os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

/** Trains to the end of a short run. */
async function trainTo(context: TestContext, options: StartOptions): Promise<void> {
  const folder = temporaryFolder(context);
  const runs = join(folder, 'runs');
  const file = writeRunFile(folder, {
    dataset: { name: 'mnist', trainSamplesMax: 16, validationSamplesMax: 8 },
    batch: { globalSize: 8, microBatches: 2 },
    training: { epochs: 5 },
    schedule: { phases: 1, imageSizePx: { min: 8, max: 8 } },
    evaluation: { imageSizePx: 8 },
    engine: { name: 'js' },
  });
  const { exitCode, stderr } = await new CommandProcess(
    context,
    ['train', file, '--runs', runs],
    options,
  ).exit();
  assert.equal(exitCode, 0, stderr);
  const [id] = readdirSync(runs);
  const summary = readFileSync(join(runs, id as string, 'summary.json'), 'utf8');
  assert.equal((JSON.parse(summary) as { succeeded: boolean }).succeeded, true);
}

function full(context: TestContext): number {
  const descriptor = openSync('/dev/full', 'w');
  context.after(() => {
    closeSync(descriptor);
  });
  return descriptor;
}

test('a run goes on when its output is closed', DEADLINE, async (context) => {
  const launcher = ['bash', '-o', 'pipefail', '-c', '"$@" 2>&1 | head -1', 'bash'];
  await trainTo(context, { launcher });
});

test('a run goes on when the disk of its output is full', DEADLINE, async (context) => {
  await trainTo(context, { output: [full(context), full(context)] });
});

test('a run goes on while its terminal stands still', DEADLINE, async (context) => {
  await trainTo(context, { launcher: ['python3', '-c', TERMINAL, 'still'] });
});

test('a run goes on when its terminal is gone', DEADLINE, async (context) => {
  await trainTo(context, { launcher: ['python3', '-c', TERMINAL, 'gone'] });
});

test('a command whose output is not read further ends in silence', DEADLINE, async (context) => {
  const launcher = ['bash', '-o', 'pipefail', '-c', '"$@" | true', 'bash'];
  const models = new CommandProcess(context, ['models', '--json'], { launcher });
  const { exitCode, stderr } = await models.exit();
  assert.deepEqual([exitCode, stderr], [0, '']);
});

test('a command whose results cannot be written fails', DEADLINE, async (context) => {
  const { exitCode, stderr } = await runCommand(context, ['models'], {
    output: [full(context), 'pipe'],
  });
  assert.equal(exitCode, 1);
  assert.match(stderr, /^error CRESCENDO_OUTPUT_LOST: .*ENOSPC/);
});
