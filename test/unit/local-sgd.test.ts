/** Local SGD: the outer step, and the inner steps that a worker takes for an order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRunText } from '../../lib/run/parse.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import { updateInJavaScript } from '../../lib/optim/optimizer.ts';
import type { AppliedStep } from '../../lib/optim/applied-step.ts';
import type {
  ComputedPart,
  ComputeOrder,
  ModeCompute,
  SharedSum,
  StepWork,
} from '../../lib/optim/modes/mode.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { anEngine, anInput, aRun } from '../support/engines.ts';
import { afterOuterSteps, localWorker, OUTER_STEPS } from '../support/outer-steps.ts';
import { largestRelativeError } from '../support/parity.ts';
import { smallRun } from '../support/run-files.ts';
import { barePhase } from '../../lib/run/phases.ts';

for (const [name, { expected }] of Object.entries(OUTER_STEPS.cases)) {
  test(`outer steps of three workers are PyTorch's SGD to 1e-6 (${name})`, async (context) => {
    const [first, ...others] = await afterOuterSteps(name, updateInJavaScript);
    assert.ok(first !== undefined && others.length === 2);
    const error = largestRelativeError(first, expected);
    context.diagnostic(`largest relative error ${error.toExponential(2)}`);
    assert.ok(error < 1e-6, `relative error ${error}`);
    for (const other of others) assert.deepEqual(other, first);
  });
}

const AVERAGING = { outerLearningRate: 1, outerMomentum: 0, outerNesterov: false };

test('moving statistics become their mean weighted by samples', async () => {
  const workers = [0, 1].map(() => localWorker([1], AVERAGING, updateInJavaScript, [4]));
  const sum = new Float32Array(6);
  for (const [index, { localSgd, parts }] of workers.entries()) {
    const output = new Float32Array(6);
    localSgd.anchor();
    parts.statistics[0] = index === 0 ? 8 : 0;
    const sampleCount = index === 0 ? 3 : 1;
    localSgd.contribute({ lossSum: 2, correctCount: 1, sampleCount }, output);
    for (const [i, value] of output.entries()) sum[i] = (sum[i] as number) + value;
  }
  for (const { localSgd, parts } of workers) {
    const applied = await localSgd.apply(sum);
    assert.deepEqual([applied.meanLoss, applied.accuracyRatio, applied.skipped], [1, 0.5, false]);
    assert.equal(parts.statistics[0], 6);
  }
});

test('what is not finite is flagged, and leaves all at the anchor on every worker', async () => {
  const workers = [0, 1].map(() => localWorker([1], AVERAGING, updateInJavaScript));
  const sum = new Float32Array(5);
  for (const [index, { localSgd, parts }] of workers.entries()) {
    const output = new Float32Array(5);
    localSgd.anchor();
    parts.weights[0] = index === 0 ? 2 : Infinity;
    parts.moments[0]?.fill(7);
    parts.counters[0]?.set([5, 0]);
    localSgd.contribute({ lossSum: 1, correctCount: 0, sampleCount: 1 }, output);
    assert.equal(output[4], index);
    for (const [i, value] of output.entries()) sum[i] = (sum[i] as number) + value;
  }
  for (const { localSgd, parts } of workers) {
    assert.equal((await localSgd.apply(sum)).skipped, true);
    assert.deepEqual([parts.weights[0], parts.moments[0]?.[0]], [1, 0]);
    assert.deepEqual(parts.counters, [new Float32Array(2)]);
  }
});

const LOCAL = {
  training: {
    emaDecay: 0.9,
    optimizer: { name: 'adamw' },
    localSgd: { innerSteps: 3 },
  },
};

function anOrder(microBatches: readonly number[], attempt = 0): ComputeOrder {
  return {
    generation: 1,
    step: 6,
    attempt,
    microBatches,
    learningRates: [0.1, 0.05, 0.02],
    sampleCount: 8,
    memberIndex: 1,
    audits: [],
    audited: [],
    phase: barePhase(12),
  };
}

/** Inner steps with inputs of two samples; `change` may alter one. */
class Steps implements StepWork {
  readonly inputs: StepWork['inputs'];
  readonly #engine: Engine;
  readonly #compute: ModeCompute;
  #newest: ComputeOrder | undefined;
  #sums: readonly SharedSum[] = [];

  constructor(
    engine: Engine,
    change: (input: MicroBatchInput, step: number, microBatch: number) => void = () => undefined,
  ) {
    this.#engine = engine;
    this.inputs = {
      input: (step, microBatch) => {
        const made = { ...anInput(2, 100 * step + microBatch), microBatch };
        change(made, step, microBatch);
        return Promise.resolve(made);
      },
      prefetch: () => undefined,
    };
    const mode = modeOf(aRun(LOCAL));
    assert.equal(mode.name, 'local-sgd');
    this.#compute = mode.compute(engine, this);
  }

