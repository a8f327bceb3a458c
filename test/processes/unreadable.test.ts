/** Images that cannot be decoded do not cost a run its end. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, truncateSync, statSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const DEADLINE = { timeout: 120_000 };

/** Two classes of noise, four training and three validation images each. */
async function writeImages(folder: string): Promise<void> {
  for (const [split, count] of [
    ['train', 4],
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

test('a training image that is cut off ends the run by its name', DEADLINE, async (context) => {
  const folder = temporaryFolder(context);
  await writeImages(join(folder, 'images'));
  cut(join(folder, 'images/train/dog/0.jpg'));
  const { exitCode, stderr } = await train(context, folder);
  assert.equal(exitCode, 1);
  assert.match(stderr, /CRESCENDO_IMAGE_UNREADABLE: cannot decode .*train\/dog\/0\.jpg/);
});
