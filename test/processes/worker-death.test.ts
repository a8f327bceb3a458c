/** What `crescendo train` says of workers that end before their time. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };

test('a killed worker is named with its signal, and another goes on', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, { training: { epochs: 1000 } });
  const train = new CommandProcess(context, ['train', file, '--runs', join(folder, 'runs')]);
  const pid = Number((await train.line(/worker 0 connected \(.*pid (\d+)\)/))[1]);
  await train.line(/^phase 1/);
  process.kill(pid, 'SIGKILL');
  const ended = `worker pid ${pid} ended with signal SIGKILL, .*memory.*; another is started`;
  await train.line(new RegExp(ended));
  // It was the only one, so the state comes from the checkpoint.
  await train.line(/^generation 2/);
  train.signal('SIGTERM');
  const { exitCode, stderr } = await train.exit();
  assert.equal(exitCode, 0, stderr);
});

test(
  'a run that failed before its first step lists the files there are',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    const file = writeRunFile(folder, { engine: { precision: 'float16' } });
    const runs = join(folder, 'runs');
    const result = await runCommand(context, ['train', file, '--runs', runs], {
      environment: { CRESCENDO_DEVICE: 'cpu' },
    });
    assert.equal(result.exitCode, 1);
    assert.match(result.stderr, /float16 works on GPUs/);
    const listed = /results in (\S+): (.*)/.exec(result.stdout);
    const bookkeeping = /^(config|owner-\d+)\.json$/;
    const there = readdirSync(listed?.[1] as string).filter((name) => !bookkeeping.test(name));
    assert.deepEqual(listed?.[2]?.split(', ').sort(), there.sort());
    assert.doesNotMatch(result.stdout, /SHA-256|weights/);
  },
);

test('the js engine refuses what it would ignore', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const asked = { name: 'js', xla: true, precision: 'bfloat16' };
  const inFile = writeRunFile(folder, { engine: asked });
  const written = await runCommand(context, ['train', inFile]);
  const byFlag = writeRunFile(folder, { engine: { ...asked, name: 'tensorflow' } });
  const flagged = await runCommand(context, ['train', byFlag, '--engine', 'js']);
  for (const { exitCode, stderr } of [written, flagged]) {
    assert.equal(exitCode, 2);
    assert.match(stderr, /engine\.xla: true is for the tensorflow engine/);
    assert.match(stderr, /engine\.precision: bfloat16 is for the tensorflow engine/);
  }
});
