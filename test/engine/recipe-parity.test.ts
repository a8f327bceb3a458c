/** Fifty steps of each optimiser in C++ against the frameworks that the recipes were made with. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nativeUpdate } from '../../engine/graph-engine.ts';
import { loadTensorflow } from '../../engine/load-tensorflow.ts';
import { largestRelativeError, OPTIMIZER_CASES, optimised } from '../support/parity.ts';

for (const { by, name, expected, settings, emaDecay } of OPTIMIZER_CASES) {
  test(`native ${name} agrees to 1e-6 over 50 steps with ${by}`, async (context) => {
    const { native } = await loadTensorflow({ intraOpThreads: 1 });
    const actual = await optimised(nativeUpdate(native), name, settings, emaDecay);
    const error = largestRelativeError(actual, expected);
    context.diagnostic(`largest relative error ${error.toExponential(2)}`);
    assert.ok(error < 1e-6, `relative error ${error}`);
  });
}
