/** Fifty steps of each optimizer in C++ against the frameworks that the recipes were made with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeRules } from '../../lib/engine/graph-engine.ts';
import { loadTensorflow } from '../../lib/tensorflow/load.ts';
import { afterOuterSteps, OUTER_STEPS } from '../support/outer-steps.ts';
import { largestRelativeError, OPTIMIZER_CASES, optimized } from '../support/parity.ts';

for (const { by, name, expected, settings, emaDecay } of OPTIMIZER_CASES) {
  test(`native ${name} agrees to 1e-6 over 50 steps with ${by}`, async (context) => {
    const { native } = await loadTensorflow({ intraOpThreads: 1 });
    const actual = await optimized(nativeRules(native).apply, name, settings, emaDecay);
    const error = largestRelativeError(actual, expected);
    context.diagnostic(`largest relative error ${error.toExponential(2)}`);
    assert.ok(error < 1e-6, `relative error ${error}`);
  });
}

for (const [name, { expected }] of Object.entries(OUTER_STEPS.cases)) {
  test(`native outer steps of local SGD are PyTorch's SGD to 1e-6 (${name})`, async (context) => {
    const { native } = await loadTensorflow({ intraOpThreads: 1 });
    const workers = await afterOuterSteps(name, nativeRules(native).apply);
    for (const weights of workers) {
      const error = largestRelativeError(weights, expected);
      context.diagnostic(`largest relative error ${error.toExponential(2)}`);
      assert.ok(error < 1e-6, `relative error ${error}`);
    }
  });
}
