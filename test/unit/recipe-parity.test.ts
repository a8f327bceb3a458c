/**
 * The recipe's arithmetic against TensorFlow, Keras, PyTorch and timm (test/parity/recipe.py):
 * optimizers, schedules, losses, initial values, stochastic depth, layer-wise decay.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import type { LearningRateConfig } from '../../lib/run/run-config.ts';
import { FlatLayout } from '../../lib/optim/flat-layout.ts';
import { lossSum, smoothed, type LossKind } from '../../lib/engine/loss.ts';
import { updateInJavaScript } from '../../lib/optim/optimizer.ts';
import { updateSegments } from '../../lib/optim/update-segments.ts';
import { initialValues } from '../../lib/models/nn/initial-weights.ts';
import { buildNetwork } from '../../lib/models/registry.ts';
import { learningRateAt } from '../../lib/run/learning-rate.ts';
import { anEngine, aRun } from '../support/engines.ts';
import {
  largestRelativeError,
  OPTIMIZER_CASES,
  optimized,
  TENSORFLOW,
  TORCH,
} from '../support/parity.ts';

for (const { by, name, expected, settings, emaDecay } of OPTIMIZER_CASES) {
  test(`${name} in JavaScript agrees to 1e-6 over 50 steps with ${by}`, async (context) => {
    const actual = await optimized(updateInJavaScript, name, settings, emaDecay);
    const error = largestRelativeError(actual, expected);
    context.diagnostic(`largest relative error ${error.toExponential(2)}`);
    assert.ok(error < 1e-6, `relative error ${error}`);
  });
}

test('the trust ratio of LAMB leaves out what is not decayed, as in timm', async () => {
  const actual = await optimized(updateInJavaScript, 'lamb');
  const error = largestRelativeError(actual, TORCH.optimizers['lamb always_adapt']);
  assert.ok(error > 1e-3, `as with always_adapt to ${error}`);
});

const { totalSteps, warmupSteps, stepsPerEpoch } = TENSORFLOW.schedules.settings;

function schedule(changes: Partial<LearningRateConfig>): LearningRateConfig {
  return {
    peak: 0.256,
    warmupEpochs: 0,
    warmupSteps,
    decay: 'cosine',
    decayFrom: 'start',
    minimum: 0,
    decayRate: 0.97,
    decayEpochs: 2.4,
    ...changes,
  };
}

const SCHEDULES: readonly [string, Partial<LearningRateConfig>][] = [
  ['cosine warmup-end', { decayFrom: 'warmup-end', minimum: 0.00256 }],
  ['linear warmup-end', { decay: 'linear', decayFrom: 'warmup-end', minimum: 0.00256 }],
  ['cosine start', {}],
  ['linear start', { decay: 'linear' }],
  ['exponential start', { decay: 'exponential' }],
];

for (const [name, changes] of SCHEDULES) {
  test(`the learning rate of ${name} is TensorFlow's at every step looked at`, () => {
    const { steps, values } = TENSORFLOW.schedules[name] as {
      steps: readonly number[];
      values: readonly number[];
    };
    for (const [index, step] of steps.entries()) {
      const actual = learningRateAt(step, schedule(changes), stepsPerEpoch, totalSteps);
      const expected = values[index] as number;
      // Their schedules compute in float32.
      assert.ok(
        Math.abs(actual - expected) <= 2e-6 * 0.256,
        `step ${step}: ${actual}, ${expected}`,
      );
    }
  });
}

test('warm-up in epochs takes whole steps, and a minimum holds the staircase up', () => {
  const inEpochs = schedule({ warmupSteps: 0, warmupEpochs: 5, decay: 'constant' });
  // 82.5 steps, cut to 82.
  assert.equal(learningRateAt(41, inEpochs, stepsPerEpoch, totalSteps), 0.128);
  assert.equal(learningRateAt(82, inEpochs, stepsPerEpoch, totalSteps), 0.256);
  const held = schedule({ decay: 'exponential', minimum: 0.2 });
  assert.equal(learningRateAt(999, held, stepsPerEpoch, totalSteps), 0.2);
});

test('softmax and sigmoid losses with label smoothing are those of Keras and PyTorch', async () => {
  // An engine sets the backend of pure JavaScript up.
  (await anEngine()).dispose();
  const logits = tf.tensor2d(TENSORFLOW.losses.logits.flat(), [4, 7]);
  const targets = tf.tensor2d(TENSORFLOW.losses.targets.flat(), [4, 7]);
  const lossOf = (kind: LossKind, smoothing: number): number =>
    lossSum(logits, smoothed(targets, smoothing, kind), kind).dataSync()[0] as number;
  const cases = [
    [lossOf('softmax', 0.1), TENSORFLOW.losses.softmax, TORCH.losses.softmax],
    [lossOf('sigmoid', 1e-4), TENSORFLOW.losses.sigmoid, TORCH.losses.sigmoid],
  ] as const;
  for (const [actual, keras, torch] of cases) {
    assert.ok(Math.abs(actual - keras) < 1e-6 * keras, `${actual}, Keras ${keras}`);
    assert.ok(Math.abs(actual - torch) < 1e-6 * torch, `${actual}, PyTorch ${torch}`);
  }
  tf.dispose([logits, targets]);
});

test('the gradient of the sigmoid loss is sigmoid(z) - t, also at zero', async () => {
  (await anEngine()).dispose();
  const gradient = tf.grad((z: tf.Tensor) => lossSum(z as tf.Tensor2D, targets, 'sigmoid'));
  const targets = tf.tensor2d([0, 1, 1, 0], [1, 4]);
  const values = [...gradient(tf.tensor2d([0, 0, 3, -40], [1, 4])).dataSync<'float32'>()];
  const expected = [0.5, -0.5, 1 / (1 + Math.exp(-3)) - 1, 0];
  for (const [index, value] of expected.entries()) {
    assert.ok(Math.abs((values[index] as number) - value) < 1e-6, values.join());
  }
});

test("initial values have the deviation of Keras's, for depthwise kernels too", () => {
  const run = aRun({
    model: { name: 'efficientnetv2-b0', widthMultiplier: 1, depthMultiplier: 1 },
  });
  const { parameters } = buildNetwork(run.model, 1000);
  for (const [name, keras] of Object.entries(TENSORFLOW.deviations)) {
    const parameter = parameters.find((one) => one.name === name);
    assert.ok(parameter !== undefined, name);
    const values = initialValues(parameter, 1);
    assert.equal(values.length, keras.elements, name);
    const deviation = Math.hypot(...sampled(values)) / Math.sqrt(sampled(values).length);
    // Both are estimates, of as many elements: four standard errors of their difference.
    const bound = 4 * Math.sqrt(2 / Math.min(values.length, 20_000)) * keras.deviation;
    assert.ok(
      Math.abs(deviation - keras.deviation) < bound,
      `${name}: ${deviation}, Keras ${keras.deviation}`,
    );
  }
});

/** Enough elements to estimate from, and few enough to spread into a call. */
function sampled(values: Float32Array): Float32Array {
  const stride = Math.max(1, Math.floor(values.length / 20_000));
  return values.filter((_, index) => index % stride === 0);
}

