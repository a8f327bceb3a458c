/** The eager engine on the pure-JavaScript backend: gradients, updates, leaks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sectionsOf } from '../../lib/checkpoint/snapshot.ts';
import { weightSections } from '../../lib/optim/state-sections.ts';
import { decodeSafetensors, encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { requirePrecision } from '../../lib/engine/create-engine.ts';
import { emaDecayAt } from '../../lib/optim/optimizer.ts';
import {
  anEngine,
  anInput,
  compute,
  normalized,
  SMALL_AIRBENCH,
  SMALL_COATNET,
  SMALL_RESNET,
  SMALL_VIT,
  withoutZeroKernels,
} from '../support/engines.ts';

const NO_DECAY = { weightDecay: 0, labelSmoothing: 0.1, emaDecay: 0.9 };

const CASES: readonly { model: { name: string }; sizePx: number; distance?: number }[] = [
  { model: { name: 'efficientnetv2-b0' }, sizePx: 12 },
  { model: { name: 'efficientnet-b0' }, sizePx: 12 },
  SMALL_COATNET,
  // Its gradient is larger, and has kinks.
  { ...SMALL_RESNET, distance: 2e-4 },
  // Kinks of its pooling.
  { ...SMALL_AIRBENCH, distance: 2e-4 },
  SMALL_VIT,
];

for (const { model, sizePx, distance } of CASES) {
  test(`the flat gradient agrees with finite differences of the loss sum (${model.name})`, () =>
    agreesWithDifferences(model, sizePx, distance ?? 2e-3));
}

async function agreesWithDifferences(model: object, sizePx: number, h: number): Promise<void> {
  const engine = await anEngine({ training: NO_DECAY, model: { ...model } }, 0.2, sizePx);
  withoutZeroKernels(engine);
  const input = anInput(8, 0, sizePx);
  const vector = await compute(engine, input);
  const { gradientElements: p, statisticElements: m } = engine.layout;
  const { layout, values: state } = engine.exportState();
  const lossAt = async (moved: Float32Array): Promise<number> => {
    engine.importState({ layout, values: moved });
    return (await compute(engine, input))[p + m] as number;
  };
  // Along the gradient itself, so that float32 noise in the loss is far below the difference.
  const gradient = vector.slice(0, p);
  const norm = Math.sqrt(gradient.reduce((sum, value) => sum + value * value, 0));
  for (const keep of [0, 1, 2, 3]) {
    const direction = gradient.map((value, index) => (index % 4 === keep ? value / norm : 0));
    const expected = direction.reduce(
      (sum, value, index) => sum + value * (gradient[index] as number),
      0,
    );
    const moved = (sign: number): Float32Array => {
      const next = state.slice();
      for (let index = 0; index < p; index++) {
        next[index] = (state[index] as number) + sign * h * (direction[index] as number);
      }
      return next;
    };
    const measured = ((await lossAt(moved(1))) - (await lossAt(moved(-1)))) / (2 * h);
    assert.ok(
      Math.abs(measured - expected) < 0.03 * Math.abs(expected),
      `measured ${measured}, gradient says ${expected}`,
    );
  }
  engine.dispose();
}

test('the same input gives the same bytes, and masks depend on the stream position', async () => {
  const engine = await anEngine({}, 0.3);
  const first = await compute(engine, anInput(4));
  assert.deepEqual(await compute(engine, anInput(4)), first);
  const elsewhere = await compute(engine, { ...anInput(4), firstPosition: 40 });
  assert.notDeepEqual(elsewhere, first);
  engine.dispose();
});

test('an empty micro-batch contributes zeros', async () => {
  const engine = await anEngine();
  const vector = await compute(engine, { ...anInput(0) });
  assert.ok(vector.every((value) => value === 0));
  engine.dispose();
});

test('SGD with momentum follows its formula on the mean gradient', async () => {
  const engine = await anEngine({
    training: { ...NO_DECAY, optimizer: { name: 'sgd', momentum: 0.5 } },
  });
  const { gradientElements: p, totalElements } = engine.layout;
  const before = engine.state.weights[0] as number;
  const sum = new Float32Array(totalElements);
  sum[0] = 8;
  sum.set([1, 1, 4, 0], totalElements - 4);
  await engine.applyUpdate(0, 0.1, sum);
  await engine.applyUpdate(1, 0.1, sum);
  // Mean gradient 2: velocities 2 and 3, so the weight moves by 0.1 * (2 + 3).
  const after = engine.state.weights[0] as number;
  assert.ok(Math.abs(before - 0.5 - after) < 1e-6, `${before} to ${after} of ${p}`);
  engine.dispose();
});

test('RMSProp starts its mean square at one as TensorFlow 1, at zero as Keras', async () => {
  for (const [name, start] of [
    ['rmsprop', 1],
    ['rmsprop-keras', 0],
  ] as const) {
    const optimizer = { name, momentum: 0.9, decay: 0.9, epsilon: 0.001 };
    const engine = await anEngine({ training: { ...NO_DECAY, optimizer } });
    const before = engine.state.weights[0] as number;
    const sum = new Float32Array(engine.layout.totalElements);
    sum[0] = 2;
    sum.set([1, 1, 1, 0], sum.length - 4);
    let [square, velocity, expected] = [start as number, 0, before];
    for (let step = 0; step < 3; step++) {
      square = 0.9 * square + 0.1 * 4;
      velocity = 0.9 * velocity + (0.01 * 2) / Math.sqrt(square + 0.001);
      expected -= velocity;
      await engine.applyUpdate(step, 0.01, sum);
    }
    const after = engine.state.weights[0] as number;
    assert.ok(Math.abs(after - expected) < 1e-5, `${name}: ${after}, formula ${expected}`);
    engine.dispose();
  }
});

test('a skipped step does not count for Adam and the EMA, nor for a joiner', async () => {
  const adam = { training: { emaDecay: 0.9, optimizer: { name: 'adamw' } } };
  const [skipping, plain, joiner] = [
    await anEngine(adam),
    await anEngine(adam),
    await anEngine(adam),
  ];
  const sum = await compute(plain, anInput(4));
  const broken = sum.slice();
  broken[broken.length - 1] = 1;
  await skipping.applyUpdate(0, 0.1, broken);
  await skipping.applyUpdate(1, 0.1, sum);
  await plain.applyUpdate(0, 0.1, sum);
  assert.deepEqual(skipping.exportWeights('raw'), plain.exportWeights('raw'));
  assert.deepEqual(skipping.exportWeights('ema'), plain.exportWeights('ema'));
  joiner.importState(skipping.exportState());
  for (const engine of [skipping, plain, joiner]) await engine.applyUpdate(2, 0.1, sum);
  assert.deepEqual(joiner.exportState(), skipping.exportState());
  assert.deepEqual(plain.exportState(), skipping.exportState());
});

test('a snapshot has the weights and their EMA by name, and counts the updates', async () => {
  const engine = await anEngine({ training: { emaDecay: 0.9, optimizer: { name: 'adamw' } } });
  const sum = await compute(engine, anInput(4));
  for (const step of [0, 1, 2]) await engine.applyUpdate(step, 0.1, sum);
  const snapshot = engine.exportState();
  const { statisticElements: m, gradientElements: p } = engine.layout;
  assert.deepEqual(
    snapshot.layout.map(({ name, begin, end }) => [name, end - begin]),
    [
      ['weights', p],
      ['statistics', m],
      ['emaWeights', p],
      ['emaStatistics', m],
      ['momentum', p],
      ['meanSquare', p],
      ['updates', 2],
    ],
  );
  const sections = sectionsOf(snapshot);
  assert.deepEqual(sections.get('updates'), Float32Array.of(3, 0));
  const { weights, statistics } = weightSections(sections, 'ema');
  const { parameters, statisticsLayout } = engine.state;
  assert.deepEqual(
    [...parameters.cut(weights), ...statisticsLayout.cut(statistics)],
    engine.exportWeights('ema'),
  );
  engine.dispose();
});

test("another optimizer's snapshot is refused by the section that differs", async () => {
  const sgd = await anEngine({ training: { optimizer: { name: 'sgd' } } });
  const adamw = await anEngine({ training: { optimizer: { name: 'adamw' } } });
  sgd.state.weights.fill(3);
  const before = adamw.exportState();
  assert.throws(
    () => {
      adamw.importState(sgd.exportState());
    },
    { code: 'CRESCENDO_WEIGHTS_INVALID', message: /section meanSquare is absent, and must be \d+/ },
  );
  assert.deepEqual(adamw.exportState(), before);
  sgd.dispose();
  adamw.dispose();
});

test('a non-finite sum is skipped and changes nothing', async () => {
  const engine = await anEngine();
  const before = engine.exportState();
  const sum = new Float32Array(engine.layout.totalElements).fill(Number.NaN);
  sum.set([Number.NaN, 0, 4, 1], sum.length - 4);
  assert.equal((await engine.applyUpdate(0, 0.1, sum)).skipped, true);
  assert.deepEqual(engine.exportState(), before);
  engine.dispose();
});

test('a non-finite input is flagged in the vector', async () => {
  const engine = await anEngine();
  const input = anInput(2);
  input.targets[5] = Number.NaN;
  assert.equal((await compute(engine, input)).at(-1), 1);
  engine.dispose();
});

test('twenty steps leave as many tensors as they found', async () => {
  const engine = await anEngine({}, 0.2);
  const input = anInput(2);
  await engine.applyUpdate(0, 0.01, await compute(engine, input));
  const before = engine.memory().tensorCount;
  for (let step = 1; step < 20; step++) {
    await engine.applyUpdate(step, 0.01, await compute(engine, input, step));
    await engine.evaluate(input.pixels, input.labels, 2, 12, 'ema');
  }
  assert.equal(engine.memory().tensorCount, before);
  engine.dispose();
});

test('weights survive a safetensors file byte for byte', async () => {
  const engine = await anEngine();
  const file = encodeSafetensors(engine.exportWeights('raw'), { format: 'crescendo' });
  const other = await anEngine({}, 0);
  other.importWeights(decodeSafetensors(file).tensors);
  assert.deepEqual(encodeSafetensors(other.exportWeights('raw'), { format: 'crescendo' }), file);
  engine.dispose();
  other.dispose();
});

test('a prediction is the evaluated pass: features by classifier are its logits', async () => {
  const engine = await anEngine();
  const { pixels, labels } = anInput(3);
  const { logits, features } = await engine.predict(normalized(pixels), 3, 12, 'raw');
  const weights = new Map(engine.exportWeights('raw').map((one) => [one.name, one]));
  const kernel = weights.get('head.dense.kernel');
  const bias = weights.get('head.dense.bias');
  assert.ok(kernel !== undefined && bias !== undefined);
  const [channels = 0, classes = 0] = kernel.shape;
  assert.equal(features.length, 3 * channels);
  let lossSum = 0;
  for (let row = 0; row < 3; row++) {
    const expected = Array.from({ length: classes }, (_, column) =>
      features
        .subarray(row * channels, (row + 1) * channels)
        .reduce(
          (sum, value, index) => sum + value * (kernel.values[index * classes + column] as number),
          bias.values[column] as number,
        ),
    );
    for (const [column, value] of expected.entries()) {
      assert.ok(Math.abs(value - (logits[row * classes + column] as number)) < 1e-4);
    }
    const sum = expected.reduce((total, value) => total + Math.exp(value), 0);
    lossSum += Math.log(sum) - (expected[labels[row] as number] as number);
  }
  const evaluated = await engine.evaluate(pixels, labels, 3, 12, 'raw');
  assert.ok(Math.abs(evaluated.lossSum - lossSum) < 1e-3 * lossSum);
  engine.dispose();
});

test('a weights file that lies about its offsets is refused', () => {
  const file = encodeSafetensors([{ name: 'a', shape: [2], values: new Float32Array(2) }], {});
  assert.throws(() => decodeSafetensors(file.subarray(0, file.length - 1)), /places a at/);
  const long = Uint8Array.from(file);
  long[6] = 255;
  assert.throws(() => decodeSafetensors(long), /announces a header/);
});

test('the EMA warms up as (1 + n) / (10 + n) until its decay', () => {
  assert.equal(emaDecayAt(0, 0.99), 0.1);
  assert.equal(emaDecayAt(1_000_000, 0.99), 0.99);
});

test('a precision that the device does not have is refused with what to use instead', () => {
  assert.throws(() => {
    requirePrecision('float16', 'cpu');
  }, /float16 works on GPUs and this worker computes on "cpu": use float32/);
  assert.throws(() => {
    requirePrecision('bfloat16', 'gpu');
  }, /bfloat16 works on processors with AVX-512 .* use float16 or float32/);
  requirePrecision('float16', 'gpu');
  requirePrecision('float32', 'js');
});
