/** Workers on several machines, as they say: machine leaders, relays and slow peers, same bytes. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import {
  type CommandProcess,
  runCommand,
  startCluster,
  type Cluster,
} from '../support/processes.ts';
import { temporaryFolder, writeRunFile, type RunOverrides } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };
/** Loopback too, but nobody listens there. */
const OTHER_HOST = '127.0.0.2';
const SKIP = process.platform === 'linux' ? false : `${OTHER_HOST} is loopback on Linux only`;

function overridesOf(format: string, workers: number): RunOverrides {
  return {
    engine: { name: 'js' },
    training: { epochs: 1, learningRate: { peak: 0.02 } },
    schedule: { phases: 1 },
    communication: { compression: format },
    cluster: { minWorkers: workers },
  };
}

const undisturbed = new Map<string, Promise<string>>();

/** Hash of the weights of one worker alone. */
function expected(context: TestContext, format = 'float32'): Promise<string> {
  const known = undisturbed.get(format) ?? trainAlone(context, format);
  undisturbed.set(format, known);
  return known;
}

async function trainAlone(context: TestContext, format: string): Promise<string> {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, overridesOf(format, 1));
  const result = await runCommand(context, ['train', file, '--runs', join(folder, 'r'), '--json']);
  assert.equal(result.exitCode, 0, result.stderr);
  return (JSON.parse(result.stdout) as RunSummary).weightsSha256;
}

function startOn(
  context: TestContext,
  workerArgs: readonly (readonly string[])[],
  format = 'float32',
): Promise<Cluster> {
  const file = writeRunFile(temporaryFolder(context), overridesOf(format, workerArgs.length));
  return startCluster(context, file, workerArgs);
}

/** Waits for the end. @returns what the coordinator said */
async function assertSameBytes(
  { coordinator, workers }: Pick<Cluster, 'coordinator' | 'workers'>,
  sha256: string,
): Promise<string> {
  const result = await coordinator.exit();
  assert.equal(result.exitCode, 0, result.stderr);
  assert.equal((JSON.parse(result.stdout) as RunSummary).weightsSha256, sha256);
  for (const worker of workers) {
    const { exitCode, stderr } = await worker.exit();
    assert.equal(exitCode, 0, stderr);
  }
  return result.stderr;
}

const TWO_MACHINES = [
  ['--machine', 'a'],
  ['--machine', 'a'],
  ['--machine', 'b'],
];

test(
  'three workers on two nodes end with the bytes of one worker, in each format',
  DEADLINE,
  async (context) => {
    const hashes = new Set<string>();
    for (const format of ['float32', 'bfloat16']) {
      const sha256 = await expected(context, format);
      await assertSameBytes(await startOn(context, TWO_MACHINES, format), sha256);
      hashes.add(sha256);
    }
    assert.equal(hashes.size, 2, 'the formats give other bytes');
  },
);

test(
  'a machine leader that is killed in the middle of an all-reduce is replaced in that step',
  DEADLINE,
  async (context) => {
    const sha256 = await expected(context);
    const cluster = await startOn(context, TWO_MACHINES);
    const [leader, one, alone] = cluster.workers as [
      CommandProcess,
      CommandProcess,
      CommandProcess,
    ];
    await cluster.coordinator.line(/\] 1\/\d+ phase/);
    // While the other node stands still no step ends: the machine leader is in the middle of one.
    alone.child.kill('SIGSTOP');
    leader.child.kill('SIGKILL');
    await cluster.coordinator.line(/worker 0 left/);
    alone.child.kill('SIGCONT');
    const output = await assertSameBytes({ ...cluster, workers: [one, alone] }, sha256);
    assert.match(output, /is finished by the others/);
  },
);

test(
  'where no worker can dial another all goes through the coordinator, with the same bytes',
  { ...DEADLINE, skip: SKIP },
  async (context) => {
    const sha256 = await expected(context);
    const hidden = ['a', 'b', 'c'].map((machine) => [
      '--machine',
      machine,
      '--advertise-host',
      OTHER_HOST,
      '--metrics-port',
      '0',
    ]);
    const cluster = await startOn(context, hidden);
    await assertSameBytes(cluster, sha256);
  },
);

test(
  'a worker that stands still again and again only makes the run slow',
  DEADLINE,
  async (context) => {
    const sha256 = await expected(context);
    const cluster = await startOn(context, TWO_MACHINES);
    for (const [step, worker] of cluster.workers.entries()) {
      await cluster.coordinator.line(new RegExp(`\\] ${step + 1}/\\d+ phase`));
      worker.child.kill('SIGSTOP');
      // As slow as this; nothing waits for the time to be over.
      setTimeout(() => worker.child.kill('SIGCONT'), 400);
    }
    const output = await assertSameBytes(cluster, sha256);
    assert.doesNotMatch(output, /slot \d left/);
  },
);
