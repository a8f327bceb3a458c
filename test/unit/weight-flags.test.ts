/** What commands around weights files take from their flags, and where they write. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeSavedModel } from '../../lib/inference/saved-model.ts';
import { evaluationSizePx, modelOf, writeWhole } from '../../lib/inference/weights-file.ts';
import { temporaryFolder } from '../support/run-files.ts';

test("images have the run file's evaluation size, else the model's own", (t) => {
  const run = join(temporaryFolder(t), 'run.yaml');
  writeFileSync(run, 'model: {name: efficientnetv2-b0}\nevaluation: {imageSizePx: 96}\n');
  assert.equal(evaluationSizePx({ run }, modelOf({ run })(3)), 96);
  const named = { model: 'efficientnetv2-b0' };
  assert.equal(evaluationSizePx(named, modelOf(named)(3)), 224);
});

test('multipliers beside a run file are refused', (t) => {
  const run = join(temporaryFolder(t), 'run.yaml');
  writeFileSync(run, 'model: {name: efficientnetv2-b0}\n');
  assert.throws(() => modelOf({ run, depthMultiplier: 1 }), /a run file states its own/);
});

test('a file that cannot be put in its place leaves nothing behind', (t) => {
  const place = temporaryFolder(t);
  assert.throws(() => {
    writeWhole(place, Uint8Array.of(1));
  }, /cannot be written/);
  assert.ok(!existsSync(`${place}.partial`));
  writeWhole(join(place, 'a'), Uint8Array.of(1));
  assert.deepEqual(readdirSync(place), ['a']);
});

test('a SavedModel beyond 2 GiB is refused before it is encoded', (t) => {
  // Untouched zeros, which take no memory; encoding them would.
  const tensorContent = new Uint8Array(2 ** 28);
  const tensor = { dtype: 1, tensorShape: { dim: [{ size: 2 ** 26 }] }, tensorContent };
  const node = Array.from({ length: 8 }, (_, at) => ({
    name: `weight${at}`,
    op: 'Const',
    attr: { value: { tensor } },
  }));
  const portable = { graph: { node }, input: 'a', output: 'b', imageSizePx: 8, classCount: 2 };
  const folder = join(temporaryFolder(t), 'model');
  assert.throws(() => {
    writeSavedModel(folder, portable, '2.21.0', {});
  }, /a SavedModel of 2147483648 bytes is beyond/);
  assert.ok(!existsSync(folder));
});
