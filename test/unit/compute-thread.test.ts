/** The compute thread behind a port of its own: requests in, replies out, in every mode. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { BatchSource } from '../../lib/data/batch-source.ts';
import type { ComputeOrder } from '../../lib/optim/modes/mode.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { barePhase } from '../../lib/run/phases.ts';
import { ComputeThread } from '../../worker/compute/compute-thread.ts';
import type { ComputeReply } from '../../worker/compute/messages.ts';
import { anEngine, anInput, aRun, CLASS_COUNT } from '../support/engines.ts';
import type { RunOverrides } from '../support/run-files.ts';

const MODES: readonly [string, RunOverrides][] = [
  ['synchronous', {}],
  ['local-sgd', { training: { localSgd: { innerSteps: 2 } } }],
  ['sharded', { training: { optimizer: { sharded: true } } }],
];

const SOURCE: BatchSource = {
  classNames: Array.from({ length: CLASS_COUNT }, (_, index) => `class ${index}`),
  filesSha256: '',
  trainSampleCount: 24,
  validationSampleCount: 4,
  microBatch: (step, microBatch, firstPosition, sampleCount) =>
    Promise.resolve({ ...anInput(sampleCount, 10 * step + microBatch), microBatch, firstPosition }),
  validation: () => Promise.reject(new Error('nothing is evaluated here')),
};

class Thread {
  readonly replies: ComputeReply[] = [];
  readonly #thread: ComputeThread;

  private constructor(
    engine: Awaited<ReturnType<typeof anEngine>>,
    overrides: RunOverrides,
    source: BatchSource,
  ) {
    this.#thread = new ComputeThread(aRun(overrides), engine, source, {
      postMessage: (reply) => this.replies.push(reply),
      close: () => undefined,
    });
  }

  static async of(overrides: RunOverrides, source = SOURCE): Promise<Thread> {
    return new Thread(await anEngine(overrides), overrides, source);
  }

  /** @returns what is replied to a request */
  async replied(request: Parameters<ComputeThread['request']>[0]): Promise<ComputeReply[]> {
    const before = this.replies.length;
    await this.#thread.request(request);
    return this.replies.slice(before);
  }
}

/** All micro-batches of a step, on one worker. */
function anOrder(run: ReturnType<typeof aRun>, steps: number, attempt = 0): ComputeOrder {
  const { microBatches, globalSize } = run.batch;
  return {
    generation: 1,
    step: 0,
    attempt,
    microBatches: Array.from({ length: microBatches }, (_, index) => index),
    phase: barePhase(12),
    learningRates: steps === 1 ? [0.01] : [0.01, 0.01],
    sampleCount: steps * globalSize,
    memberIndex: 0,
    audits: [],
    audited: [],
  };
}

for (const [name, overrides] of MODES) {
  const run = aRun(overrides);

  test(`${name}: a step is computed, handed over and applied`, async () => {
    const mode = modeOf(run);
    assert.equal(mode.name, name);
    const thread = await Thread.of(overrides);
    assert.equal(thread.replies[0]?.kind, 'ready');
    const { stepsPerOrder } = mode.plan;
    const order = anOrder(run, stepsPerOrder);
    const replies = await thread.replied({ kind: 'step', ...order });
    const begun = replies.find(({ kind }) => kind === 'sumsBegun');
    assert.ok(begun?.kind === 'sumsBegun');
    const made = replies.at(-1);
    assert.ok(made?.kind === 'sumsMade');
    assert.equal(made.sampleCount, order.sampleCount);
    const units = replies.filter(({ kind }) => kind === 'unitDone').length;
    assert.equal(units, stepsPerOrder * order.microBatches.length);
    assert.equal(begun.sums.length, 1);
    // The values do not matter here; with one worker the all-reduce comes to its own sum.
    begun.result.set(begun.sums[0]?.values ?? assert.fail());
    const sum = begun.result;
    const [applied] = await thread.replied({
      kind: 'apply',
      step: 0,
      learningRate: 0.01,
      sum,
      gradientNorm: 1,
    });
    assert.ok(applied?.kind === 'applied');
    assert.equal(applied.result.skipped, false);
    assert.ok(Number.isFinite(applied.result.meanLoss));
    await thread.replied({ kind: 'stop' });
  });

  test(`${name}: another attempt with the same micro-batches has the same sums`, async () => {
    const thread = await Thread.of(overrides);
    const order = anOrder(run, modeOf(run).plan.stepsPerOrder);
    const sumsOf = async (attempt: number): Promise<Float32Array> => {
      const replies = await thread.replied({ kind: 'step', ...order, attempt });
      const begun = replies.find(({ kind }) => kind === 'sumsBegun');
      assert.ok(begun?.kind === 'sumsBegun' && begun.attempt === attempt);
      return begun.sums[0]?.values ?? assert.fail();
    };
    const first = (await sumsOf(0)).slice();
    assert.deepEqual(await sumsOf(1), first);
    await thread.replied({ kind: 'stop' });
  });
}

