/**
 * Runs with lossy compression on real processes: all workers end with one hash, also when one is
 * killed.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { readJournal } from '../../coordinator/journal.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile, type RunOverrides } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };
const LOSSY = ['int8', 'top-k', 'power-sgd'] as const;
const COMMUNICATION = { topKFraction: 0.05, powerSgdRank: 4, guardEverySteps: 4 };

interface Trained extends RunSummary {
  readonly folder: string;
}

interface StepLine {
  readonly kind: string;
  readonly compression: string;
  readonly loss: number;
  readonly cosineSimilarity?: number;
  readonly workers: readonly { readonly bytesSent: number }[];
}

async function train(
  context: TestContext,
  workers: number,
  overrides: RunOverrides,
): Promise<Trained> {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, overrides);
  const runs = join(folder, 'runs');
  const args = ['train', file, '--workers', String(workers), '--runs', runs, '--json'];
  const result = await runCommand(context, args);
  assert.equal(result.exitCode, 0, result.stderr);
  return JSON.parse(result.stdout) as Trained;
}

function stepsIn(folder: string): StepLine[] {
  return readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as StepLine)
    .filter((line) => line.kind === 'step');
}

function bytesSentIn(folder: string): number {
  const last = stepsIn(folder).at(-1);
  return (last?.workers ?? []).reduce((sum, { bytesSent }) => sum + bytesSent, 0);
}

/** Compressions of committed steps, from the journal. */
function compressionsIn(folder: string): string[] {
  const { records } = readJournal(nodeFiles, join(folder, 'journal.bin'));
  return records.flatMap((record) => (record.kind === 'committed' ? [record.compression] : []));
}

const JS: RunOverrides = { engine: { name: 'js' }, schedule: { phases: 1 } };

for (const compression of LOSSY) {
  test(
    `${compression}: three workers with the js engine end with one hash`,
    DEADLINE,
    async (context) => {
      const communication = { compression, ...COMMUNICATION };
      const { folder, succeeded, stepsCommitted } = await train(context, 3, {
        ...JS,
        communication,
      });
      // The coordinator ends a run whose workers hold different weights.
      assert.deepEqual([succeeded, stepsCommitted], [true, 9]);
      assert.deepEqual(compressionsIn(folder), Array(9).fill(compression));
      const measured = stepsIn(folder).map((step) => step.cosineSimilarity !== undefined);
      assert.deepEqual(
        measured,
        measured.map((_, step) => step % 4 === 0),
      );
    },
  );

  test(
    `${compression}: a worker killed in mid-run leaves a run that ends`,
    DEADLINE,
    async (context) => {
      const folder = temporaryFolder(context);
      const communication = { compression, ...COMMUNICATION };
      const file = writeRunFile(folder, { ...JS, communication, cluster: { minWorkers: 3 } });
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
      const [victim, ...survivors] = [0, 1, 2].map(
        () => new CommandProcess(context, ['worker', '--coordinator', url]),
      );
      // Lines come per commit: after the third the fourth is under way.
      await coordinator.line(/\] 3\/9 phase/);
      victim?.child.kill('SIGKILL');
      const result = await coordinator.exit();
      assert.equal(result.exitCode, 0, result.stderr);
      const trained = JSON.parse(result.stdout) as Trained;
      assert.deepEqual([trained.stepsCommitted, trained.samplesCommitted], [9, 200]);
      for (const survivor of survivors) assert.equal((await survivor.exit()).exitCode, 0);
    },
  );
}

test(
  'with TensorFlow two workers learn with each compression what they do with float32, for fewer ' +
    'bytes',
  DEADLINE,
  async (context) => {
    const results = new Map<string, { top1: number; sent: number }>();
    for (const compression of ['float32', ...LOSSY]) {
      const trained = await train(context, 2, {
        model: { widthMultiplier: 0.5, depthMultiplier: 0.5, stochasticDepthRate: 0 },
        dataset: { name: 'fashion-mnist', trainSamplesMax: 6000, validationSamplesMax: 1000 },
        batch: { globalSize: 128, microBatches: 2 },
        training: { epochs: 4, learningRate: { peak: 0.05 }, emaDecay: 0 },
        schedule: {
          phases: 1,
          imageSizePx: { min: 16, max: 16 },
          dropoutRate: { min: 0, max: 0 },
          randAugmentMagnitude: { min: 0, max: 0 },
          mixupAlpha: { min: 0, max: 0 },
          cutmixAlpha: { min: 0, max: 0 },
        },
        augmentation: { crop: 'none' },
        communication: { compression, ...COMMUNICATION, guardEverySteps: 0 },
      });
      results.set(compression, { top1: trained.valTop1 ?? 0, sent: bytesSentIn(trained.folder) });
    }
    context.diagnostic(JSON.stringify([...results]));
    const exact = results.get('float32') ?? { top1: 1, sent: 0 };
    assert.ok(exact.top1 > 0.6, `float32: ${exact.top1}`);
    const most: Record<string, number> = { int8: 0.3, 'top-k': 0.15, 'power-sgd': 0.5 };
    for (const compression of LOSSY) {
      const { top1, sent } = results.get(compression) ?? { top1: 0, sent: Infinity };
      assert.ok(top1 > exact.top1 - 0.06, `${compression}: ${top1}, float32 ${exact.top1}`);
      const share = sent / exact.sent;
      assert.ok(
        share < (most[compression] ?? 0),
        `${compression}: ${share} of the bytes of float32`,
      );
    }
  },
);

test(
  'compressions that a run cannot have are refused, with what to do',
  DEADLINE,
  async (context) => {
    const cases: [RunOverrides, RegExp][] = [
      [
        { communication: { compression: 'int8' }, training: { localSgd: { innerSteps: 4 } } },
        /communication\.compression: int8 does not go with training\.localSgd/,
      ],
      [
        { communication: { compression: 'auto' }, engine: { precision: 'float16' } },
        /communication\.compression: auto does not go with engine\.precision float16/,
      ],
      [
        { communication: { compression: 'auto', allowed: ['int8', 'top-k'] } },
        /communication\.allowed: begins with int8/,
      ],
      [
        { communication: { compression: 'auto', allowed: ['float32', 'top-k', 'int8'] } },
        /communication\.allowed: \[float32, top-k, int8\] names int8 behind less exact compression/,
      ],
      [
        { communication: { compression: 'int4' } },
        /communication\.compression: "int4" is not one of.*did you mean int8/,
      ],
    ];
    for (const [overrides, message] of cases) {
      const file = writeRunFile(temporaryFolder(context), overrides);
      const { exitCode, stderr } = await runCommand(context, ['train', file]);
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
    }
  },
);
