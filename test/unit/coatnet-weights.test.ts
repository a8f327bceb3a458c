/** CoAtNets in weights files: their form, and their tables of relative bias. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { exportedTensors } from '../../lib/weights/export-weights.ts';
import { decodeSafetensors, encodeSafetensors } from '../../lib/weights/safetensors.ts';
import {
  modelOf,
  readWeightsFile,
  writeWeightsFile,
  type ModelFlags,
} from '../../lib/inference/weights-file.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';
import { coAtNet } from '../../lib/models/coatnet/family.ts';
import { isOf } from '../../lib/models/family.ts';
import type { Network } from '../../lib/models/network.ts';
import { resizedTable } from '../../lib/models/nn/resized-table.ts';
import { parseModelOf } from '../../lib/run/parse.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { randomTensors } from '../support/weights.ts';

const NAMED = { model: 'coatnet-0', widthMultiplier: 0.1, depthMultiplier: 0.1 };
const DESCRIPTION = {
  preprocessing: 'center-crop',
  interpolation: 'bilinear',
  classNames: undefined,
  loss: 'softmax',
} as const;
const AUTO = { format: 'auto' } as const;

function runFile(folder: string, coatnet: object): ModelFlags {
  const run = join(folder, `${JSON.stringify(coatnet).replace(/\W/g, '')}.yaml`);
  const model = { name: 'coatnet-0', widthMultiplier: 0.1, depthMultiplier: 0.1, coatnet };
  writeFileSync(run, JSON.stringify({ model }));
  return { run };
}

/** A weights file of a small CoAtNet of a form, and where it is. */
function prepare(context: TestContext, coatnet: object): { folder: string; path: string } {
  const folder = temporaryFolder(context);
  const path = join(folder, 'weights.safetensors');
  const flags = runFile(folder, coatnet);
  const network = modelOf(flags)(3);
  const written = { network, model: parseModelOf(flags.run ?? '') };
  writeWeightsFile(path, 'crescendo', written, randomTensors(network), DESCRIPTION);
  return { folder, path };
}

test('a weights file keeps the form of its CoAtNet, for commands that only name it', async (t) => {
  const form = { pool: 'avg', stride: 'depthwise', head: 'linear', tableImageSizePx: 64 };
  const { folder, path } = prepare(t, form);
  const { model, network } = await readWeightsFile(path, NAMED, AUTO);
  assert.deepEqual(model.coatnet, { expandFrom: 'output', ...form });
  assert.ok(isOf(coAtNet, network));
  assert.equal(network.spec.options.pool, 'avg');
  const { model: same } = await readWeightsFile(path, runFile(folder, form), AUTO);
  assert.deepEqual(same.coatnet, model.coatnet);
});

test('a run file with another form of CoAtNet than the weights file is refused', async (t) => {
  const { folder, path } = prepare(t, { pool: 'avg' });
  await assert.rejects(
    readWeightsFile(path, runFile(folder, { pool: 'max' }), AUTO),
    /holds a CoAtNet with pool avg, and the run file has model\.coatnet\.pool max/,
  );
});

test('a damaged form of CoAtNet is refused', async (t) => {
  const { folder, path } = prepare(t, {});
  const { tensors } = decodeSafetensors(readFileSync(path));
  for (const coatnet of ['{', '3', '{"pool":"min"}', '{"other":1}']) {
    const damaged = join(folder, 'damaged');
    writeFileSync(damaged, encodeSafetensors(tensors, { coatnet }));
    await assert.rejects(
      readWeightsFile(damaged, NAMED, AUTO),
      /form of CoAtNet .* cannot be read/,
    );
  }
});

/** The tables of relative bias, resized by the forward pass to those of another network. */
function resizedByForwardPass(tensors: readonly NamedTensor[], to: Network): NamedTensor[] {
  const matMul = (a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D => tf.matMul(a, b);
  return to.parameters
    .filter(({ name }) => name.endsWith('.relative_bias.table'))
    .map(({ name, shape }) => {
      const found = tensors.find((tensor) => tensor.name === name);
      assert.ok(found);
      const [rows, columns] = shape as [number, number];
      const table = tf.tensor3d(found.values, found.shape as [number, number, number]);
      const resized = resizedTable(table, rows, columns, { matMul } as Parameters<
        typeof resizedTable
      >[3]);
      return { name, shape, values: resized.dataSync() as Float32Array };
    });
}

test('an import resizes tables for another image size as the forward pass does', async (t) => {
  await import('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  const folder = temporaryFolder(t);
  const from = modelOf(runFile(folder, { tableImageSizePx: 160 }))(3);
  const to = modelOf(NAMED)(3);
  const tensors = randomTensors(from);
  const expected = resizedByForwardPass(tensors, to);
  assert.ok(expected.length > 1);
  for (const format of ['crescendo', 'timm'] as const) {
    const path = join(folder, format);
    writeFileSync(path, encodeSafetensors(exportedTensors(from, tensors, format), {}));
    await assert.rejects(readWeightsFile(path, NAMED, AUTO), /of other shape/);
    const imported = await readWeightsFile(path, NAMED, { ...AUTO, purpose: 'import' });
    assert.deepEqual(
      imported.report.resized,
      expected.map(({ name }) => name),
    );
    for (const { name, shape, values } of expected) {
      const found = imported.tensors.find((tensor) => tensor.name === name);
      assert.ok(found);
      assert.deepEqual(found.shape, shape);
      assert.equal(found.values.length, values.length);
      for (const [at, value] of values.entries()) {
        assert.ok(Math.abs(value - (found.values[at] as number)) < 1e-6, `${name} at ${at}`);
      }
    }
  }
});

test('tables with another number of heads, or of an even side, are refused', async (t) => {
  const { folder, path } = prepare(t, {});
  const { tensors } = decodeSafetensors(readFileSync(path));
  for (const wrong of [
    [27, 27, 7],
    [26, 26, 1],
    [27, 1],
  ]) {
    const changed = tensors.map((tensor) =>
      tensor.name.endsWith('.relative_bias.table')
        ? {
            ...tensor,
            shape: wrong,
            values: new Float32Array(wrong.reduce((left, right) => left * right, 1)),
          }
        : tensor,
    );
    const other = join(folder, 'other');
    writeFileSync(other, encodeSafetensors(changed, {}));
    const reading = readWeightsFile(other, NAMED, { ...AUTO, purpose: 'import' });
    await assert.rejects(reading, /of other shape: blocks/);
  }
});
