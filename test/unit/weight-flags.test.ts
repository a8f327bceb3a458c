/** What the flags of commands around weights files mean. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { evaluationSizePx, modelOf } from '../../cli/weights-file.ts';
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
