/** The all-reduce of a step on a worker, across orders. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javascriptCompressionKernels } from '../../lib/collective/kernels/compression.ts';
import { javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import type { AllReduceFrame } from '../../lib/collective/all-reduce/all-reduce.ts';
import type { StepOrder } from '../../proto/generated/messages.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';
import { StepAllReduce, type ReducedGradient } from '../../worker/all-reduce/step-all-reduce.ts';
import { barePhase } from '../../lib/run/phases.ts';
import { SENDING_SUMS } from '../../lib/optim/modes/owners.ts';

const ELEMENTS = 32;
const KERNELS = { vectors: javascriptKernels, compressions: javascriptCompressionKernels };
const LOSSY = {
  communication: { topKFraction: 0.1, powerSgdRank: 2, guardEverySteps: 0 },
  seed: 1,
  parameters: [],
  gradientElements: ELEMENTS,
};
const MACHINES = new Map([
  [0, 'a'],
  [1, 'b'],
]);

function order(step: number, attempt = 0): StepOrder {
  return {
    kind: 'stepOrder',
    generation: 1,
    step,
    attempt,
    leases: [
      { slot: 0, microBatches: [0] },
      { slot: 1, microBatches: [1] },
    ],
    phase: barePhase(32),
    learningRate: 0.1,
    audits: [],
    relayedPairs: [],
    sampleCount: 8,
    innerLearningRates: [],
    compression: 'float32',
  };
}

class Member {
  readonly allReduce: StepAllReduce;
  readonly sent: [StepOrder, AllReduceFrame][] = [];
  readonly reduced: ReducedGradient[] = [];
  retries = 0;
  #order = order(0);

  constructor() {
    this.allReduce = new StepAllReduce({
      mySlot: 0,
      microBatches: 2,
      kernels: KERNELS,
      lossy: LOSSY,
      owners: SENDING_SUMS,
      buckets: [{ begin: 0, end: ELEMENTS, format: 'float32' }],
      send: (of, frame) => this.sent.push([of, frame]),
      now: () => performance.now(),
      retry: () => {
        this.retries++;
      },
      onComplete: (_, sum) => this.reduced.push(sum),
    });
  }

  start(of: StepOrder): void {
    this.#order = of;
    this.allReduce.start(of, MACHINES);
  }

  contribute(value: number): Float32Array {
    const values = new Float32Array(ELEMENTS).fill(value);
    const result = new Float32Array(ELEMENTS);
    const { generation, step, attempt } = this.#order;
    this.allReduce.begin({
      generation,
      step,
      attempt,
      sums: [{ begin: 0, end: 1, values }],
      result,
      stepsWeights: { by: 'workers' },
    });
    this.allReduce.offer(this.#order, Infinity);
    return result;
  }
}

function fromPeer(step: number, kind: 'reduce' | 'gather', attempt = 0): AnnouncedFrame {
  const node = kind === 'reduce' ? { nodeBegin: 1, nodeEnd: 2 } : { nodeBegin: 0, nodeEnd: 2 };
  const chunk = kind === 'reduce' ? 0 : 1;
  return {
    kind,
    sourceSlot: 1,
    targetSlot: 0,
    generation: 1,
    step,
    attempt,
    chunk,
    ...node,
    offsetElements: chunk * 16,
    payloadBytes: 64,
  };
}

const ONES = new Uint8Array(new Float32Array(16).fill(1).buffer);

test('frames that come before their order wait on their link, and are asked for again', () => {
  const member = new Member();
  assert.equal(member.allReduce.accept(fromPeer(0, 'reduce')), 'later');
  member.start(order(0));
  assert.equal(member.retries, 1);
  assert.notEqual(member.allReduce.accept(fromPeer(0, 'reduce')), 'later');
});

test('frames of an earlier attempt are dropped, and those of an abandoned one go nowhere', () => {
  const member = new Member();
  member.start(order(0, 1));
  const stale = member.allReduce.accept(fromPeer(0, 'reduce', 0));
  assert.notEqual(stale, 'later');
  assert.equal(member.allReduce.staleFrameCount, 1);
  const result = member.contribute(2);
  const underWay = member.allReduce.accept(fromPeer(0, 'reduce', 1));
  member.allReduce.abandon();
  if (underWay !== 'later') {
    underWay.write(ONES);
    underWay.end();
  }
  assert.deepEqual([...result], Array(ELEMENTS).fill(0));
});

test('a whole sum is reported once, with a checksum that tells sums apart', () => {
  const checksums = [1, 1, 3].map((value) => {
    const member = new Member();
    member.start(order(0));
    const result = member.contribute(value);
    for (const kind of ['reduce', 'gather'] as const) {
      const sink = member.allReduce.accept(fromPeer(0, kind));
      assert.notEqual(sink, 'later');
      if (sink === 'later') continue;
      sink.write(ONES);
      sink.end();
    }
    assert.equal(member.reduced.length, 1);
    assert.equal(member.reduced[0]?.values, result);
    assert.deepEqual([result[0], result[16]], [value + 1, 1]);
    return member.reduced.map(({ checksum }) => checksum)[0];
  });
  assert.equal(checksums[0], checksums[1]);
  assert.notEqual(checksums[0], checksums[2]);
});

test('a relayed frame that comes early is taken in with its order; too many are refused', () => {
  const member = new Member();
  const payload = ONES;
  const frame = { ...fromPeer(0, 'reduce'), payload };
  member.allReduce.acceptRelayed(frame);
  member.start(order(0));
  assert.throws(() => member.allReduce.accept(frame), /does not fit/);
  assert.throws(() => {
    for (let step = 1; step < 9; step++) {
      member.allReduce.acceptRelayed({ ...fromPeer(step, 'reduce'), payload });
    }
  }, /320 bytes came before their order; at most 256/);
});

test('a relayed frame against the plan does not keep links from being asked again', () => {
  const member = new Member();
  member.allReduce.acceptRelayed({ ...fromPeer(0, 'reduce'), chunk: 9, payload: ONES });
  assert.throws(() => {
    member.start(order(0));
  }, /does not fit/);
  assert.equal(member.allReduce.accept(fromPeer(0, 'gather')), 'later');
  const before = member.retries;
  member.contribute(1);
  assert.ok(member.retries > before);
});
