/** Dynamic loss scaling. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LossScale, lossScaleElements } from '../../lib/optim/loss-scale.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { aRun } from '../support/engines.ts';

const FLOAT16 = aRun({ engine: { precision: 'float16' } });

function stateOf(run: RunConfig): Float32Array {
  return new Float32Array(lossScaleElements(run));
}

function aScale(run: RunConfig): LossScale {
  return new LossScale(run, stateOf(run));
}

test('the loss scale halves at a step that is not finite and doubles after 2,000 that are', () => {
  const scale = aScale(FLOAT16);
  assert.equal(scale.value, 32_768);
  scale.advance(false);
  assert.equal(scale.value, 16_384);
  for (let step = 0; step < 1999; step++) scale.advance(true);
  assert.equal(scale.value, 16_384);
  scale.advance(true);
  assert.equal(scale.value, 32_768);
});

test('the loss scale stays between 2^-14 and 2^24', () => {
  const scale = aScale(FLOAT16);
  for (let step = 0; step < 40; step++) scale.advance(false);
  assert.equal(scale.value, 2 ** -14);
  for (let step = 0; step < 2000 * 40; step++) scale.advance(true);
  assert.equal(scale.value, 2 ** 24);
});

test('a joiner takes over the loss scale and how long it has held', () => {
  const [oldState, joinerState] = [stateOf(FLOAT16), stateOf(FLOAT16)];
  const [old, joiner] = [oldState, joinerState].map((state) => new LossScale(FLOAT16, state));
  assert.ok(old && joiner);
  old.advance(false);
  for (let step = 0; step < 1999; step++) old.advance(true);
  joinerState.set(oldState);
  joiner.advance(true);
  assert.equal(joiner.value, 32_768);
});

test('where sums travel as float16 the scale begins lower, as sums are larger than means', () => {
  const run = aRun({
    communication: { compression: 'float16' },
    batch: { globalSize: 24, microBatches: 4 },
  });
  assert.equal(aScale(run).value, 2 ** 10 / 32);
});

test('without float16 the loss is not scaled and there is nothing to hand on', () => {
  const scale = aScale(aRun());
  scale.advance(false);
  assert.equal(scale.value, 1);
  assert.equal(lossScaleElements(aRun()), 0);
});
