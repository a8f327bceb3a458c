/** The optimizers in C++ against the same formulas in JavaScript. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import type { OptimizerConfig } from '../../lib/run/run-config.ts';
import { nativeRules } from '../../lib/engine/graph-engine.ts';
import { loadTensorflow } from '../../lib/tensorflow/load.ts';
import { loadUpdateKernels } from '../../lib/optim/native-update-kernels.ts';
import type { UpdateSettings } from '../../lib/base/update-settings.ts';
import {
  initialMomentsOf,
  UPDATE_KINDS,
  updateInJavaScript,
  type UpdateVectors,
} from '../../lib/optim/optimizer.ts';
import { prepareTensorflow } from '../../lib/tensorflow/install/prepare.ts';
import { stepByPieces } from '../support/update-pieces.ts';

/** More than one of the native code's chunks, and padding between the parameters. */
const ELEMENTS = 150_000;
const SEGMENTS = Int32Array.of(0, 70_001, 1, 70_016, 70_020, 0, 70_032, ELEMENTS, 1);
/** Learning rates of the three, as layer-wise decay makes them differ. */
const RATES = Float32Array.of(0.25, 1, 0.5);

const SETTINGS: Omit<UpdateSettings, 'kind'> = {
  scale: 1 / 32,
  learningRate: 0.02,
  momentum: 0.9,
  nesterov: false,
  decay: 0.9,
  epsilon: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  correction1: 1 - 0.9 ** 3,
  correction2: 1 - 0.999 ** 3,
  weightDecay: 0.01,
  clipNorm: 0,
  emaKeep: 0.95,
};

function vectors(initialMoments: readonly number[]): UpdateVectors {
  const random = new RandomStream(5, 'update');
  const normal = (): Float32Array => Float32Array.from({ length: ELEMENTS }, () => random.normal());
  return {
    weights: normal(),
    sum: normal(),
    moments: initialMoments.map((value) => normal().map((one) => value + 0.1 * Math.abs(one))),
    ema: normal(),
    segments: SEGMENTS,
    rates: RATES,
  };
}

function assertClose(actual: Float32Array, expected: Float32Array, what: string): void {
  for (const [index, value] of expected.entries()) {
    const difference = Math.abs((actual[index] as number) - value);
    const bound = 2e-6 * Math.max(1, Math.abs(value));
    assert.ok(difference <= bound, `${what}[${index}]: ${actual[index]}, not ${value}`);
  }
}

const CASES: [OptimizerConfig['name'], Partial<UpdateSettings>][] = [
  ['sgd', {}],
  ['sgd', { nesterov: true, clipNorm: 1 }],
  ['rmsprop', {}],
  ['rmsprop-keras', { clipNorm: 2 }],
  ['adamw', {}],
  ['adamw', { clipNorm: 1 }],
  ['lamb', {}],
];

for (const [name, changes] of CASES) {
  test(`native ${name} with ${JSON.stringify(changes)} follows its formula`, async () => {
    const { native } = await loadTensorflow({ intraOpThreads: 2 });
    const settings = { ...SETTINGS, ...changes, kind: UPDATE_KINDS[name] };
    const initialMoments = initialMomentsOf({ name } as OptimizerConfig);
    const actual = vectors(initialMoments);
    const expected = vectors(initialMoments);
    const norm = await nativeRules(native).apply(settings, actual);
    const expectedNorm = updateInJavaScript(settings, expected);
    assert.ok(Math.abs(norm - expectedNorm) < 1e-6 * expectedNorm, `norm ${norm}`);
    assertClose(actual.weights, expected.weights, 'weights');
    assertClose(actual.ema, expected.ema, 'ema');
    for (const [index, moment] of actual.moments.entries()) {
      assertClose(moment, expected.moments[index] as Float32Array, `moment ${index}`);
    }
    assert.notDeepEqual(actual.weights, vectors(initialMoments).weights);
  });
}

for (const [name, changes] of CASES.filter(([one]) => one !== 'lamb')) {
  test(`native ${name} with ${JSON.stringify(changes)} has the same bits in pieces`, async () => {
    const { native } = await loadTensorflow({ intraOpThreads: 2 });
    const { collectiveAddonPath } = await prepareTensorflow();
    const kernels = loadUpdateKernels(collectiveAddonPath);
    const settings = { ...SETTINGS, ...changes, kind: UPDATE_KINDS[name] };
    const whole = vectors(initialMomentsOf({ name } as OptimizerConfig));
    const stepped = stepByPieces(kernels, settings, whole, [0, 4096, 70_016, 72_704, ELEMENTS]);
    const norm = await nativeRules(native).apply(settings, { ...whole, ema: new Float32Array(0) });
    assert.equal(stepped.norm, norm);
    assert.deepEqual(stepped.weights, whole.weights);
    assert.deepEqual(stepped.moments, whole.moments);
  });
}

test('native adoption of weights moves their EMA like an update does', async () => {
  const { native } = await loadTensorflow({ intraOpThreads: 2 });
  const updated = vectors([0]);
  const adopted = vectors([0]);
  const settings = { ...SETTINGS, kind: UPDATE_KINDS.sgd };
  const whole = Int32Array.of(0, ELEMENTS, 1);
  await nativeRules(native).apply(settings, {
    ...updated,
    segments: whole,
    rates: Float32Array.of(1),
  });
  native.adoptWeights(adopted.weights, updated.weights, adopted.ema, SETTINGS.emaKeep);
  assert.deepEqual(adopted.weights, updated.weights);
  assert.deepEqual(adopted.ema, updated.ema);
});
