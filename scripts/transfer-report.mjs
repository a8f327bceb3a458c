// Does transfer work? Pre-trains on the MNIST digits 0 to 4, then trains on a few images of 5 to 9
// from those weights and from scratch, in the same number of steps, for several seeds.
//
//   node scripts/transfer-report.mjs [--model NAME] [--samples N] [--seeds N] [--json]
//
// Prints a table (about 4 minutes on two cores), or JSON.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, root } from './ensure-built.mjs';

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string', default: 'efficientnetv2-b0' },
    samples: { type: 'string', default: '200' },
    seeds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});
ensureBuilt();
const scratch = mkdtempSync(join(tmpdir(), 'crescendo-transfer-'));

/** A run of two workers on some digits; what `parts` says overrides. */
function runFile(name, digits, parts) {
  const { training, schedule, dataset, batch, ...others } = parts;
  const run = {
    model: { name: flags.model, widthMultiplier: 0.35, depthMultiplier: 0.4 },
    dataset: { name: 'mnist', classes: digits, ...dataset },
    batch: { globalSize: 128, microBatches: 4, ...batch },
    training: {
      optimizer: { name: 'adamw', epsilon: 1e-8 },
      weightDecay: 0.01,
      emaDecay: 0.9,
      ...training,
    },
    schedule: {
      phases: 1,
      imageSizePx: { min: 28, max: 28 },
      dropoutRate: { min: 0.1, max: 0.1 },
      randAugmentMagnitude: { min: 0, max: 0 },
      ...schedule,
    },
    // Digits have a right way round.
    augmentation: { horizontalFlip: false, crop: 'pad' },
    evaluation: { imageSizePx: 28, atPhaseEnd: false },
    ...others,
  };
  const path = join(scratch, `${name}.json`);
  writeFileSync(path, JSON.stringify(run));
  return path;
}

/** Trains and returns the run's summary and folder. */
function train(name, path) {
  const runs = join(scratch, name);
  const main = join(root, 'dist', 'cli', 'main.js');
  const result = spawnSync(
    process.execPath,
    [main, 'train', path, '--workers', '2', '--runs', runs],
    { encoding: 'utf8' },
  );
  if (result.status !== 0) throw new Error(`${name} failed: ${result.stderr}`);
  const folder = join(runs, readdirSync(runs)[0]);
  return { folder, summary: JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) };
}

const few = {
  dataset: { trainSamplesMax: Number(flags.samples) },
  batch: { globalSize: 40, microBatches: 2 },
};
// The same for both: 30 epochs.
const short = { epochs: 30, learningRate: { peak: 0.002, warmupEpochs: 2 } };

const OLD = ['0', '1', '2', '3', '4'];
const NEW = ['5', '6', '7', '8', '9'];

function percent(ratio) {
  return `${(ratio * 100).toFixed(1)} %`;
}

try {
  const pretraining = { epochs: 4, learningRate: { peak: 0.003, warmupEpochs: 0.5 } };
  const first = train('first', runFile('first', OLD, { training: pretraining }));
  const initialWeights = join(first.folder, 'weights-ema.safetensors');
  const runs = [];
  for (let seed = 1; seed <= Number(flags.seeds); seed++) {
    const [fromScratch, transferred] = [{}, { initialWeights }].map((start, index) => {
      const name = `${index === 0 ? 'scratch' : 'transfer'}-${seed}`;
      return train(name, runFile(name, NEW, { ...few, seed, training: short, ...start })).summary;
    });
    if (fromScratch.stepsCommitted !== transferred.stepsCommitted) throw new Error('unequal steps');
    runs.push({
      seed,
      steps: transferred.stepsCommitted,
      scratchTop1: fromScratch.emaValTop1,
      transferTop1: transferred.emaValTop1,
    });
  }
  const report = {
    model: first.summary.model,
    pretraining: {
      digits: OLD,
      steps: first.summary.stepsCommitted,
      top1: first.summary.emaValTop1,
    },
    fineTuning: { digits: NEW, images: Number(flags.samples), runs },
  };
  if (flags.json) {
    console.log(JSON.stringify(report));
  } else {
    const { steps, top1 } = report.pretraining;
    console.log(
      `${report.model} on digits ${OLD.join(' ')}: ${steps} steps, top-1 ${percent(top1)}`,
    );
    console.log(
      `\nthen on ${flags.samples} images of digits ${NEW.join(' ')}, validation top-1:\n`,
    );
    console.log('| seed | steps | from scratch | from those weights |\n|---|---|---|---|');
    for (const { seed, steps: count, scratchTop1, transferTop1 } of runs) {
      console.log(`| ${seed} | ${count} | ${percent(scratchTop1)} | ${percent(transferTop1)} |`);
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
