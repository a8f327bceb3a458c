/** The traced step on TensorFlow, against the same ops run one by one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../lib/engine/engine.ts';
import {
  createGraphEngine,
  microBatchAdvice,
  nativeRules,
  type GraphEngine,
} from '../../lib/engine/graph-engine.ts';
import { Program } from '../../lib/engine/graph/program.ts';
import { loadTensorflow, type LoadedTensorflow } from '../../lib/tensorflow/load.ts';
import type { Kernels } from '../../lib/engine/model-step.ts';
import { createTfjsEngine } from '../../lib/engine/tfjs-engine.ts';
import {
  aRun,
  anInput,
  CLASS_COUNT,
  compute,
  normalized,
  SMALL_COATNET,
  SMALL_RESNET,
  SMALL_VIT,
  withoutZeroKernels,
} from '../support/engines.ts';
import {
  assertFreezes,
  assertFrozenNormsUseMovingStatistics,
  FREEZING,
} from '../support/freezing.ts';
import type { RunOverrides } from '../support/run-files.ts';
import { barePhase } from '../../lib/run/phases.ts';

const PHASE = { ...barePhase(12), dropoutRate: 0.2 };

let loaded: LoadedTensorflow;

before(async () => {
  loaded = await loadTensorflow({ intraOpThreads: 1 });
});

function engines(kernels: Kernels, overrides: RunOverrides = {}): { graph: Engine; eager: Engine } {
  const run = aRun({ ...overrides, engine: { name: 'tensorflow', ...overrides['engine'] } });
  const options = { run, classCount: CLASS_COUNT, description: 'test', kernels };
  const graph = createGraphEngine({ ...options, native: loaded.native });
  const eager = createTfjsEngine({ ...options, rules: nativeRules(loaded.native) });
  graph.enterPhase(PHASE);
  eager.enterPhase(PHASE);
  return { graph, eager };
}

function largestDifference(left: Float32Array, right: Float32Array): number {
  let difference = 0;
  let largest = 0;
  for (const [index, value] of left.entries()) {
    difference = Math.max(difference, Math.abs(value - (right[index] as number)));
    largest = Math.max(largest, Math.abs(value));
  }
  return difference / largest;
}

test('traced gradients of a CoAtNet equal eager ones bit for bit', async () => {
  const { model, sizePx } = SMALL_COATNET;
  const { graph, eager } = engines('own', { model });
  for (const engine of [graph, eager]) engine.enterPhase({ ...PHASE, imageSizePx: sizePx });
  const input = anInput(8, 0, sizePx);
  assert.deepEqual(await compute(graph, input), await compute(eager, input));
  graph.dispose();
});

for (const kernels of ['own', 'tensorflow'] as const) {
  test(`traced gradients equal eager ones bit for bit (${kernels} kernels)`, async () => {
    const { graph, eager } = engines(kernels, {
      model: { name: 'efficientnetv2-b0', widthMultiplier: 0.25, stochasticDepthRate: 0.3 },
    });
    for (const [samples, position] of [
      [4, 0],
      [3, 40],
    ] as const) {
      const input = anInput(samples, position);
      assert.deepEqual(await compute(graph, input), await compute(eager, input));
    }
    graph.dispose();
  });
}

const SMALL_MODELS = [
  { model: { name: 'efficientnetv2-b0' }, sizePx: PHASE.imageSizePx },
  { model: { name: 'efficientnet-b0' }, sizePx: PHASE.imageSizePx },
  SMALL_COATNET,
  SMALL_RESNET,
  SMALL_VIT,
];

for (const { model, sizePx } of SMALL_MODELS) {
  test(`our kernels agree with TensorFlow's to 1e-5 of the largest gradient (${model.name})`, () =>
    kernelsAgree(model, sizePx));
}

async function kernelsAgree(model: object, sizePx: number): Promise<void> {
  const own = engines('own', { model: { ...model } }).graph;
  const stock = engines('tensorflow', { model: { ...model } }).graph;
  for (const engine of [own, stock]) {
    engine.enterPhase({ ...PHASE, imageSizePx: sizePx });
    withoutZeroKernels(engine);
  }
  // Without a value so near to a kink of ResNet's many ReLUs that rounding decides.
  const input = anInput(8, 16, sizePx);
  const difference = largestDifference(await compute(own, input), await compute(stock, input));
  assert.ok(difference < 1e-5, `they differ by ${difference}`);
  own.dispose();
  stock.dispose();
}

const HAS_AVX512 = readFileSync('/proc/cpuinfo', 'utf8').includes('avx512f');

test(
  'bfloat16 gives gradients near those of float32, and not the same',
  { skip: HAS_AVX512 ? false : 'this processor has no AVX-512' },
  async () => {
    const full = engines('own').graph;
    const half = engines('own', { engine: { precision: 'bfloat16' } }).graph;
    const input = anInput(8);
    const difference = largestDifference(await compute(full, input), await compute(half, input));
    assert.ok(difference > 0 && difference < 0.1, `they differ by ${difference}`);
    full.dispose();
    half.dispose();
  },
);

test('200 traced steps have the loss curve of eager ones', async () => {
  const { graph, eager } = engines('own', { training: { emaDecay: 0.9, clipNorm: 5 } });
  for (let step = 0; step < 200; step++) {
    const input = anInput(8, (step % 10) * 8);
    const traced = await graph.applyUpdate(step, 0.01, await compute(graph, input));
    const executed = await eager.applyUpdate(step, 0.01, await compute(eager, input));
    assert.equal(traced.meanLoss, executed.meanLoss, `step ${step}`);
  }
  graph.dispose();
});

test('evaluation and prediction of a traced graph agree with the eager ones', async () => {
  const { graph, eager } = engines('own');
  const { pixels, labels } = anInput(6);
  const traced = await graph.evaluate(pixels, labels, 6, 12, 'raw');
  const executed = await eager.evaluate(pixels, labels, 6, 12, 'raw');
  assert.equal(traced.top1Count, executed.top1Count);
  assert.ok(Math.abs(traced.lossSum - executed.lossSum) < 1e-5 * executed.lossSum);
  const predicted = await graph.predict(normalized(pixels), 6, 12, 'raw');
  const compared = await eager.predict(normalized(pixels), 6, 12, 'raw');
  assert.ok(largestDifference(predicted.logits, compared.logits) < 1e-5);
  assert.ok(largestDifference(predicted.features, compared.features) < 1e-5);
  graph.dispose();
});

test('a phase prepared ahead gives the same bytes as one entered cold', async () => {
  const next = { ...PHASE, index: 1, dropoutRate: 0 };
  const { graph } = engines('own');
  const cold = engines('own').graph;
  await compute(graph, anInput(4));
  graph.prepare(next, 4);
  graph.enterPhase(next);
  cold.enterPhase(next);
  assert.deepEqual(await compute(graph, anInput(4)), await compute(cold, anInput(4)));
  graph.dispose();
  cold.dispose();
});

test('2,000 steps leave tensors and memory as they were', { timeout: 300_000 }, async () => {
  const { graph } = engines('own');
  const input = anInput(2);
  const output = new Float32Array(graph.layout.totalElements);
  const steps = async (count: number): Promise<void> => {
    for (let step = 0; step < count; step++) {
      await graph.computeMicroBatch(step, input, output);
      await graph.applyUpdate(step, 0.001, output);
    }
  };
  await steps(300);
  const { tensorCount } = graph.memory();
  const before = process.memoryUsage.rss();
  await steps(2000);
  const grown = process.memoryUsage.rss() - before;
  assert.equal(graph.memory().tensorCount, tensorCount);
  assert.ok(grown < 10_000_000, `resident memory grew by ${grown} bytes in 2,000 steps`);
  graph.dispose();
});

const FIVE_THOUSAND = Float32Array.from({ length: 5000 }, (_, index) => index);

/** An engine on the addon as it is, but a run of more than `samplesMax` finds no memory. */
function scarceEngine(samplesMax: number): GraphEngine {
  const { native } = loaded;
  const scarce = Object.create(native) as typeof native;
  scarce.run = ((...args: Parameters<typeof native.run>) => {
    const images = args[1].find(({ shape }) => shape[1] === PHASE.imageSizePx);
    return (images?.shape[0] ?? 0) > samplesMax
      ? Promise.reject(Object.assign(new Error('OOM'), { code: 'RESOURCE_EXHAUSTED' }))
      : native.run(...(args as unknown as Parameters<typeof native.run>));
  }) as unknown as typeof native.run;
  const run = aRun({ engine: { name: 'tensorflow' } });
  const engine = createGraphEngine({
    run,
    classCount: CLASS_COUNT,
    description: 'test',
    kernels: 'own',
    native: scarce,
  });
  engine.enterPhase(PHASE);
  return engine;
}

