/** The optimizer state sharded among real workers: the bytes of one that has it all. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { CommandProcess, runCommand, startCluster, type Cluster } from '../support/processes.ts';
import { temporaryFolder, writeRunFile, type RunOverrides } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };
/** Loopback too, but nobody listens there. */
const OTHER_HOST = '127.0.0.2';
const SKIP = process.platform === 'linux' ? false : `${OTHER_HOST} is loopback on Linux only`;

type Finished = RunSummary & { readonly folder: string };

/** @param optimizer besides being sharded */
function overridesOf(
  optimizer: Readonly<Record<string, unknown>>,
  training: Readonly<Record<string, unknown>>,
  others: RunOverrides = {},
): RunOverrides {
  return {
    training: { epochs: 2, learningRate: { peak: 0.02 }, emaDecay: 0.9, optimizer, ...training },
    ...others,
  };
}

const CASES: readonly [what: string, name: string, training: object, others: RunOverrides][] = [
  ['sgd', 'sgd', {}, {}],
  ['rmsprop with clipping', 'rmsprop', { clipNorm: 0.5 }, {}],
  ['adamw in bfloat16', 'adamw', { clipNorm: 1 }, { communication: { compression: 'bfloat16' } }],
  ['frozen parameters', 'adamw', { freeze: ['stem.*'], layerDecay: 0.9 }, {}],
];

for (const [what, name, training, others] of CASES) {
  test(
    `${what}: 1, 2 and 3 workers with shares end with the bytes of one with all`,
    DEADLINE,
    async (context) => {
      const folder = temporaryFolder(context);
      const hashes = new Set<string>();
      for (const [workers, sharded] of [
        [1, false],
        [1, true],
        [2, true],
        [3, true],
      ] as const) {
        const file = writeRunFile(folder, overridesOf({ name, sharded }, { ...training }, others));
        const result = await runCommand(context, [
          'train',
          file,
          '--workers',
          String(workers),
          '--runs',
          join(folder, 'r'),
          '--json',
        ]);
        assert.equal(result.exitCode, 0, result.stderr);
        const summary = JSON.parse(result.stdout) as Finished;
        hashes.add(`${summary.weightsSha256} ${summary.emaValTop1}`);
      }
      assert.equal(hashes.size, 1);
    },
  );
}

test('what shares do not go with is refused, with what to do', DEADLINE, async (context) => {
  const cases: [RunOverrides, RegExp][] = [
    [
      overridesOf({ name: 'lamb', sharded: true }, {}),
      /sharded: true does not go with lamb.*adamw/,
    ],
    [
      overridesOf({ sharded: true }, { localSgd: { innerSteps: 4 } }),
      /sharded: true does not go with training\.localSgd \(innerSteps is 4\)/,
    ],
    [
      overridesOf({ sharded: true }, {}, { communication: { compression: 'int8' } }),
      /sharded: true does not go with communication\.compression int8; use float32, bfloat16/,
    ],
  ];
  for (const [overrides, message] of cases) {
    const file = writeRunFile(temporaryFolder(context), overrides);
    const { exitCode, stderr } = await runCommand(context, ['train', file]);
    assert.equal(exitCode, 2);
    assert.match(stderr, message);
  }
});

/** Steps that are long enough to come and go in. */
const CHURNED = overridesOf({ name: 'rmsprop', sharded: true }, { epochs: 6, clipNorm: 1 });

function startChurned(
  context: TestContext,
  workerArgs: readonly (readonly string[])[],
): Promise<Cluster> {
  const cluster = { minWorkers: workerArgs.length };
  const file = writeRunFile(temporaryFolder(context), { ...CHURNED, cluster });
  return startCluster(context, file, workerArgs);
}

let undisturbed: Promise<string> | undefined;

/** Hash of the weights of one worker alone. */
function expected(context: TestContext): Promise<string> {
  undisturbed ??= (async () => {
    const folder = temporaryFolder(context);
    const file = writeRunFile(folder, CHURNED);
    const result = await runCommand(context, ['train', file, '--runs', folder, '--json']);
    assert.equal(result.exitCode, 0, result.stderr);
    return (JSON.parse(result.stdout) as Finished).weightsSha256;
  })();
  return undisturbed;
}

async function assertSameBytes(context: TestContext, { coordinator }: Cluster): Promise<string> {
  const result = await coordinator.exit();
  assert.equal(result.exitCode, 0, result.stderr);
  const { weightsSha256 } = JSON.parse(result.stdout) as Finished;
  assert.equal(weightsSha256, await expected(context));
  return result.stderr;
}

test(
  'workers on two nodes come, go and are killed, one after the other, with the same bytes',
  DEADLINE,
  async (context) => {
    const cluster = await startChurned(context, [
      ['--machine', 'a'],
      ['--machine', 'a'],
      ['--machine', 'b'],
    ]);
    await cluster.coordinator.line(/\] 2\/\d+ phase/);
    // Stopped, the others cannot be done before the fourth has come.
    cluster.workers[2]?.child.kill('SIGSTOP');
    new CommandProcess(context, ['worker', '--coordinator', cluster.url, '--machine', 'b']);
    await cluster.coordinator.line(/worker 3 is ready/);
    cluster.workers[2]?.child.kill('SIGCONT');
    await cluster.coordinator.line(/slot 3 joined/);
    await cluster.coordinator.line(/\] 4\/\d+ phase/);
    cluster.workers[0]?.child.kill('SIGKILL');
    await cluster.coordinator.line(/worker 0 left/);
    cluster.workers[1]?.child.kill('SIGTERM');
    await cluster.coordinator.line(/1 drained/);
    const output = await assertSameBytes(context, cluster);
    assert.match(output, /is finished by the others/);
  },
);

test(
  'where no worker can dial another parts of the state go through the coordinator',
  { ...DEADLINE, skip: SKIP },
  async (context) => {
    const hidden = (machine: string): string[] => [
      '--machine',
      machine,
      '--advertise-host',
      OTHER_HOST,
      '--metrics-port',
      '0',
    ];
    const cluster = await startChurned(context, [hidden('a'), hidden('b'), hidden('c')]);
    await cluster.coordinator.line(/\] 2\/\d+ phase/);
    cluster.workers[1]?.child.kill('SIGKILL');
    await assertSameBytes(context, cluster);
  },
);

test(
  'when both copies of a part are lost the others go back to the checkpoint, with the same bytes',
  DEADLINE,
  async (context) => {
    const cluster = await startChurned(context, [[], [], [], []]);
    await cluster.coordinator.line(/\] 2\/\d+ phase/);
    // Stopped, nobody can take a part over between the two losses.
    for (const slot of [0, 3]) cluster.workers[slot]?.child.kill('SIGSTOP');
    for (const slot of [1, 2]) cluster.workers[slot]?.child.kill('SIGKILL');
    await cluster.coordinator.line(/both copies of a part/);
    for (const slot of [0, 3]) cluster.workers[slot]?.child.kill('SIGCONT');
    await assertSameBytes(context, cluster);
  },
);
