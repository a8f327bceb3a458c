/** A run file that only names its model has the settings with which that model was published. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { listModels } from '../../lib/models/registry.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { recipeInWords } from '../../lib/run/recipes/registry.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';

function run(name: string, rest: object = {}): RunConfig {
  return parseRunText(JSON.stringify({ model: { name }, ...rest }), 'run');
}

const PUBLISHED_BATCH = { batch: { globalSize: 4096, microBatches: 64 } };

test('ViT is trained with AdamW at one size, by the batch and length of the run', () => {
  const { training, schedule, evaluation } = run('vit-b16', {
    ...PUBLISHED_BATCH,
    training: { epochs: 300 },
  });
  assert.equal(training.optimizer.name, 'adamw');
  assert.equal(training.learningRate.peak, 0.003);
  assert.ok(Math.abs(training.learningRate.warmupEpochs - 31.97) < 0.01);
  assert.equal(training.weightDecay, 0.3);
  assert.equal(training.clipNorm, 1);
  assert.deepEqual(schedule.imageSizePx, { min: 224, max: 224 });
  assert.equal(schedule.phases, 1);
  assert.equal(schedule.randAugmentMagnitude.max, 0);
  assert.equal(evaluation.imageSizePx, 224);
  const small = run('vit-b16', { batch: { globalSize: 256 } }).training.learningRate;
  assert.equal(small.peak, 0.00075, 'the square root of a sixteenth');
  assert.ok(small.warmupEpochs < 1, 'warm-up ends within the run');
});

test('each model has its own sizes, and says when training is not as published', () => {
  for (const { name, schedule, trainImageSizePx, evaluationImageSizePx } of listModels()) {
    const plain = run(name);
    assert.equal(plain.schedule.imageSizePx.max, trainImageSizePx, name);
    assert.equal(plain.evaluation.imageSizePx, evaluationImageSizePx, name);
    assert.deepEqual(plain.schedule.dropoutRate, schedule.dropoutRate, name);
    const isVersion2 = name.startsWith('efficientnetv2-');
    const other = /^not as published .*optimizer rmsprop, peak 0\.016/;
    const words = isVersion2 ? other : /^as published/;
    assert.match(recipeInWords(plain), words, name);
  }
  assert.equal(run('resnet-50').training.learningRate.peak, 0.1);
  assert.equal(run('coatnet-3').model.stochasticDepthRate, 0.7);
  assert.equal(run('efficientnet-b0').augmentation.autoAugment, 'imagenet-v0');
  assert.match(recipeInWords(run('my-net')), /no published recipe of my-net is known here/);
});

test('what a run file says stays, with what belongs to it', () => {
  const sgd = run('vit-b16', { training: { optimizer: { name: 'sgd' } } });
  assert.equal(sgd.training.learningRate.peak, 0.1);
  assert.equal(sgd.training.weightDecay, 0.00001);
  assert.match(recipeInWords(sgd), /not as published for ViT .*: optimizer adamw, peak 0\.00075/);
  const rate = { peak: 0.01, warmupSteps: 7 };
  const { training } = run('vit-b16', { training: { learningRate: rate } });
  assert.equal(training.learningRate.peak, 0.01);
  assert.equal(training.learningRate.warmupEpochs, 0);
  assert.equal(training.optimizer.name, 'adamw');
  const grown = run('vit-b16', { schedule: { imageSizePx: { min: 32, max: 64 } } });
  assert.equal(grown.schedule.phases, 4, 'a range of sizes has phases in which it grows');
  const strong = { schedule: { randAugmentMagnitude: { min: 5, max: 9 } } };
  assert.equal(run('efficientnet-b0', strong).augmentation.autoAugment, 'none');
  const steps = run('resnet-50', { training: { steps: 1000 } }).training.learningRate;
  assert.equal(steps.decay, 'cosine', 'stairs have no length in steps');
});

test('the run files from scratch are as published, for their batch and length', () => {
  const folder = join(PROJECT_ROOT, 'configs');
  const names = readdirSync(folder).filter((name) => /-[0-4sml]-imagenet1k\.yaml$/.test(name));
  const fromScratch = names.filter((name) => !name.includes('21k'));
  assert.equal(fromScratch.length, 7);
  for (const name of fromScratch) {
    const text = readFileSync(join(folder, name), 'utf8');
    const given = parseRunText(text, name);
    assert.match(recipeInWords(given), /^as published for/, name);
    const { model, batch, training } = parse(text) as Record<string, Record<string, unknown>>;
    const { epochs } = training ?? {};
    const plain = parseRunText(JSON.stringify({ model, batch, training: { epochs } }), name);
    assert.deepEqual(plain.schedule.imageSizePx, given.schedule.imageSizePx, name);
    assert.deepEqual(
      plain.schedule.randAugmentMagnitude,
      given.schedule.randAugmentMagnitude,
      name,
    );
  }
});
