/** Images that cannot be decoded do not cost a run its end. */
import assert from 'node:assert/strict';
import {
  mkdirSync,
  readFileSync,
  truncateSync,
  statSync,
  existsSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { CommandProcess, runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile, type RunOverrides } from '../support/run-files.ts';
import { weightsSha256Of } from '../support/weights-hash.ts';

const DEADLINE = { timeout: 120_000 };

/** Two classes of noise, with three validation images each. */
async function writeImages(folder: string, trainingImages = 4): Promise<void> {
  for (const [split, count] of [
    ['train', trainingImages],
    ['validation', 3],
  ] as const) {
    for (const name of ['cat', 'dog']) {
      mkdirSync(join(folder, split, name), { recursive: true });
      for (let index = 0; index < count; index++) {
        const noise = { type: 'gaussian', mean: 128, sigma: 60 } as const;
        const create = { width: 64, height: 48, channels: 3, background: 'red', noise } as const;
        await sharp({ create }).toFile(join(folder, split, name, `${index}.jpg`));
      }
    }
  }
}

/** Cuts a file to 60 %, so that its header can still be read. */
function cut(path: string): void {
  truncateSync(path, Math.floor(statSync(path).size * 0.6));
}

async function train(context: TestContext, folder: string): ReturnType<typeof runCommand> {
  const file = writeRunFile(folder, {
    dataset: {
      name: 'image-folder',
      path: join(folder, 'images'),
      trainSamplesMax: 0,
      validationSamplesMax: 0,
    },
    batch: { globalSize: 4, microBatches: 2 },
    training: { epochs: 1, steps: 2 },
    schedule: { phases: 1, imageSizePx: { min: 16, max: 16 } },
    engine: { name: 'js' },
  });
  return runCommand(context, ['train', file, '--json', '--runs', join(folder, 'runs')], {
    environment: { CRESCENDO_HOME: join(folder, 'home') },
  });
}

test(
  'validation images that are cut off are named once, counted and left out',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    await writeImages(join(folder, 'images'));
    cut(join(folder, 'images/validation/cat/1.jpg'));
    cut(join(folder, 'images/validation/dog/2.jpg'));
    const { exitCode, stdout, stderr } = await train(context, folder);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /\(4 images\)/);
    assert.match(stderr, /2 validation images were left out:/);
    for (const name of ['cat/1.jpg', 'dog/2.jpg']) {
      assert.equal(
        stderr.split(`cannot decode ${join(folder, 'images/validation', name)}`).length,
        2,
      );
    }
    const summary = JSON.parse(stdout) as { valUnreadable: number; folder: string };
    assert.equal(summary.valUnreadable, 2);
    assert.ok(existsSync(join(summary.folder, 'weights.safetensors')));
    const lines = readFileSync(join(summary.folder, 'metrics.jsonl'), 'utf8');
    assert.match(lines, /"sampleCount":4,"unreadableCount":2/);
  },
);

/** A run on images of which some are cut off, or not there. */
function writeBadRun(folder: string, overrides: RunOverrides): string {
  return writeRunFile(folder, {
    batch: { globalSize: 8, microBatches: 4 },
    training: { steps: 12 },
    schedule: { phases: 1, imageSizePx: { min: 16, max: 16 } },
    ...overrides,
    dataset: {
      name: 'image-folder',
      path: join(folder, 'images'),
      trainSamplesMax: 0,
      validationSamplesMax: 0,
      ...overrides['dataset'],
    },
  });
}

interface BadRun {
  readonly weightsSha256: string;
  readonly badSamples: number;
  readonly stepsCommitted: number;
  readonly folder: string;
}

test(
  'a training image that is cut off ends the run by its name and index, with its weights',
  DEADLINE,
  async (context) => {
    const folder = temporaryFolder(context);
    await writeImages(join(folder, 'images'), 20);
    cut(join(folder, 'images/train/dog/0.jpg'));
    const file = writeBadRun(folder, { engine: { name: 'js' } });
    const args = ['train', file, '--json', '--workers', '2', '--runs', join(folder, 'runs')];
    const { exitCode, stdout, stderr } = await runCommand(context, args, {
      environment: { CRESCENDO_HOME: join(folder, 'home') },
    });
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /CRESCENDO_IMAGE_UNREADABLE: cannot decode .*train\/dog\/0\.jpg: .* \(training sample \d+\)/,
    );
    const summary = JSON.parse(stdout) as BadRun;
    assert.ok(summary.stepsCommitted > 0 && summary.stepsCommitted < 12);
    const weights = readFileSync(join(summary.folder, 'weights.safetensors'));
    assert.equal(weightsSha256Of(weights), summary.weightsSha256);
    const [bad] = badSamplesIn(summary.folder);
    assert.match(bad?.name ?? '', /train\/dog\/0\.jpg$/);
  },
);

function badSamplesIn(runFolder: string): { index: number; name: string; reason: string }[] {
  const lines = readFileSync(join(runFolder, 'bad-samples.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { index: number; name: string; reason: string });
}

for (const name of ['js', 'tensorflow'] as const) {
  test(
    `with ${name}, replaced images give the same weights from any workers and threads, with a kill`,
    DEADLINE,
    async (context) => {
      const folder = temporaryFolder(context);
      await writeImages(join(folder, 'images'), 20);
      cut(join(folder, 'images/train/dog/0.jpg'));
      cut(join(folder, 'images/train/cat/3.jpg'));
      writeFileSync(join(folder, 'images/train/cat/7.jpg'), '<html></html>');
      const file = writeBadRun(folder, {
        dataset: { badSamples: 'skip' },
        engine: { name, intraOpThreads: 1 },
      });
      const runs = ['--json', '--runs', join(folder, 'runs')];
      const environment = (threads: number): NodeJS.ProcessEnv => ({
        CRESCENDO_DATA_THREADS: String(threads),
      });
      const alone = await runCommand(context, ['train', file, ...runs], {
        environment: environment(1),
      });
      assert.equal(alone.exitCode, 0, alone.stderr);
      const one = JSON.parse(alone.stdout) as BadRun;
      assert.equal(one.badSamples, 3);
      const found = badSamplesIn(one.folder);
      const names = found.map((sample) => sample.name.split('/').slice(-2).join('/')).sort();
      assert.deepEqual(names, ['cat/3.jpg', 'cat/7.jpg', 'dog/0.jpg']);
      for (const text of names) {
        const noticed = alone.stderr.split('\n').filter((line) => line.includes('training sample'));
        assert.equal(noticed.filter((line) => line.includes(text)).length, 1, text);
      }

      const three = await trainWithKill(context, file, runs, environment(3));
      assert.equal(three.weightsSha256, one.weightsSha256);
      const ordered = (samples: typeof found): typeof found =>
        [...samples].sort((left, right) => left.index - right.index);
      assert.deepEqual(ordered(badSamplesIn(three.folder)), ordered(found));
    },
  );
}

/** Three workers, one of which is killed in the middle. */
async function trainWithKill(
  context: TestContext,
  file: string,
  runs: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<BadRun> {
  const args = ['coordinator', file, '--port', '0', ...runs];
  const coordinator = new CommandProcess(context, args, { environment });
  const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
  const workers = [0, 1, 2].map(
    () => new CommandProcess(context, ['worker', '--coordinator', url], { environment }),
  );
  await coordinator.line(/\] 4\/12 phase/);
  workers[1]?.child.kill('SIGKILL');
  const result = await coordinator.exit();
  assert.equal(result.exitCode, 0, result.stderr);
  return JSON.parse(result.stdout) as BadRun;
}