/** Micro-batches of four; `onInput` is told when the input of one is asked for. */
function watched(onInput: (microBatch: number) => void): BatchSource {
  return {
    ...SOURCE,
    microBatch: (step, microBatch, firstPosition, sampleCount, phase) => {
      onInput(microBatch);
      return SOURCE.microBatch(step, microBatch, firstPosition, sampleCount, phase);
    },
  };
}

const FOUR: RunOverrides = { batch: { globalSize: 8, microBatches: 4 } };

test('a newer order stops a step at the next micro-batch, and what is done counts on', async () => {
  const order = anOrder(aRun(FOUR), 1);
  let later: Promise<ComputeReply[]> | undefined;
  const source = watched((microBatch) => {
    // The input of the second is made while the first is computed.
    if (microBatch !== 1) return;
    later ??= thread.replied({ kind: 'step', ...order, attempt: 1, microBatches: [0] });
  });
  const thread = await Thread.of(FOUR, source);
  await thread.replied({ kind: 'step', ...order });
  await later;
  const made = thread.replies.filter((one) => one.kind === 'sumsMade');
  assert.deepEqual(
    made.map(({ attempt, sampleCount }) => [attempt, sampleCount]),
    [[1, 2]],
  );
  assert.ok((made[0]?.computeSeconds ?? 0) > 0, 'the first attempt took some time');
  const begun = thread.replies.filter((one) => one.kind === 'sumsBegun');
  assert.deepEqual(
    begun.map(({ attempt, sums }) => [attempt, ...sums.map(({ begin, end }) => [begin, end])]),
    [[1, [0, 1]]],
  );
  const left = thread.replies.flatMap((one) => (one.kind === 'leaseLeft' ? [one] : []));
  assert.deepEqual(
    left.map(({ unbegun, awaitsInput }) => [unbegun.join(), awaitsInput]),
    [
      ['0,1,2,3', true],
      ['1,2,3', false],
      ['1,2,3', true],
    ],
  );
  await thread.replied({ kind: 'stop' });
});

test('a step that waits for an input follows newer orders, and reads the input once', async () => {
  const order = anOrder(aRun(FOUR), 1);
  const asked: number[] = [];
  const source: BatchSource = {
    ...SOURCE,
    microBatch: (step, microBatch, firstPosition, sampleCount, phase) => {
      asked.push(microBatch);
      // The second input never comes.
      return microBatch === 1
        ? new Promise(() => undefined)
        : SOURCE.microBatch(step, microBatch, firstPosition, sampleCount, phase);
    },
  };
  const thread = await Thread.of(FOUR, source);
  const attempts = [thread.replied({ kind: 'step', ...order })];
  while (!thread.replies.some((one) => one.kind === 'unitDone')) await setImmediate();
  for (const [attempt, microBatches] of [[0, 1], [0]].entries()) {
    attempts.push(thread.replied({ kind: 'step', ...order, attempt: attempt + 1, microBatches }));
    await setImmediate();
  }
  await Promise.all(attempts);
  const made = thread.replies.flatMap((one) => (one.kind === 'sumsMade' ? [one.attempt] : []));
  assert.deepEqual(made, [2]);
  assert.deepEqual(
    asked.filter((one) => one === 1),
    [1],
  );
  await thread.replied({ kind: 'stop' });
});

test('micro-batches that come from another worker make the sums that they made there', async () => {
  const order = anOrder(aRun(FOUR), 1);
  const sumsOf = async (
    thread: Thread,
    attempt: number,
    microBatches: number[],
  ): Promise<string> => {
    const replies = await thread.replied({ kind: 'step', ...order, attempt, microBatches });
    const begun = replies.find(({ kind }) => kind === 'sumsBegun');
    assert.ok(begun?.kind === 'sumsBegun');
    const [sum] = begun.sums;
    return Buffer.from(sum?.values.slice().buffer ?? assert.fail()).toString('base64');
  };
  const alone = await Thread.of(FOUR);
  const relieving = await Thread.of(FOUR);
  await sumsOf(relieving, 0, [0, 1]);
  assert.equal(await sumsOf(relieving, 1, [0, 1, 2, 3]), await sumsOf(alone, 0, [0, 1, 2, 3]));
  for (const thread of [alone, relieving]) await thread.replied({ kind: 'stop' });
});

