/** Weights of timm, Keras and google/automl: the same tensors, and the logits of the framework. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { exportedTensors } from '../../checkpoint/export-weights.ts';
import { encodeNpy, readNpy } from '../../checkpoint/npy.ts';
import { predictArray, predictingEngine } from '../../cli/predict.ts';
import { readWeightsFile, writeWeightsFile, type WeightsFile } from '../../cli/weights-file.ts';
import type { Prediction } from '../../engine/engine.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { runPeer } from './python.ts';

/** Of the standard deviation of the framework's values. */
const TOLERANCE = 1e-3;

function flagsOf(variant: string) {
  return { model: `efficientnetv2-${variant}`, widthMultiplier: 1, depthMultiplier: 1 };
}

function read(variant: string, path: string): Promise<WeightsFile> {
  return readWeightsFile(path, flagsOf(variant), { format: 'auto' });
}

async function predict(variant: string, weights: WeightsFile, input: string): Promise<Prediction> {
  const engine = await predictingEngine(flagsOf(variant), weights, 'tensorflow');
  try {
    return await predictArray(engine, readNpy(input));
  } finally {
    engine.dispose();
  }
}

/** Largest difference over the standard deviation of what is expected. */
function deviation(actual: Float32Array, expected: Float32Array): number {
  assert.equal(actual.length, expected.length);
  const mean = expected.reduce((sum, value) => sum + value, 0) / expected.length;
  const variance = expected.reduce((sum, value) => sum + (value - mean) ** 2, 0) / expected.length;
  let largest = 0;
  for (const [index, value] of actual.entries()) {
    largest = Math.max(largest, Math.abs(value - (expected[index] as number)));
  }
  assert.ok(variance > 0, 'all expected values are equal');
  return largest / Math.sqrt(variance);
}

function assertNear(
  context: TestContext,
  what: string,
  actual: Float32Array,
  expected: string,
): void {
  const difference = deviation(actual, readNpy(expected).values);
  context.diagnostic(`${what}: ${difference.toExponential(1)} of the standard deviation`);
  assert.ok(difference <= TOLERANCE, `${what} differ by ${difference} of the standard deviation`);
}

/** Makes a variant's files. @returns their folder, and the path of one of them */
async function makeFiles(
  context: TestContext,
  variant: string,
  classes: number,
  isAll: boolean,
): Promise<(name: string) => string> {
  const folder = temporaryFolder(context);
  const args = ['--variant', variant, '--classes', String(classes), '--out', folder];
  await runPeer('keras', 'make_keras.py', [...args, ...(isAll ? ['--all'] : [])]);
  await runPeer('torch', 'make_timm.py', [...args, ...(isAll ? ['--halves'] : [])]);
  for (const name of ['keras.json', 'timm.json']) {
    context.diagnostic(readFileSync(join(folder, name), 'utf8'));
  }
  return (name) => join(folder, name);
}

test('B0 from every format has the same tensors and the logits of its framework', async (t) => {
  const file = await makeFiles(t, 'b0', 1000, true);
  const first = await read('b0', file('weights.h5'));
  assert.equal(first.report.format, 'keras');
  const others = {
    'keras.weights.h5': 'keras',
    'model.keras': 'keras',
    'automl/model.ckpt-1': 'automl',
    'timm.safetensors': 'timm',
  };
  for (const [name, format] of Object.entries(others)) {
    const { tensors, report } = await read('b0', file(name));
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
      assert.deepEqual((await read('b0', file(name))).tensors, first.tensors, name);
    }
  });
  // numpy and we write the same bytes.
  assert.deepEqual(
    Buffer.from(encodeNpy(readNpy(file('input.npy')))),
    readFileSync(file('input.npy')),
  );
  const { logits, features } = await predict('b0', first, file('input.npy'));
  assertNear(t, "Keras's logits", logits, file('logits-keras.npy'));
  assertNear(t, "Keras's features", features, file('features-keras.npy'));
  assertNear(t, "timm's logits", logits, file('logits-timm.npy'));

  for (const type of ['f16', 'bf16']) {
    const short = await read('b0', file(`timm-${type}.safetensors`));
    const widened = await read('b0', file(`timm-${type}-widened.safetensors`));
    assert.deepEqual(short.tensors, widened.tensors, type);
    assert.notDeepEqual(short.tensors, first.tensors, type);
  }

  const exported = file('exported.safetensors');
  const { network, tensors, description } = first;
  writeWeightsFile(
    exported,
    'timm',
    network,
    exportedTensors(network, tensors, 'timm'),
    description,
  );
  const args = ['--variant', 'b0', '--classes', '1000', '--out', file(''), '--load', exported];
  await runPeer('torch', 'make_timm.py', args);
  assertNear(t, 'the logits of timm with our export', logits, file('logits-loaded.npy'));
});

for (const variant of ['b1', 'b2', 'b3', 's', 'm']) {
  test(`${variant.toUpperCase()} from Keras and timm has the frameworks' logits`, async (t) => {
    const file = await makeFiles(t, variant, 37, false);
    const fromKeras = await read(variant, file('weights.h5'));
    const fromTimm = await read(variant, file('timm.safetensors'));
    assert.deepEqual(fromTimm.tensors, fromKeras.tensors);
    assert.equal(fromTimm.report.classCount, 37);
    rmSync(file('weights.h5'));
    const { logits } = await predict(variant, fromTimm, file('input.npy'));
    assertNear(t, "Keras's logits", logits, file('logits-keras.npy'));
    assertNear(t, "timm's logits", logits, file('logits-timm.npy'));
  });
}
