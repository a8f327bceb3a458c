/** The exchange of a step on a worker, across orders. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepOrder } from '../../proto/control.ts';
import { StepExchange } from '../../worker/step-exchange.ts';

const ELEMENTS = 8;

function order(step: number): StepOrder {
  return {
    kind: 'stepOrder',
    generation: 1,
    step,
    round: 0,
    leases: [{ slot: 0, microShards: [0] }],
    phaseIndex: 0,
    imageSizePx: 32,
    dropoutRate: 0,
    randAugmentMagnitude: 0,
    mixupAlpha: 0,
    cutmixAlpha: 0,
    learningRate: 0.1,
    relayedPairs: [],
    innerLearningRates: [],
  };
}

test('a sum that is being applied is not touched by the sum of the next step', () => {
  const exchange = new StepExchange(0, 1, ELEMENTS, () => undefined);
  for (const step of [0, 1]) {
    exchange.start(order(step));
    const values = new Float32Array(ELEMENTS).fill(step + 1);
    exchange.contribute([{ begin: 0, end: 1, values }]);
    assert.ok(exchange.isComplete());
  }
  assert.deepEqual([...exchange.sumOf(0)], Array(ELEMENTS).fill(1));
  assert.deepEqual([...exchange.sumOf(1)], Array(ELEMENTS).fill(2));
});
