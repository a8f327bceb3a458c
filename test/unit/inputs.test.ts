/** What is read ahead of the micro-batch that is computed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import { barePhase } from '../../lib/run/phases.ts';
import { InputQueue } from '../../worker/compute/inputs.ts';
import { anInput } from '../support/engines.ts';

function queue(): { inputs: InputQueue; made: string[]; recycled: number[] } {
  const made: string[] = [];
  const recycled: number[] = [];
  const source: BatchSource = {
    trainSampleCount: 64,
    validationSampleCount: 0,
    classNames: ['a', 'b'],
    filesSha256: '',
    microBatch: (step, microBatch, firstPosition, sampleCount, phase) => {
      made.push(`${step}/${microBatch} at ${phase.imageSizePx} px`);
      return Promise.resolve(anInput(sampleCount, firstPosition, phase.imageSizePx));
    },
    recycle: ({ firstPosition }) => {
      recycled.push(firstPosition);
    },
    validation: () => Promise.reject(new Error('not asked for')),
  };
  const inputs = new InputQueue(source, { globalSize: 8, microBatches: 2 }, 64);
  return { inputs, made, recycled };
}

test('an input that was read ahead is not made again, in another attempt neither', async () => {
  const { inputs, made } = queue();
  const phase = barePhase(8);
  inputs.prefetch(0, 1, phase);
  inputs.prefetch(1, 0, phase);
  await inputs.input(0, 1, phase);
  await inputs.input(0, 1, phase);
  await inputs.input(1, 0, phase);
  assert.deepEqual(made, ['0/1 at 8 px', '1/0 at 8 px']);
});

test('of what was read ahead the newest three are kept', async () => {
  const { inputs, made } = queue();
  const phase = barePhase(8);
  for (const step of [0, 1, 2, 3]) inputs.prefetch(step, 0, phase);
  await inputs.input(3, 0, phase);
  await inputs.input(1, 0, phase);
  await inputs.input(0, 0, phase);
  assert.deepEqual(made.slice(4), ['0/0 at 8 px']);
});

test('an input of another phase is another one', async () => {
  const { inputs, made } = queue();
  inputs.prefetch(1, 0, barePhase(8));
  const { pixels } = await inputs.input(1, 0, { ...barePhase(12), index: 1 });
  assert.equal(pixels.length, 4 * 12 * 12 * 3);
  assert.deepEqual(made, ['1/0 at 8 px', '1/0 at 12 px']);
});

test('an input that falls out is given back, unless the engine may read it', async () => {
  const { inputs, recycled } = queue();
  const phase = barePhase(8);
  const prefetch = async (step: number): Promise<void> => {
    inputs.prefetch(step, 0, phase);
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const step of [0, 1, 2]) await prefetch(step);
  await inputs.input(0, 0, phase);
  await prefetch(3);
  assert.deepEqual(recycled, []);
  await inputs.input(3, 0, phase);
  await prefetch(4);
  await prefetch(5);
  assert.deepEqual(recycled, [8, 16]);
});
