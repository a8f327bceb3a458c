/** Gradients that are added to their sums while the backward pass is under way. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { javascriptKernels, VALUE_FORMATS } from '../../lib/collective/kernels/vector.ts';
import { accumulate } from '../../lib/collective/partial-sums.ts';
import { createGraphEngine, type GraphEngine } from '../../lib/engine/graph-engine.ts';
import { loadTensorflow, type LoadedTensorflow } from '../../lib/tensorflow/load.ts';
import { aRun, anInput, CLASS_COUNT, compute } from '../support/engines.ts';
import { barePhase } from '../../lib/run/phases.ts';

let loaded: LoadedTensorflow;

before(async () => {
  loaded = await loadTensorflow({ intraOpThreads: 1 });
});

/** An engine whose gradients make several buckets. */
function anEngine(format: (typeof VALUE_FORMATS)[number]): GraphEngine {
  const run = aRun({
    model: { name: 'efficientnetv2-b0', widthMultiplier: 0.5, depthMultiplier: 1 },
    engine: { name: 'tensorflow' },
    communication: { compression: format },
  });
  const engine = createGraphEngine({
    run,
    classCount: CLASS_COUNT,
    description: 'test',
    kernels: 'own',
    native: loaded.native,
  });
  engine.enterPhase(barePhase(32));
  return engine;
}

for (const format of VALUE_FORMATS) {
  test(`a micro-batch is added to 0, 1 and 3 ${format} sums as kernels do`, async () => {
    const engine = anEngine(format);
    const { totalElements } = engine.layout;
    const input = anInput(4, 0, 32);
    const vector = await compute(engine, input);
    const sums = [1, 2, 3].map((factor) => {
      // Padding between tensors stays zero.
      const sum = vector.map((value, index) => value * (factor + (index % 3) * 0.1));
      const target = sum.slice();
      accumulate(javascriptKernels, { held: [], target }, sum, engine.buckets);
      return target;
    });
    for (const count of [0, 1, 3]) {
      const held = sums.slice(0, count).map((sum) => sum.slice());
      const expected = held.at(-1)?.slice() ?? new Float32Array(totalElements);
      const before = [...held.slice(0, -1), expected];
      accumulate(
        javascriptKernels,
        { held: count === 0 ? [] : before, target: expected },
        vector.slice(),
        engine.buckets,
      );
      const target = held.at(-1) ?? new Float32Array(totalElements);
      const isFinite = await engine.accumulateMicroBatch(0, input, { held, target });
      assert.ok(isFinite);
      assert.ok(Buffer.from(target.buffer).equals(Buffer.from(expected.buffer)), `${count} sums`);
    }
    engine.dispose();
  });
}

test('buckets are told of in their order, each once it is final', async () => {
  const engine = anEngine('float32');
  const input = anInput(4, 0, 32);
  const expected = await compute(engine, input);
  const target = new Float32Array(engine.layout.totalElements);
  const counts: number[] = [];
  let resolveAll: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    resolveAll = resolve;
  });
  const isFinal = (count: number): boolean =>
    engine.buckets
      .slice(0, count)
      .every(({ begin, end }) =>
        target.subarray(begin, end).every((value, index) => value === expected[begin + index]),
      );
  await engine.accumulateMicroBatch(0, input, { held: [], target }, (count) => {
    assert.ok(isFinal(count), `bucket ${count - 1} is told of too early`);
    counts.push(count);
    if (count === engine.buckets.length - 1) resolveAll();
  });
  // The last of them may be told of after the run's end.
  await all;
  assert.ok(engine.buckets.length > 3, `${engine.buckets.length} buckets`);
  assert.deepEqual(
    counts,
    [...counts].sort((left, right) => left - right),
  );
  assert.ok(counts.length > 1, `${counts.length} messages`);
  engine.dispose();
});

test('a micro-batch that is not finite is told as such, and counted in the tail', async () => {
  const engine = anEngine('float32');
  const input = anInput(4, 0, 32);
  input.targets[0] = Number.NaN;
  const target = new Float32Array(engine.layout.totalElements);
  assert.equal(await engine.accumulateMicroBatch(0, input, { held: [], target }), false);
  assert.equal(target.at(-1), 1);
  engine.dispose();
});
