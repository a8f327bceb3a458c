/** Weights files say what they are for, and whoever uses them honors it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { evaluateWeights } from '../../lib/inference/evaluate.ts';
import { predictImages, predictingEngine, ranked } from '../../lib/inference/predict.ts';
import {
  readWeightsFile,
  readWeightsOf,
  writeWeightsFile,
} from '../../lib/inference/weights-file.ts';
import type { WeightsDescription, WeightsFile } from '../../lib/inference/weights-file.ts';
import {
  cropOf,
  interpolationOf,
  preprocessingOf,
  PREPROCESSINGS,
} from '../../lib/data/transforms/preprocessing.ts';
import { defaultModelConfig, parseRunText } from '../../lib/run/parse.ts';
import type { ModelConfig, RunConfig } from '../../lib/run/run-config.ts';
import { buildNetwork } from '../../lib/models/registry.ts';
import { requireStatedModel, useMetadata, useOf } from '../../lib/weights/description.ts';
import { writeImage } from '../support/images.ts';
import { idxImages, idxLabels, writeBytes } from '../support/pixel-files.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { randomTensors, SMALL_MODEL } from '../support/weights.ts';

const MODEL: ModelConfig = {
  ...defaultModelConfig(SMALL_MODEL.model),
  widthMultiplier: 0.2,
  depthMultiplier: 0.2,
};
const AUTO = { format: 'auto' } as const;
const USE = {
  model: MODEL,
  imageSizePx: 24,
  preprocessing: 'whole',
  interpolation: 'bilinear',
  loss: 'softmax',
} as const;

/** A weights file of a small model for two classes. */
function write(context: TestContext, changes: Partial<WeightsDescription> = {}): string {
  const path = join(temporaryFolder(context), 'weights.safetensors');
  const network = buildNetwork(MODEL, 2);
  writeWeightsFile(path, 'crescendo', { network, model: MODEL }, randomTensors(network), {
    preprocessing: 'whole',
    interpolation: 'bilinear',
    classNames: ['blue', 'red'],
    imageSizePx: 24,
    loss: 'softmax',
    ...changes,
  });
  return path;
}

test('a file alone says which network it is, with its size, classes and loss', async (t) => {
  const path = write(t, { loss: 'sigmoid', preprocessing: 'center-crop-imagenet' });
  const { model, network, description } = await readWeightsFile(path, {}, AUTO);
  assert.equal(model.name, 'efficientnetv2-b0');
  assert.equal(model.widthMultiplier, 0.2);
  assert.equal(network.classCount, 2);
  assert.deepEqual(description, {
    classNames: ['blue', 'red'],
    preprocessing: 'center-crop-imagenet',
    interpolation: 'bilinear',
    isStated: true,
    imageSizePx: 24,
    loss: 'sigmoid',
  });
});

test('a name or a run file that says another model is refused with both', async (t) => {
  const path = write(t);
  await assert.rejects(readWeightsFile(path, { model: 'efficientnetv2-b1' }, AUTO), {
    code: 'CRESCENDO_WEIGHTS_INVALID',
    message: /name is efficientnetv2-b0, and --model has efficientnetv2-b1/,
  });
  await assert.rejects(
    readWeightsFile(path, { model: 'efficientnetv2-b0', widthMultiplier: 0.5 }, AUTO),
    /widthMultiplier is 0\.2, and --model has 0\.5/,
  );
  const other = { ...MODEL, depthMultiplier: 1 };
  await assert.rejects(
    readWeightsOf(path, other, true, AUTO),
    /depthMultiplier is 0\.2, and the run file has 1/,
  );
  const named = await readWeightsFile(path, { model: 'efficientnetv2-b0' }, AUTO);
  assert.equal(named.model.widthMultiplier, 0.2, 'what is not given is taken from the file');
});

test('descriptions of later versions, and damaged ones, are refused', () => {
  const metadata = useMetadata(USE);
  assert.equal(useOf('w', metadata)?.imageSizePx, 24);
  assert.equal(useOf('w', { format: 'pt' }), undefined);
  const changed = (from: string, to: string): Record<string, string> => ({
    description: (metadata['description'] ?? '').replace(from, to),
  });
  assert.throws(() => useOf('w', changed('"version":1', '"version":2')), /of version 2, and this/);
  for (const damage of [changed('{', ''), changed('softmax', 'hinge'), changed('24', 'null')]) {
    assert.throws(() => useOf('w', damage), { code: 'CRESCENDO_WEIGHTS_INVALID' });
  }
  requireStatedModel('w', undefined, MODEL, 'the run file');
});

test('each crop of a run has a preprocessing, which crops the same', () => {
  for (const crop of ['none', 'center', 'center-below-320'] as const) {
    assert.equal(cropOf(preprocessingOf(crop)), crop);
  }
});