test('a step without memory names the phase, the size, and the samples that fit', async () => {
  const engine = scarceEngine(2);
  await assert.rejects(compute(engine, anInput(8)), {
    code: 'CRESCENDO_OUT_OF_MEMORY',
    message:
      'phase 1 at 12 px has no memory for micro-batches of 8 samples; ' +
      '2 would fit: set batch.microBatches to 12 or more',
  });
  engine.dispose();
});

test('the advised number of micro-batches divides the global batch', () => {
  assert.match(microBatchAdvice(24, 5), /^5 would fit: set batch.microBatches to 6 or more$/);
  assert.match(microBatchAdvice(100, 30), /to 4 or more$/);
  assert.match(microBatchAdvice(97, 30), /to 97 or more$/);
  assert.match(microBatchAdvice(100_003, 64), /no batch.microBatches up to 4096/);
  assert.match(microBatchAdvice(24, 0), /not even one sample/);
});

test('evaluation and prediction without memory say what to make smaller', async () => {
  const engine = scarceEngine(2);
  const { pixels, labels } = anInput(4);
  await assert.rejects(engine.evaluate(pixels, labels, 4, PHASE.imageSizePx, 'raw'), {
    code: 'CRESCENDO_OUT_OF_MEMORY',
    message: /^evaluation at 12 px has no memory for 4 samples: .*evaluation\.imageSizePx/,
  });
  await assert.rejects(engine.predict(normalized(pixels), 4, PHASE.imageSizePx, 'raw'), {
    code: 'CRESCENDO_OUT_OF_MEMORY',
    message: /^prediction at 12 px has no memory for 4 samples: .*--size/,
  });
  engine.dispose();
});

