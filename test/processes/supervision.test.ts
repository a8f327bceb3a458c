/** Workers of `train` that die, and those whose parent dies. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  committedSteps,
  endlessRun,
  eventually,
  isAlive,
  startTraining,
  workerIds,
} from '../support/life.ts';
import { CommandProcess, startCluster } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';
import { writeImage } from '../support/images.ts';

const DEADLINE = { timeout: 120_000 };
test('a worker that dies before it is ready is replaced', DEADLINE, async (context) => {
  const { train } = await startTraining(context, ['--workers', '2']);
  const victim = (await workerIds(train, 2))[1] as number;
  process.kill(victim, 'SIGKILL');
  const ended = `worker pid ${victim} ended with signal SIGKILL.*another is started in 1 s`;
  await train.line(new RegExp(`${ended} \\(1 of at most 5 within 10 min\\)`));
  await train.line(/^generation 1: slots 0, 1/);
  train.signal('SIGTERM');
  assert.equal((await train.exit()).exitCode, 0);
});

test('a worker that dies in a step is replaced', DEADLINE, async (context) => {
  const { train, url } = await startTraining(context, ['--workers', '2']);
  const victim = (await workerIds(train, 2))[0] as number;
  await train.line(/^phase 1/);
  process.kill(victim, 'SIGKILL');
  await train.line(/slot \d joined/);
  const before = await committedSteps(url);
  await eventually(async () => (await committedSteps(url)) > before);
  train.signal('SIGTERM');
  assert.equal((await train.exit()).exitCode, 0);
});

test('no worker outlives a training that is killed', DEADLINE, async (context) => {
  const { train } = await startTraining(context, ['--workers', '2']);
  const workers = await workerIds(train, 2);
  context.after(() => {
    for (const worker of workers) if (isAlive(worker)) process.kill(worker, 'SIGKILL');
  });
  await train.line(/^phase 1/);
  train.signal('SIGKILL');
  await eventually(() => !workers.some(isAlive));
});

test('a run does not wait for a worker that is not started again', DEADLINE, async (context) => {
  const args = ['--workers', '2', '--restarts', '0'];
  const { train } = await startTraining(context, args);
  const victim = (await workerIds(train, 2))[0] as number;
  process.kill(victim, 'SIGKILL');
  const { exitCode, stderr } = await train.exit();
  assert.equal(exitCode, 1);
  assert.match(stderr, /no other is started: 0 restarts within 10 min are the limit/);
  assert.match(stderr, /RUN_ABORTED.*a worker that the run waits for has ended: .*SIGKILL/);
});

test('a worker that would fail again is not started again', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'images');
  for (const name of ['train/a/1', 'train/b/2', 'validation/a/3', 'validation/b/4']) {
    await writeImage(join(path, `${name}.png`));
  }
  const file = writeRunFile(folder, {
    dataset: { name: 'image-folder', path, trainSamplesMax: 0, validationSamplesMax: 0 },
    batch: { globalSize: 2, microBatches: 2 },
    engine: { name: 'js' },
  });
  const train = new CommandProcess(context, ['train', file, '--runs', join(folder, 'runs')]);
  // The coordinator has read them, and no worker has yet.
  await train.line(/dashboard data/);
  rmSync(path, { recursive: true });
  const { exitCode, stderr } = await train.exit();
  assert.equal(exitCode, 1);
  assert.match(stderr, /ended with exit code 1; no other is started: it would fail again/);
  assert.match(stderr, /RUN_ABORTED.*all workers have ended/);
});

/** Shows two GPUs to a command, in a mount namespace of its own. */
const TWO_GPUS = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs none /proc/driver && mkdir -p /proc/driver/nvidia/gpus/0 ' +
    '/proc/driver/nvidia/gpus/1 && exec "$@"',
  'sh',
];

function whyNoNamespace(): string | false {
  return spawnSync('unshare', [...TWO_GPUS.slice(1), 'true']).status === 0
    ? false
    : 'no mount namespace can be made here';
}

/** A coordinator that two workers have joined, which one parent has started for two GPUs. */
async function startPerGpu(
  context: TestContext,
): Promise<{ coordinator: CommandProcess; parent: CommandProcess; workers: number[] }> {
  const { file } = endlessRun(context);
  const { coordinator, url } = await startCluster(context, file, []);
  const args = ['worker', '--coordinator', url, '--gpus', 'all'];
  const parent = new CommandProcess(context, args, { launcher: TWO_GPUS });
  return { coordinator, parent, workers: await workerIds(coordinator, 2) };
}

test(
  'the worker of a GPU is replaced when it dies, and leaves with its parent',
  { ...DEADLINE, skip: whyNoNamespace() },
  async (context) => {
    const { coordinator, parent, workers } = await startPerGpu(context);
    process.kill(workers[0] as number, 'SIGKILL');
    await parent.line(/gpu \d ended with signal SIGKILL.*another is started in 1 s/);
    await coordinator.line(new RegExp(`connected .*pid (?!${workers.join('\\b|')}\\b)`));
    parent.signal('SIGTERM');
    assert.equal((await parent.exit()).exitCode, 0);
  },
);

test(
  'no worker of a GPU outlives its parent',
  { ...DEADLINE, skip: whyNoNamespace() },
  async (context) => {
    const { parent, workers } = await startPerGpu(context);
    parent.signal('SIGKILL');
    await eventually(() => !workers.some(isAlive));
  },
);