test('an error is replied, and the requests behind it are still served', async () => {
  const thread = await Thread.of({});
  const [failed] = await thread.replied({
    kind: 'evaluate',
    evaluation: 0,
    generation: 1,
    batches: [0],
    batchSamples: 4,
    imageSizePx: 12,
  });
  assert.ok(failed?.kind === 'failed');
  assert.match(failed.message, /nothing is evaluated here/);
  const [state] = await thread.replied({
    kind: 'exportState',
    generation: 3,
    begin: 0,
    end: Infinity,
  });
  assert.ok(state?.kind === 'state' && state.generation === 3);
  await thread.replied({ kind: 'stop' });
});

/** Six validation samples; `onRead` is told before each batch. */
function evaluated(onRead: (first: number) => void): BatchSource {
  return {
    ...SOURCE,
    validationSampleCount: 6,
    validation: (first, sampleCount) => {
      onRead(first);
      const { pixels, labels } = anInput(sampleCount, first);
      return Promise.resolve({ pixels, labels, sampleCount, unreadable: [] });
    },
  };
}

const EVALUATION = {
  kind: 'evaluate',
  evaluation: 2,
  generation: 1,
  batches: [0, 2, 1],
  batchSamples: 2,
  imageSizePx: 12,
} as const;

test('each batch of an evaluation is replied as soon as it is done', async () => {
  const seen: string[] = [];
  const source = evaluated((first) => seen.push(`read ${first}`));
  const thread = await Thread.of({}, source);
  const replies = await thread.replied(EVALUATION);
  const batches = replies.flatMap((one) => (one.kind === 'evaluated' ? [one.batches] : []));
  assert.deepEqual(
    batches.map((some) => some.map(({ index, sampleCount }) => [index, sampleCount])),
    [[[0, 2]], [[2, 2]], [[1, 2]]],
  );
  assert.equal(replies.filter(({ kind }) => kind === 'unitDone').length, 3);
  assert.deepEqual(seen, ['read 0', 'read 4', 'read 2']);
  await thread.replied({ kind: 'stop' });
});

test('an evaluation is given up at the next batch when something else is asked for', async () => {
  let later: Promise<ComputeReply[]> | undefined;
  const source = evaluated(() => {
    later ??= thread.replied({ ...EVALUATION, generation: 2, batches: [1] });
  });
  const thread = await Thread.of({}, source);
  await thread.replied(EVALUATION);
  await later;
  const batches = thread.replies.flatMap((one) =>
    one.kind === 'evaluated' ? [[one.generation, one.batches[0]?.index]] : [],
  );
  assert.deepEqual(batches, [
    [1, 0],
    [2, 1],
  ]);
  await thread.replied({ kind: 'stop' });
});

test('an evaluation that is divided anew does not repeat what it has said', async () => {
  let later: Promise<ComputeReply[]> | undefined;
  const source = evaluated(() => {
    later ??= thread.replied({ ...EVALUATION, batches: [0, 1] });
  });
  const thread = await Thread.of({}, source);
  await thread.replied(EVALUATION);
  await later;
  const batches = thread.replies.flatMap((one) =>
    one.kind === 'evaluated' ? [one.batches[0]?.index] : [],
  );
  assert.deepEqual(batches, [0, 1]);
  await thread.replied({ kind: 'stop' });
});

test('a batch without a readable image counts nothing and names the first', async () => {
  const unreadable = Array.from({ length: 20 }, (_, index) => `cannot decode ${index}`);
  const thread = await Thread.of(
    {},
    {
      ...evaluated(() => undefined),
      validation: () =>
        Promise.resolve({
          pixels: new Uint8Array(0),
          labels: new Int32Array(0),
          sampleCount: 0,
          unreadable,
        }),
    },
  );
  const replies = await thread.replied({ ...EVALUATION, batches: [0] });
  const [batch] = replies.flatMap((one) => (one.kind === 'evaluated' ? one.batches : []));
  assert.equal(batch?.sampleCount, 0);
  assert.equal(batch.unreadableCount, 20);
  assert.deepEqual(batch.unreadable, unreadable.slice(0, 8));
  await thread.replied({ kind: 'stop' });
});
