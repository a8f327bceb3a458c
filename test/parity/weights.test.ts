/** Weights of timm, Keras and google/automl: the same tensors, and the logits of the framework. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { exportedTensors } from '../../lib/weights/export-weights.ts';
import { encodeNpy, readNpy } from '../../lib/weights/npy.ts';
import { predictArray, predictingEngine } from '../../lib/inference/predict.ts';
import {
  readWeightsFile,
  writeWeightsFile,
  type WeightsFile,
} from '../../lib/inference/weights-file.ts';
import type { Prediction } from '../../lib/engine/engine.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { assertGradientsNear, assertNear } from './compare.ts';
import { runPeer } from './python.ts';
import { trainingGradient } from './training.ts';

function flagsOf(model: string) {
  return { model, widthMultiplier: 1, depthMultiplier: 1 };
}

function read(model: string, path: string): Promise<WeightsFile> {
  return readWeightsFile(path, flagsOf(model), { format: 'auto' });
}

async function predict(weights: WeightsFile, input: string): Promise<Prediction> {
  const engine = await predictingEngine(weights, 'tensorflow');
  try {
    return await predictArray(engine, readNpy(input));
  } finally {
    engine.dispose();
  }
}

/** Compares the gradients of a training step: batch statistics, cross-entropy. */
async function assertGradients(
  context: TestContext,
  model: string,
  { network, tensors }: WeightsFile,
  file: (name: string) => string,
): Promise<void> {
  const theirs = await readWeightsFile(file('gradients.safetensors'), flagsOf(model), {
    format: 'timm',
    allowMissing: ['*.moving_*'],
  });
  const input = file('training-input.npy');
  const ours = await trainingGradient({ name: model }, network, tensors, input);
  assertGradientsNear(context, ours.gradients, theirs.tensors);
}

const TRAINED = ['efficientnet-b0', 'efficientnetv2-b0', 'efficientnetv2-s'];

/** Makes a model's files. @returns their folder, and the path of one of them */
async function makeFiles(
  context: TestContext,
  model: string,
  classes: number,
  isAll: boolean,
): Promise<(name: string) => string> {
  const folder = temporaryFolder(context);
  const args = ['--model', model, '--classes', String(classes), '--out', folder];
  await runPeer('keras', 'make_keras.py', [...args, ...(isAll ? ['--all'] : [])]);
  await runPeer('torch', 'make_timm.py', [
    ...args,
    ...(isAll ? ['--halves'] : []),
    ...(TRAINED.includes(model) ? ['--gradients'] : []),
  ]);
  for (const name of ['keras.json', 'timm.json']) {
    context.diagnostic(readFileSync(join(folder, name), 'utf8'));
  }
  return (name) => join(folder, name);
}

for (const model of ['efficientnetv2-b0', 'efficientnet-b0']) {
  test(`${model} from every format has its tensors and its framework's logits`, async (t) => {
    const file = await makeFiles(t, model, 1000, true);
    const first = await read(model, file('weights.h5'));
    assert.equal(first.report.format, 'keras');
    const others = {
      'keras.weights.h5': 'keras',
      'model.keras': 'keras',
      'automl/model.ckpt-1': 'automl',
      'timm.safetensors': 'timm',
    };
    for (const [name, format] of Object.entries(others)) {
      const { tensors, report } = await read(model, file(name));
      assert.equal(report.format, format, name);
      assert.deepEqual(tensors, first.tensors, name);
      if (format === 'automl') assert.ok(report.averagedCount > 200, `${report.averagedCount}`);
    }
    await t.test('Keras 2', async (inner) => {
      if (!existsSync(file('keras2.h5'))) {
        inner.skip('this Python has no tf_keras');
        return;
      }
      for (const name of ['keras2.h5', 'keras2-weights.h5', 'keras2.keras']) {
        assert.deepEqual((await read(model, file(name))).tensors, first.tensors, name);
      }
    });
    // numpy and we write the same bytes.
    assert.deepEqual(
      Buffer.from(encodeNpy(readNpy(file('input.npy')))),
      readFileSync(file('input.npy')),
    );
    const { logits, features } = await predict(first, file('input.npy'));
    assertNear(t, "Keras's logits", logits, file('logits-keras.npy'));
    assertNear(t, "Keras's features", features, file('features-keras.npy'));
    assertNear(t, "timm's logits", logits, file('logits-timm.npy'));
    await assertGradients(t, model, first, file);

    for (const type of ['f16', 'bf16']) {
      const short = await read(model, file(`timm-${type}.safetensors`));
      const widened = await read(model, file(`timm-${type}-widened.safetensors`));
      assert.deepEqual(short.tensors, widened.tensors, type);
      assert.notDeepEqual(short.tensors, first.tensors, type);
    }

    const exported = file('exported.safetensors');
    const { network, tensors, description } = first;
    writeWeightsFile(
      exported,
      'timm',
      first,
      exportedTensors(network, tensors, 'timm'),
      description,
    );
    const args = ['--model', model, '--classes', '1000', '--out', file(''), '--load', exported];
    await runPeer('torch', 'make_timm.py', args);
    assertNear(t, 'the logits of timm with our export', logits, file('logits-loaded.npy'));
  });
}

const OTHERS = ['v2-b1', 'v2-b2', 'v2-b3', 'v2-s', 'v2-m', '-b2'].map(
  (one) => `efficientnet${one}`,
);

for (const model of OTHERS) {
  test(`${model} from Keras and timm has the frameworks' logits`, async (t) => {
    const file = await makeFiles(t, model, 37, false);
    const fromKeras = await read(model, file('weights.h5'));
    const fromTimm = await read(model, file('timm.safetensors'));
    assert.deepEqual(fromTimm.tensors, fromKeras.tensors);
    assert.equal(fromTimm.report.classCount, 37);
    rmSync(file('weights.h5'));
    const { logits } = await predict(fromTimm, file('input.npy'));
    assertNear(t, "Keras's logits", logits, file('logits-keras.npy'));
    assertNear(t, "timm's logits", logits, file('logits-timm.npy'));
    if (TRAINED.includes(model)) await assertGradients(t, model, fromTimm, file);
  });
}
