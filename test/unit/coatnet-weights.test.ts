/** CoAtNets in weights files: their form, and their tables of relative bias. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { decodeSafetensors, encodeSafetensors } from '../../checkpoint/safetensors.ts';
import {
  modelOf,
  readWeightsFile,
  writeWeightsFile,
  type ModelFlags,
} from '../../cli/weights-file.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { randomTensors } from '../support/weights.ts';

const NAMED = { model: 'coatnet-0', widthMultiplier: 0.1, depthMultiplier: 0.1 };
const DESCRIPTION = { preprocessing: 'centre-crop', classNames: undefined } as const;
const AUTO = { format: 'auto' } as const;

function runFile(folder: string, coatnet: object): ModelFlags {
  const run = join(folder, `${JSON.stringify(coatnet).replace(/\W/g, '')}.yaml`);
  const model = { name: 'coatnet-0', widthMultiplier: 0.1, depthMultiplier: 0.1, coatnet };
  writeFileSync(run, JSON.stringify({ model }));
  return { run, widthMultiplier: 1, depthMultiplier: 1 };
}

/** A weights file of a small CoAtNet of a form, and where it is. */
function prepare(context: TestContext, coatnet: object): { folder: string; path: string } {
  const folder = temporaryFolder(context);
  const path = join(folder, 'weights.safetensors');
  const network = modelOf(runFile(folder, coatnet))(3);
  writeWeightsFile(path, 'crescendo', network, randomTensors(network), DESCRIPTION);
  return { folder, path };
}

test('a weights file keeps the form of its CoAtNet, for commands that only name it', async (t) => {
  const form = { pool: 'avg', stride: 'depthwise', head: 'linear', tableImageSizePx: 64 };
  const { folder, path } = prepare(t, form);
  const { model, network } = await readWeightsFile(path, NAMED, AUTO);
  assert.deepEqual(model.coatnet, { expandFrom: 'output', ...form });
  assert.ok(network.family === 'coatnet');
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
