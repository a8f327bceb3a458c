/** Starting a run from a weights file. */
import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { classNamesMetadata } from '../../lib/weights/class-names.ts';
import { formMetadata } from '../../lib/weights/coatnet-form.ts';
import { fitWeights } from '../../lib/weights/fit-weights.ts';
import { openInitialWeights } from '../../lib/weights/initial-weights.ts';
import { encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { sha256OfFile } from '../../lib/run/file-hash.ts';
import { fingerprintOf } from '../../lib/run/fingerprint.ts';
import {
  parseModelOf,
  parseRunFile,
  parseTrainedRunFile,
  defaultModelConfig,
} from '../../lib/run/parse.ts';
import { createEngine } from '../../lib/engine/create-engine.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';
import { loadInitialWeights } from '../../worker/compute/initial-weights.ts';
import { anEngine } from '../support/engines.ts';
import { smallRun, temporaryFolder } from '../support/run-files.ts';

const FOUR_CLASSES = ['a', 'b', 'c', 'd'];
// Hash of what the test of large files writes; taken there it would double its time.
const LARGE_FILE_SHA256 = 'ab55d6f06fa538be1ad1fd7b597e3408ec3b7956a625c004ee118e94e28d08c7';
const SEVEN_CLASSES = [...FOUR_CLASSES, 'e', 'f', 'g'];

async function pretrained(shift: number): Promise<NamedTensor[]> {
  const engine = await anEngine();
  const tensors = engine.exportWeights('raw');
  engine.dispose();
  // Values that no seed gives.
  return tensors.map((one) => ({ ...one, values: one.values.map((value) => value + shift) }));
}

function runFileIn(
  folder: string,
  tensors: readonly NamedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): string {
  writeFileSync(join(folder, 'weights.safetensors'), encodeSafetensors(tensors, metadata));
  const path = join(folder, 'run.yaml');
  const text = smallRun({ engine: { name: 'js' } });
  writeFileSync(path, `${text}initialWeights: weights.safetensors\n`);
  return path;
}

test('an engine starts from the file, its EMA too', async (context) => {
  const tensors = await pretrained(3);
  const run = parseRunFile(runFileIn(temporaryFolder(context), tensors));
  const engine = await createEngine(run, 4);
  assert.match(
    (await loadInitialWeights(run, engine, FOUR_CLASSES)) as string,
    /starting from .*weights\.safetensors$/,
  );
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
  const notice = (await loadInitialWeights(run, engine, SEVEN_CLASSES)) as string;
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
  const wanted = { tensors: own.exportWeights('raw'), classNames: undefined };
  own.dispose();
  const given = { tensors, classNames: undefined };
  assert.throws(
    () => fitWeights(wanted, given),
    /stem\.conv\.kernel is \[3, 3, 3, 8\], not \[3, 3, 3, 16\]/,
  );
  const [first, ...rest] = tensors as [NamedTensor, ...NamedTensor[]];
  const renamed = { ...given, tensors: [{ ...first, name: 'stem.other' }, ...rest] };
  assert.throws(() => fitWeights(given, renamed), /stem\.conv\.kernel is missing/);
  assert.throws(() => fitWeights(given, renamed), /stem\.other is not in the model/);
});

test('another file under the same name is refused, and is another run', async (context) => {
  const folder = temporaryFolder(context);
  const tensors = await pretrained(3);
  const path = runFileIn(folder, tensors);
  const run = parseRunFile(path);
  runFileIn(folder, await pretrained(4));
  const engine = await createEngine(run, 4);
  await assert.rejects(
    loadInitialWeights(run, engine, FOUR_CLASSES),
    /SHA-256 \w{64} here, and \w{64} where/,
  );
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

test('a classifier for as many classes of other names or order starts anew', async (context) => {
  const tensors = await pretrained(3);
  const names = ['a', 'c', 'b', 'd'];
  const path = runFileIn(temporaryFolder(context), tensors, classNamesMetadata(names));
  const run = parseRunFile(path);
  const engine = await createEngine(run, 4);
  assert.match((await loadInitialWeights(run, engine, names)) as string, /\.safetensors$/);
  assert.deepEqual(engine.exportWeights('raw'), tensors);
  engine.dispose();
  const other = await createEngine(run, 4);
  const fresh = other.exportWeights('raw');
  const notice = (await loadInitialWeights(run, other, FOUR_CLASSES)) as string;
  assert.match(notice, /other classes \(class 1 is "c" there and "b" here\), .*head\.dense\.bias/);
  for (const [index, { name, values }] of other.exportWeights('raw').entries()) {
    const expected = name.startsWith('head.dense.') ? fresh[index] : tensors[index];
    assert.deepEqual(values, expected?.values, name);
  }
  other.dispose();
});

test('weights of another framework are refused with what to do', async (context) => {
  const folder = temporaryFolder(context);
  const [first] = (await pretrained(3)) as [NamedTensor];
  const run = parseRunFile(runFileIn(folder, [{ ...first, name: 'conv_stem.weight' }]));
  const engine = await createEngine(run, 4);
  await assert.rejects(
    loadInitialWeights(run, engine, FOUR_CLASSES),
    /none of the 1 tensors .* such as stem\.conv\.kernel: .*crescendo import/,
  );
  engine.dispose();
});

test('initial weights beyond 2 GiB are opened without being read whole', async (context) => {
  const path = join(temporaryFolder(context), 'large.safetensors');
  const elements = 2 ** 29 + 1;
  const entry = { dtype: 'F32', shape: [elements], data_offsets: [0, elements * 4] };
  const header = Buffer.from(JSON.stringify({ large: entry }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(path, Buffer.concat([length, header]));
  truncateSync(path, 8 + header.length + elements * 4);
  const weights = await openInitialWeights(
    path,
    LARGE_FILE_SHA256,
    defaultModelConfig('efficientnetv2-b0'),
  );
  assert.deepEqual(weights.tensors[0]?.shape, [elements]);
  weights.close();
});

test('weights of a CoAtNet of another form are refused, naming what differs', async (context) => {
  const path = join(temporaryFolder(context), 'weights.safetensors');
  const model = defaultModelConfig('coatnet-0');
  const averaging = { ...model, coatnet: { ...model.coatnet, pool: 'avg' as const } };
  writeFileSync(path, encodeSafetensors([], formMetadata(averaging)));
  const sha256 = sha256OfFile(path);
  (await openInitialWeights(path, sha256, averaging)).close();
  await assert.rejects(openInitialWeights(path, sha256, model), {
    code: 'CRESCENDO_WEIGHTS_INVALID',
    message: /CoAtNet with pool avg, and the run file has model\.coatnet\.pool max/,
  });
});