test("stochastic depth drops each block as often as timm's", () => {
  const run = aRun({
    model: {
      name: 'efficientnetv2-s',
      widthMultiplier: 1,
      depthMultiplier: 1,
      stochasticDepthRate: 0.2,
    },
  });
  const { survivalProbabilities } = buildNetwork(run.model, 1000);
  assert.equal(survivalProbabilities.length, TORCH.stochasticDepthRates.length);
  for (const [index, survival] of survivalProbabilities.entries()) {
    const timm = TORCH.stochasticDepthRates[index] as number;
    assert.ok(
      Math.abs(1 - survival - timm) < 1e-12,
      `block ${index}: ${1 - survival}, not ${timm}`,
    );
  }
});

test("learning rates shrink towards the stem by timm's rule", () => {
  const run = aRun({ model: { name: 'efficientnetv2-s', widthMultiplier: 1, depthMultiplier: 1 } });
  const layout = new FlatLayout(buildNetwork(run.model, 1000).parameters);
  const { factor, stem, blocks } = TORCH.layerScales;
  const { rates } = updateSegments(layout, {
    freeze: [],
    weightDecayExclude: [],
    layerDecay: factor,
    learningRateFactors: {},
  });
  const rateOf = (name: string): number =>
    rates[layout.placed.findIndex(({ entry }) => entry.name === name)] as number;
  const assertRate = (name: string, expected: number): void => {
    assert.ok(Math.abs(rateOf(name) - expected) < 1e-6 * expected, `${name}: ${rateOf(name)}`);
  };
  assertRate('stem.conv.kernel', stem);
  for (const [index, expected] of blocks.entries()) {
    const { entry } =
      layout.placed.find((one) => one.entry.name.startsWith(`blocks.${index}.`)) ?? {};
    assert.ok(entry !== undefined);
    assertRate(entry.name, expected);
  }
  assertRate('head.conv.kernel', TORCH.layerScales['head.conv']);
  assertRate('head.norm.gamma', TORCH.layerScales['head.conv']);
  assertRate('head.dense.kernel', TORCH.layerScales['head.dense']);
});