test('weights with a loss for each class on its own are ranked by that', () => {
  const [first, second] = ranked(Float32Array.of(0, Math.log(3)), undefined, 'sigmoid');
  assert.ok(Math.abs((first?.probability ?? 0) - 0.75) < 1e-7);
  assert.ok(Math.abs((second?.probability ?? 0) - 0.5) < 1e-7);
});

/** Blue and red images, and a run that evaluates on them. */
async function aRun(context: TestContext, dataset: object = {}): Promise<RunConfig> {
  const folder = temporaryFolder(context);
  for (const name of ['blue', 'red']) {
    for (let index = 0; index < 8; index++) {
      const size = { widthPx: 30 + 4 * index, heightPx: 40 };
      const color = name === 'blue' ? `#10${index}0f0` : `#f0${index}010`;
      for (const split of ['train', 'validation']) {
        await writeImage(join(folder, split, name, `${index}.png`), { ...size, color });
      }
    }
  }
  const file = { model: MODEL, dataset: { name: 'image-folder', path: folder, ...dataset } };
  const evaluation = { imageSizePx: 24 };
  return parseRunText(JSON.stringify({ ...file, evaluation, engine: { name: 'js' } }), 'run');
}

test('evaluate and predict agree, whatever preprocessing the weights need', async (t) => {
  const run = await aRun(t);
  for (const preprocessing of PREPROCESSINGS) {
    const path = write(t, { preprocessing, interpolation: interpolationOf(preprocessing) });
    const result = await evaluateWeights(run, path);
    assert.equal(result.preprocessing, preprocessing);
    const weights = await readWeightsFile(path, {}, AUTO);
    const right = await countRight(weights, run.dataset.path ?? '');
    assert.equal(Math.round(result.top1 * result.sampleCount), right, preprocessing);
  }
});

/** How many validation images `predict` names rightly. */
async function countRight(weights: WeightsFile, folder: string): Promise<number> {
  const engine = await predictingEngine(weights, 'js');
  const { predictions: found } = await predictImages(engine, join(folder, 'validation'), {
    sizePx: weights.description.imageSizePx ?? 0,
    preprocessing: weights.description.preprocessing,
    interpolation: weights.description.interpolation,
    classNames: weights.description.classNames,
    classCount: 2,
    loss: 'softmax',
  });
  engine.dispose();
  return found.filter(({ path, top }) => path.startsWith(top[0]?.name ?? '-')).length;
}

test('classes in another order are mapped, and others are refused', async (t) => {
  const path = write(t);
  const plain = await evaluateWeights(await aRun(t), path);
  const turned = await evaluateWeights(await aRun(t, { classes: ['red', 'blue'] }), path);
  assert.deepEqual(
    { top1: turned.top1, loss: turned.loss.toFixed(4) },
    { top1: plain.top1, loss: plain.loss.toFixed(4) },
  );
  const other = write(t, { classNames: ['blue', 'green'] });
  await assert.rejects(evaluateWeights(await aRun(t), other), {
    code: 'CRESCENDO_WEIGHTS_INVALID',
    message: /2 classes apart \(blue, green\) and the dataset has 2 \(blue, red\)/,
  });
});

test('a preprocessing that is not known here is refused by name', async (t) => {
  const path = join(temporaryFolder(t), 'weights.safetensors');
  const network = buildNetwork(MODEL, 2);
  writeWeightsFile(path, 'crescendo', { network, model: MODEL }, randomTensors(network), {
    preprocessing: 'fisheye' as 'whole',
    interpolation: 'bilinear',
    classNames: undefined,
    loss: 'softmax',
  });
  await assert.rejects(readWeightsFile(path, {}, AUTO), /prepared by "fisheye"; known are whole/);
});

test('a file that says nothing needs to be told its model', async (t) => {
  const path = join(temporaryFolder(t), 'weights.safetensors');
  writeFileSync(path, Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 0, 0, 0]), Buffer.from('{}')]));
  await assert.rejects(readWeightsFile(path, {}, AUTO), {
    code: 'CRESCENDO_CONFIG_INVALID',
    message: /either --model NAME or --run FILE; the weights file does not say/,
  });
});

test('weights are not evaluated on a dataset without validation images', async (t) => {
  const run = await aRun(t);
  const dataset = { ...run.dataset, name: 'idx', path: temporaryFolder(t) };
  writeBytes(join(dataset.path, 'train-images-idx3-ubyte'), idxImages(6));
  writeBytes(join(dataset.path, 'train-labels-idx1-ubyte'), idxLabels(6));
  await assert.rejects(evaluateWeights({ ...run, dataset }, write(t)), {
    code: 'CRESCENDO_DATASET_INVALID',
    message: /dataset idx has no validation images: put some/,
  });
});
