/** Numbers of a worker that nobody could work with refuse that worker, and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MetricsObserver } from '../../coordinator/observers/metrics-observer.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { planRun } from '../../lib/run/plan.ts';
import type { StepOrder, WorkerMessage } from '../../proto/generated/messages.ts';
import { aReport } from '../support/committed-step.ts';
import { aRun } from '../support/engines.ts';
import { aHello, aPrepared } from '../support/hello.ts';
import {
  JOIN_TOKEN,
  MemoryCoordinator,
  type MemoryConnection,
} from '../support/memory-coordinator.ts';

const BAD = [Number.NaN, Infinity, -1, 2 ** 53, 1e300];

/** What a worker of the first step may say, one of each kind. */
const SAMPLES: readonly WorkerMessage[] = [
  aHello({ joinToken: JOIN_TOKEN }),
  aPrepared({ totalElements: 10 }),
  { kind: 'linksReady', generation: 1, unreachableSlots: [1], relinked: false },
  {
    kind: 'heartbeat',
    generation: 1,
    tensorCount: 1,
    tensorBytes: 1,
    allReduceBytesSent: 1,
    step: 0,
    computeDone: true,
    waitingForSlots: [1],
    progress: 1,
    attempt: 0,
    unbegunMicroBatches: [],
    awaitsInput: false,
  },
  aReport({ nonfinite: [{ step: 0, microBatch: 1 }], cosineSimilarity: 0.5 }),
  {
    kind: 'evaluationDone',
    generation: 1,
    evaluation: 0,
    batches: [
      {
        index: 0,
        sampleCount: 10,
        top1Count: 5,
        top5Count: 9,
        lossSum: 1,
        emaTop1Count: 6,
        emaTop5Count: 9,
        emaLossSum: 1,
        unreadableCount: 0,
        unreadable: [],
      },
    ],
  },
  { kind: 'finished', generation: 1, weightsSha256: 'aa', emaWeightsSha256: 'bb' },
  {
    kind: 'stateBlock',
    generation: 1,
    committedSteps: 0,
    index: 0,
    begin: 0,
    sha256: Buffer.alloc(32),
    content: Buffer.alloc(4),
  },
  { kind: 'blockRequest', generation: 1, index: 0, begin: 0, end: 1 },
];

/** Numbers that a report may hold: a sum that is not finite is one of a step that is skipped. */
const MAY_BE: ReadonlyMap<string, readonly number[]> = new Map([
  ['stepReduced.lossSum', [-1, 2 ** 53]],
  ['stepReduced.correctCount', [2 ** 53]],
  ['stepReduced.sampleCount', [2 ** 53]],
  ['stepReduced.nonfiniteCount', [2 ** 53]],
  ['stepReduced.gradientNorm', [Number.NaN, Infinity, 2 ** 53, 1e300]],
  ['stepReduced.cosineSimilarity', [Number.NaN, -1]],
  ['evaluationDone.batches.0.lossSum', BAD],
  ['evaluationDone.batches.0.emaLossSum', BAD],
]);

/** Paths to the numbers in a value, such as "batches.0.index". */
function numbersIn(value: unknown, path: string): string[] {
  if (typeof value === 'number') return [path];
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  return Object.entries(value).flatMap(([key, inner]) => numbersIn(inner, `${path}.${key}`));
}

/** A copy with another number at a path. */
function changed(message: WorkerMessage, path: string, number: number): WorkerMessage {
  const copy = structuredClone(message);
  const keys = path.split('.').slice(1);
  const last = keys.pop() as string;
  const place = keys.reduce(
    (inner: Record<string, unknown>, key) => inner[key] as Record<string, unknown>,
    copy as unknown as Record<string, unknown>,
  );
  place[last] = number;
  return copy;
}

interface Working {
  readonly cluster: MemoryCoordinator;
  readonly metrics: MetricsObserver;
  readonly workers: readonly [MemoryConnection, MemoryConnection];
}

/** Two workers that were ordered a step. */
function workingCluster(): Working {
  const run = aRun();
  const metrics = new MetricsObserver(run, planRun(run, modeOf(run).plan, 100, 60));
  const cluster = new MemoryCoordinator([metrics]);
  const workers = [cluster.join(), cluster.join()] as const;
  for (const worker of workers) {
    cluster.say(worker, {
      kind: 'linksReady',
      generation: 1,
      unreachableSlots: [],
      relinked: false,
    });
  }
  return { cluster, metrics, workers };
}

for (const message of SAMPLES) {
  test(`a ${message.kind} with numbers out of range refuses its worker only`, async () => {
    for (const path of numbersIn(message, message.kind)) {
      for (const number of BAD) {
        const { cluster, metrics, workers } = workingCluster();
        const isFirst = message.kind === 'hello' || message.kind === 'prepared';
        const liar = isFirst ? cluster.connect() : workers[1];
        if (message.kind === 'prepared') cluster.say(liar, SAMPLES[0] as WorkerMessage);
        cluster.say(liar, changed(message, path, number));
        const mayBe = MAY_BE.get(path)?.some((one) => Object.is(one, number)) === true;
        assert.equal(liar.end?.why, mayBe ? undefined : 'refused', `${path} = ${number}`);
        if (!mayBe) assert.match(liar.end?.reason ?? '', / is .*; it must be |protocol version/);
        assert.equal(workers[0].end, undefined);
        // What is left goes on, and everything can be told.
        cluster.say(workers[0], aReport());
        cluster.coordinator.tick(1000);
        assert.doesNotMatch(await metrics.text(), /total(\{.*\})? Nan/i);
      }
    }
  });
}

test('a sum that is not finite is no lie where the step is skipped', () => {
  const { cluster, workers } = workingCluster();
  const order = workers[0].sent.findLast(({ kind }) => kind === 'stepOrder') as StepOrder;
  for (const worker of workers) {
    const lossSum = Number.NaN;
    cluster.say(worker, aReport({ step: order.step, lossSum, nonfiniteCount: 1 }));
    assert.equal(worker.end, undefined);
  }
  assert.equal(cluster.coordinator.status().committedSteps, 1);
});

test('an evaluation batch that names more images than fit, or at more length, is refused', () => {
  const done = SAMPLES.find(({ kind }) => kind === 'evaluationDone');
  assert.ok(done?.kind === 'evaluationDone');
  const [batch] = done.batches;
  assert.ok(batch !== undefined);
  for (const unreadable of [Array<string>(9).fill('x'), ['x'.repeat(501)]]) {
    const { cluster, workers } = workingCluster();
    cluster.say(workers[0], { ...done, batches: [{ ...batch, unreadable }] });
    assert.match(workers[0].end?.reason ?? '', /the limits are 8 and 500/);
  }
});