function record(build: (x: tf.Tensor) => tf.Tensor): Program {
  const session = { intraOpThreads: 1, precision: 'float32', xla: false } as const;
  return new Program(loaded.native, session, (placeholder) => {
    return new Map([['y', build(placeholder('x', [4]))]]);
  });
}

test('what cannot be recorded is refused with the op and the line', () => {
  const here = /graph-engine\.test\.js/;
  const cases: [string, (x: tf.Tensor) => tf.Tensor, RegExp][] = [
    ['a value that is read', (x) => tf.mul(x, x.dataSync()[0] as number), /dataSync.*read/],
    ['a random draw', (x) => tf.add(x, tf.randomNormal([4])), /random/],
    ['dropout of tfjs', (x) => tf.dropout(x, 0.5), /random/],
    ['data as a constant', () => tf.neg(tf.tensor1d(FIVE_THOUSAND)), /5000 values.*frozen/],
  ];
  for (const [what, build, pattern] of cases) {
    assert.throws(
      () => record(build),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'CRESCENDO_TRACE_REFUSED', `${what}: ${error.message}`);
        assert.match(error.message, pattern, what);
        assert.match(error.message, here, what);
        return true;
      },
    );
  }
});

test('a tensor made before recording is refused, since it would be frozen', () => {
  const outside = tf.neg(tf.tensor1d([1, 2, 3, 4]));
  assert.throws(() => record((x) => tf.add(x, outside)), /TRACE_REFUSED|before recording/);
  outside.dispose();
});

test('frozen weights keep their bytes, and frozen batch norms use moving statistics', async () => {
  for (const kernels of ['own', 'tensorflow'] as const) {
    const { graph } = engines(kernels, FREEZING);
    await assertFrozenNormsUseMovingStatistics(graph);
    await assertFreezes(graph);
    graph.dispose();
  }
});

test('with frozen batch norms and a sigmoid loss, traced gradients equal eager ones', async () => {
  const training = { ...FREEZING['training'], loss: 'sigmoid', labelSmoothing: 1e-4 };
  const { graph, eager } = engines('own', { training });
  const input = anInput(4);
  assert.deepEqual(await compute(graph, input), await compute(eager, input));
  graph.dispose();
});

test('a scaled loss leaves every bit of the weights as it was', async () => {
  const { graph: plain } = engines('own', { training: { clipNorm: 5 } });
  // Without a GPU only the scaling remains of float16.
  const { graph: scaled } = engines('own', {
    training: { clipNorm: 5 },
    engine: { precision: 'float16' },
  });
  for (let step = 0; step < 5; step++) {
    const input = anInput(8, step * 8);
    const [one, other] = [await compute(plain, input), await compute(scaled, input)];
    assert.equal(other[0], (one[0] as number) * 2 ** 15);
    await plain.applyUpdate(step, 0.01, one);
    await scaled.applyUpdate(step, 0.01, other);
  }
  assert.deepEqual(scaled.exportWeights('ema'), plain.exportWeights('ema'));
  plain.dispose();
  scaled.dispose();
});
