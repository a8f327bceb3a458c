/** Runs whose processes are killed, and that go on with the same weight bytes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };

interface ShortRun {
  readonly file: string;
  readonly runs: string;
}

function aShortRun(context: TestContext): ShortRun {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, {
    batch: { globalSize: 16, microBatches: 4 },
    training: { steps: 30 },
    schedule: { phases: 1 },
    evaluation: { atPhaseEnd: false },
    checkpoint: { everySteps: 5 },
    cluster: { heartbeatIntervalMs: 200, heartbeatTimeoutMs: 4_000 },
    engine: { name: 'js' },
  });
  return { file, runs: join(folder, 'runs') };
}

function onlyRun(runs: string): string {
  const [name, ...others] = readdirSync(runs);
  assert.ok(name !== undefined && others.length === 0, `one run in ${runs}`);
  return join(runs, name);
}

/** One that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function undisturbed(context: TestContext, { file }: ShortRun): Promise<string> {
  const runs = join(temporaryFolder(context), 'undisturbed');
  const { stdout } = await runCommand(context, ['train', file, '--runs', runs, '--json']);
  return shaOf(stdout);
}

function shaOf(stdout: string): string {
  const { weightsSha256 } = JSON.parse(stdout) as { weightsSha256: string };
  assert.match(weightsSha256, /^[0-9a-f]{64}$/);
  return weightsSha256;
}

test(
  'after SIGKILL of everything a run is resumed with other workers and the same bytes',
  DEADLINE,
  async (context) => {
    const run = aShortRun(context);
    const train = new CommandProcess(context, ['train', run.file, '--runs', run.runs]);
    await train.line(/ 13\/30 /);
    train.signal('SIGKILL');
    await train.exit();
    const folder = onlyRun(run.runs);
    const resumed = await runCommand(context, ['resume', folder, '--workers', '2', '--json']);
    assert.equal(resumed.exitCode, 0, resumed.stderr);
    assert.match(resumed.stderr, /11\/30/, 'it goes on from the newest checkpoint');
    assert.doesNotMatch(resumed.stderr, / 9\/30 /, 'and not from an older one');
    assert.equal(shaOf(resumed.stdout), await undisturbed(context, run));
    const again = await runCommand(context, ['resume', folder]);
    assert.equal(again.exitCode, 1);
    assert.match(again.stderr, /is complete/);
  },
);

test(
  'a coordinator that is killed and started again goes on with the workers that wait for it',
  DEADLINE,
  async (context) => {
    const run = aShortRun(context);
    const place = ['--port', '0', '--runs', run.runs];
    const first = new CommandProcess(context, ['coordinator', run.file, ...place]);
    const [, url = ''] = await first.line(/--coordinator (ws:\S+)/);
    const workers = [0, 1].map(() => new CommandProcess(context, ['worker', '--coordinator', url]));
    await first.line(/ 8\/30 /);
    first.signal('SIGKILL');
    await first.exit();
    const port = new URL(url).port;
    const folder = onlyRun(run.runs);
    const samePlace = ['--port', port, '--json'];
    const second = new CommandProcess(context, ['coordinator', '--resume', folder, ...samePlace]);
    const { exitCode, stdout, stderr } = await second.exit();
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, / 5\/30 /, 'no committed step is done again');
    for (const worker of workers) {
      const ended = await worker.exit();
      assert.equal(ended.exitCode, 0, ended.stderr);
      assert.match(ended.stderr, /connecting anew/);
    }
    assert.equal(shaOf(stdout), await undisturbed(context, run));
  },
);

test('a run that was stopped is resumed; the end names the command', DEADLINE, async (context) => {
  const run = aShortRun(context);
  const train = new CommandProcess(context, ['train', run.file, '--runs', run.runs]);
  await train.line(/ 4\/30 /);
  train.signal('SIGTERM');
  const stopped = await train.exit();
  assert.equal(stopped.exitCode, 0, stopped.stderr);
  const [, folder = ''] = /go on with: crescendo resume (\S+)/.exec(stopped.stderr) ?? [];
  assert.ok(existsSync(join(folder, 'weights.safetensors')));
  const resumed = await runCommand(context, ['resume', folder, '--json']);
  assert.equal(resumed.exitCode, 0, resumed.stderr);
  assert.equal(shaOf(resumed.stdout), await undisturbed(context, run));
});

test('a run that goes on is not resumed by a second coordinator', DEADLINE, async (context) => {
  const run = aShortRun(context);
  const train = new CommandProcess(context, ['train', run.file, '--runs', run.runs]);
  await train.line(/ 2\/30 /);
  const { exitCode, stderr } = await runCommand(context, ['resume', onlyRun(run.runs)]);
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /error CRESCENDO_RUN_IN_USE: /);
  assert.ok(stderr.includes(`process ${train.child.pid} on ${hostname()}`), stderr);
  train.signal('SIGTERM');
  assert.equal((await train.exit()).exitCode, 0, 'the run was not disturbed');
});

test(
  'exactly the same command goes on with a run that was killed, and --new begins another',
  DEADLINE,
  async (context) => {
    const run = aShortRun(context);
    const port = await freePort();
    const command = ['coordinator', run.file, '--port', `${port}`, '--runs', run.runs, '--json'];
    const first = new CommandProcess(context, command);
    const url = `ws://127.0.0.1:${port}`;
    const workers = [0, 1].map(() => new CommandProcess(context, ['worker', '--coordinator', url]));
    await first.line(/ 8\/30 /);
    first.signal('SIGKILL');
    await first.exit();
    const second = new CommandProcess(context, command);
    const [, from = ''] = await second.line(
      /going on with run \S+: (\d+) steps are committed.*\(--new/,
    );
    assert.ok(Number(from) >= 8, from);
    const { exitCode, stdout, stderr } = await second.exit();
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, / 5\/30 /, 'no committed step is done again');
    for (const worker of workers) assert.equal((await worker.exit()).exitCode, 0);
    assert.equal(shaOf(stdout), await undisturbed(context, run));
    onlyRun(run.runs);
    const third = new CommandProcess(context, command);
    await third.line(/waits for 1 worker/);
    assert.equal(readdirSync(run.runs).length, 2, 'a run that is complete is not gone on with');
    third.signal('SIGKILL');
    await third.exit();
    const fourth = new CommandProcess(context, [...command, '--new']);
    await fourth.line(/waits for 1 worker/);
    assert.equal(readdirSync(run.runs).length, 3);
  },
);