  allocate(): Float32Array {
    return new Float32Array(this.#engine.layout.totalElements);
  }

  unitDone(): void {
    // Nobody waits for these steps.
  }

  newestOrder(): ComputeOrder | undefined {
    return this.#newest;
  }

  sumMicroBatches(): Promise<never> {
    return Promise.reject(new Error('local SGD sums its micro-batches by itself'));
  }

  handOver(_order: ComputeOrder, sums: readonly SharedSum[]): void {
    this.#sums = sums;
  }

  announce(order: ComputeOrder): void {
    this.#newest = order;
  }

  compute(order: ComputeOrder): Promise<ComputedPart | undefined> {
    return this.#compute.computeStep(order);
  }

  /** What was handed over last. */
  get contribution(): Float32Array {
    assert.equal(this.#sums[0]?.begin, 1);
    return this.#sums[0].values;
  }

  async apply(sum: Float32Array): Promise<AppliedStep> {
    return this.#compute.apply({ step: 6, learningRate: 0.02, sum, gradientNorm: Number.NaN });
  }
}

async function taken(steps: Steps, order: ComputeOrder): Promise<Float32Array> {
  steps.announce(order);
  assert.ok((await steps.compute(order)) !== undefined);
  return steps.contribution.slice();
}

test('inner steps use the optimizer and leave the EMA; the outer step moves both', async () => {
  const engine = await anEngine(LOCAL);
  const before = engine.exportWeights('raw');
  const steps = new Steps(engine);
  const contribution = await taken(steps, anOrder([0, 1]));
  assert.notDeepEqual(engine.exportWeights('raw'), before);
  assert.deepEqual(engine.exportWeights('ema'), before);
  // Three steps of two micro-batches of two samples.
  assert.equal(contribution.at(-2), 12);
  assert.equal((await steps.apply(contribution)).skipped, false);
  assert.notDeepEqual(engine.exportWeights('ema'), before);
  engine.dispose();
});

test('a joiner that takes the state over goes on with the same bytes', async () => {
  const [source, joiner] = [await anEngine(LOCAL), await anEngine(LOCAL)];
  const steps = new Steps(source);
  await steps.apply(await taken(steps, anOrder([0, 1])));
  joiner.importState(source.exportState());
  const sums = [];
  for (const engine of [source, joiner]) {
    const next = new Steps(engine);
    sums.push(await taken(next, { ...anOrder([2]), step: 9 }));
    await next.apply(sums[0] as Float32Array);
  }
  assert.deepEqual(sums[1], sums[0]);
  assert.deepEqual(joiner.exportState(), source.exportState());
});

test('with another lease steps start anew from the anchor; with the same they stay', async () => {
  const [redoing, fresh] = [await anEngine(LOCAL), await anEngine(LOCAL)];
  let inputs = 0;
  const steps = new Steps(redoing, () => inputs++);
  await taken(steps, anOrder([0]));
  const redone = await taken(steps, anOrder([0, 1], 1));
  assert.equal(inputs, 9);
  assert.deepEqual(redone, await taken(new Steps(fresh), anOrder([0, 1])));
  assert.deepEqual(redoing.exportState(), fresh.exportState());
  assert.deepEqual(await taken(steps, anOrder([0, 1], 2)), redone);
  assert.equal(inputs, 9);
});

test('an order that became void is not worked on further', async () => {
  const [engine, fresh] = [await anEngine(LOCAL), await anEngine(LOCAL)];
  const [old, next] = [anOrder([0]), anOrder([0, 1], 1)];
  const computed: number[] = [];
  const steps = new Steps(engine, (_input, step) => {
    computed.push(step);
    steps.announce(next);
  });
  steps.announce(old);
  assert.equal(await steps.compute(old), undefined);
  assert.deepEqual(computed, [6]);
  assert.deepEqual(await taken(steps, next), await taken(new Steps(fresh), next));
});

test('an inner step that is not finite is left out of this worker, and named', async () => {
  const engine = await anEngine(LOCAL);
  const steps = new Steps(engine, (input, step, microBatch) => {
    if (step === 7 && microBatch === 3) input.targets[5] = Number.NaN;
  });
  const order = anOrder([2, 3]);
  steps.announce(order);
  const result = await steps.compute(order);
  assert.deepEqual(result?.nonfinite, [{ step: 7, microBatch: 3 }]);
  assert.equal(result.sampleCount, 12);
  const { contribution } = steps;
  assert.ok(contribution.every((value) => Number.isFinite(value)));
  // Samples that were used, and the flag.
  assert.deepEqual([contribution.at(-2), contribution.at(-1)], [8, 0]);
  engine.dispose();
});

test('a member without micro-batches contributes nothing, and takes the outer step', async () => {
  const [idle, busy] = [await anEngine(LOCAL), await anEngine(LOCAL)];
  const [idleSteps, busySteps] = [new Steps(idle), new Steps(busy)];
  const nothing = await taken(idleSteps, anOrder([]));
  assert.ok(nothing.every((value) => value === 0));
  const sum = await taken(busySteps, anOrder([0]));
  await idleSteps.apply(sum);
  await busySteps.apply(sum);
  assert.deepEqual(idle.exportWeights('raw'), busy.exportWeights('raw'));
});

test('a run file says how many inner steps, within bounds', () => {
  const parsed = parseRunText(smallRun(), 'test').training.localSgd;
  assert.deepEqual(parsed, {
    innerSteps: 0,
    outerLearningRate: 0.7,
    outerMomentum: 0.9,
    outerNesterov: true,
  });
  for (const [localSgd, message] of [
    [{ innerSteps: 10_001 }, /training\.localSgd\.innerSteps: 10001 is not in 0 to 10000/],
    [
      { innerSteps: 2.5 },
      /training\.localSgd\.innerSteps: 2\.5 is no whole number; write one, in 0 to 10000/,
    ],
    [{ outerMomentum: 1 }, /training\.localSgd\.outerMomentum: 1 is not at least 0 and below 1/],
    [{ innerStep: 4 }, /training\.localSgd\.innerStep: unknown key; did you mean innerSteps/],
  ] as const) {
    assert.throws(() => parseRunText(smallRun({ training: { localSgd } }), 'test'), message);
  }
});
