/** Steps with infinite values on real processes: skipped alike, and what made them is named. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import sharp from 'sharp';
import { encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { readJournal } from '../../coordinator/journal.ts';
import { nodeFiles } from '../../lib/storage/node-files.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { anEngine } from '../support/engines.ts';
import { runCommand } from '../support/processes.ts';
import { smallRun, temporaryFolder } from '../support/run-files.ts';

const DEADLINE = { timeout: 240_000 };
const SIDE_PX = 12;
const TRAIN_IMAGES = 24;
/** Makes the variance of what the stem gives infinite for the black-and-white image alone. */
const STEM_SCALE = 3e19;

interface Trained extends RunSummary {
  readonly folder: string;
  readonly log: string;
}

async function writeGray(path: string, contrast: number, seed: number): Promise<void> {
  const raw = Buffer.alloc(SIDE_PX * SIDE_PX * 3);
  for (let at = 0; at < raw.length; at++) {
    raw[at] =
      128 + contrast * ((Math.floor(at / 3) + Math.floor(at / 36) * seed) % 2 === 0 ? 1 : -1);
  }
  const shape = { width: SIDE_PX, height: SIDE_PX, channels: 3 } as const;
  await sharp(raw, { raw: shape }).png().toFile(path);
}

/** Four classes of nearly plain images, one of which has full contrast; weights near overflow. */
async function prepare(context: TestContext): Promise<string> {
  const folder = temporaryFolder(context);
  for (const split of ['train', 'validation']) {
    for (let index = 0; index < TRAIN_IMAGES; index++) {
      const into = join(folder, 'images', split, `class${index % 4}`);
      mkdirSync(into, { recursive: true });
      const isOutlier = split === 'train' && index === 5;
      await writeGray(join(into, `${index}.png`), isOutlier ? 127 : 1, 1 + (index % 3));
    }
  }
  const engine = await anEngine();
  const weights = engine.exportWeights('raw').map((one) => ({
    ...one,
    values: one.name === 'stem.conv.kernel' ? one.values.map((v) => v * STEM_SCALE) : one.values,
  }));
  engine.dispose();
  writeFileSync(join(folder, 'initial.safetensors'), encodeSafetensors(weights, {}));
  const none = { min: 0, max: 0 };
  const run = smallRun({
    dataset: {
      name: 'image-folder',
      path: './images',
      trainSamplesMax: 0,
      validationSamplesMax: 8,
    },
    batch: { globalSize: 12, microBatches: 6 },
    schedule: {
      phases: 1,
      imageSizePx: { min: SIDE_PX, max: SIDE_PX },
      randAugmentMagnitude: none,
      mixupAlpha: none,
      cutmixAlpha: none,
    },
    augmentation: { crop: 'none' },
    engine: { name: 'js' },
  });
  const file = join(folder, 'run.yaml');
  writeFileSync(file, `${run}initialWeights: initial.safetensors\n`);
  return file;
}

async function train(context: TestContext, file: string, workers: number): Promise<Trained> {
  const runs = join(temporaryFolder(context), 'runs');
  const args = ['train', file, '--workers', String(workers), '--runs', runs, '--json'];
  const result = await runCommand(context, args);
  assert.equal(result.exitCode, 0, result.stderr);
  return { ...(JSON.parse(result.stdout) as Trained), log: result.stderr };
}

test(
  'an overflowing micro-batch is skipped alike by 1 and 2 workers, named and counted',
  DEADLINE,
  async (context) => {
    const file = await prepare(context);
    const one = await train(context, file, 1);
    const two = await train(context, file, 2);
    assert.equal(two.weightsSha256, one.weightsSha256);
    for (const { folder, log, stepsSkipped, stepsCommitted, samplesCommitted } of [one, two]) {
      // The image comes once in each of the two epochs of two steps.
      assert.deepEqual([stepsCommitted, stepsSkipped, samplesCommitted], [4, 2, 48]);
      const { records } = readJournal(nodeFiles, join(folder, 'journal.bin'));
      const named = records.flatMap((record) => (record.kind === 'nonfinite' ? [record] : []));
      assert.equal(named.length, 2);
      for (const { step, isSkipped, microBatches } of named) {
        assert.equal(isSkipped, true);
        assert.equal(microBatches.length, 1);
        const { microBatch, slot, firstPosition, sampleCount } = microBatches[0] ?? assert.fail();
        assert.deepEqual([firstPosition, sampleCount], [step * 12 + microBatch * 2, 2]);
        const committed = records.find((record) => 'leases' in record && record.step === step);
        assert.ok(committed?.kind === 'committed');
        const lease = committed.leases.find((lease) => lease.slot === slot);
        assert.ok(lease?.microBatches.includes(microBatch));
        assert.match(
          log,
          new RegExp(
            `step ${step} is skipped by all workers, .* micro-batch ${microBatch} of slot ` +
              `${slot} \\(positions ${firstPosition} to ${firstPosition + 1}\\)`,
          ),
        );
      }
      const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').split('\n');
      assert.equal(lines.filter((line) => line.includes('"skipped":true')).length, 2);
    }
  },
);
