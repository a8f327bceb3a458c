/** Starting a run from a weights file. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fitWeights } from '../../checkpoint/fit-weights.ts';
import { encodeSafetensors } from '../../checkpoint/safetensors.ts';
import { fingerprintOf } from '../../config/fingerprint.ts';
import { parseModelOf, parseRunFile, parseTrainedRunFile } from '../../config/parse-run-file.ts';
import { createEngine } from '../../engine/create-engine.ts';
import type { NamedTensor } from '../../engine/engine.ts';
import { loadInitialWeights } from '../../worker/initial-weights.ts';
import { anEngine } from '../support/engines.ts';
import { smallRun, temporaryFolder } from '../support/run-files.ts';

async function pretrained(shift: number): Promise<NamedTensor[]> {
  const engine = await anEngine();
  const tensors = engine.exportWeights('raw');
  engine.dispose();
  // Values that no seed gives.
  return tensors.map((one) => ({ ...one, values: one.values.map((value) => value + shift) }));
}

function runFileIn(folder: string, tensors: readonly NamedTensor[]): string {
  writeFileSync(join(folder, 'weights.safetensors'), encodeSafetensors(tensors, {}));
  const path = join(folder, 'run.yaml');
  const text = smallRun({ engine: { name: 'js' } });
  writeFileSync(path, `${text}initialWeights: weights.safetensors\n`);
  return path;
}

test('an engine starts from the file, its EMA too', async (context) => {
  const tensors = await pretrained(3);
  const run = parseRunFile(runFileIn(temporaryFolder(context), tensors));
  const engine = await createEngine(run, 4);
  assert.match(loadInitialWeights(run, engine) as string, /starting from .*weights\.safetensors$/);
  for (const which of ['raw', 'ema'] as const) {
    assert.deepEqual(engine.exportWeights(which), tensors);
  }
  engine.dispose();
});

test('a classifier for other classes starts anew from the seed, and is named', async (context) => {
  const tensors = await pretrained(3);
  const run = parseRunFile(runFileIn(temporaryFolder(context), tensors));
  const engine = await createEngine(run, 7);
  const fresh = engine.exportWeights('raw');
  const notice = loadInitialWeights(run, engine) as string;
  assert.match(notice, /4 classes, not 7, .*head\.dense\.kernel, head\.dense\.bias/);
  for (const [index, { name, values }] of engine.exportWeights('raw').entries()) {
    const expected = name.startsWith('head.dense.') ? fresh[index] : tensors[index];
    assert.deepEqual(values, expected?.values, name);
  }
  engine.dispose();
});

test('weights of another model are refused with what does not fit', async () => {
  const tensors = await pretrained(3);
  const own = await anEngine({ model: { name: 'efficientnetv2-b0', widthMultiplier: 0.5 } });
  const wanted = own.exportWeights('raw');
  own.dispose();
  assert.throws(
    () => fitWeights(wanted, tensors),
    /stem\.conv\.kernel is \[3, 3, 3, 8\], not \[3, 3, 3, 16\]/,
  );
  const [first, ...rest] = tensors as [NamedTensor, ...NamedTensor[]];
  const renamed = [{ ...first, name: 'stem.other' }, ...rest];
  assert.throws(() => fitWeights(tensors, renamed), /stem\.conv\.kernel is missing/);
  assert.throws(() => fitWeights(tensors, renamed), /stem\.other is not in the model/);
});

test('another file under the same name is refused, and is another run', async (context) => {
  const folder = temporaryFolder(context);
  const tensors = await pretrained(3);
  const path = runFileIn(folder, tensors);
  const run = parseRunFile(path);
  runFileIn(folder, await pretrained(4));
  const engine = await createEngine(run, 4);
  assert.throws(() => loadInitialWeights(run, engine), /SHA-256 \w{64} here, and \w{64} where/);
  assert.notEqual(fingerprintOf(parseRunFile(path)), fingerprintOf(run));
  engine.dispose();
});

test('a missing file is wrong use, but a plan can do without', (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'run.yaml');
  writeFileSync(path, `${smallRun()}initialWeights: none.safetensors\n`);
  assert.throws(() => parseRunFile(path), /initialWeights: there is no file .*none\.safetensors/);
  assert.equal(parseRunFile(path, true).initialWeightsSha256, undefined);
});

test('config.json of a run is a run file that pins its initial weights', async (context) => {
  const folder = temporaryFolder(context);
  const run = parseRunFile(runFileIn(folder, await pretrained(3)));
  const path = join(folder, 'config.json');
  writeFileSync(path, JSON.stringify(run));
  assert.deepEqual(parseRunFile(path), run);
  assert.equal(fingerprintOf(parseRunFile(path)), fingerprintOf(run));
  assert.deepEqual(parseModelOf(path), run.model);
  writeFileSync(join(folder, 'weights.safetensors'), 'another');
  assert.throws(
    () => parseRunFile(path),
    /initialWeightsSha256: .* has SHA-256 \w{64}, not \w{64}/,
  );
  const { initialWeights, initialWeightsSha256, ...rest } = run;
  assert.deepEqual(parseTrainedRunFile(path), rest);
  writeFileSync(path, JSON.stringify({ ...rest, initialWeightsSha256 }));
  assert.throws(() => parseRunFile(path), /initialWeights: is missing/);
  assert.ok(initialWeights?.endsWith('weights.safetensors'));
});
