/** Memory of the all-reduce, over real sockets: what workers hold beyond the model. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { javascriptCompressionKernels } from '../../lib/collective/kernels/compression.ts';
import { javascriptKernels, type ValueFormat } from '../../lib/collective/kernels/vector.ts';
import { planBuckets, type Bucket } from '../../lib/collective/buckets.ts';
import { accumulate, PartialSums, type Accumulation } from '../../lib/collective/partial-sums.ts';
import { evenPart } from '../../lib/collective/tree.ts';
import type { StepOrder } from '../../proto/generated/messages.ts';
import { DataPlane } from '../../worker/all-reduce/data-plane.ts';
import { PeerLinks } from '../../lib/transport/peer-links.ts';
import type { Peer } from '../../lib/transport/peer-transport.ts';
import { barePhase } from '../../lib/run/phases.ts';
import { SENDING_SUMS } from '../../lib/optim/modes/owners.ts';

const DEADLINE = { timeout: 60_000 };
/** 28 MB in tensors of 1 MB: about EfficientNetV2-B0. */
const ELEMENTS = 7_000_000;
const TENSOR_ELEMENTS = 250_000;
/** Most that a worker holds of sums, results and frames, over the gradient's bytes. */
const SHARE_MAX = 2.5;
const TOKEN = 'token';

function bucketsOf(format: ValueFormat): Bucket[] {
  const count = ELEMENTS / TENSOR_ELEMENTS;
  const tensorBegins = Array.from({ length: count }, (_, index) => index * TENSOR_ELEMENTS);
  const shape = { tensorBegins, gradientElements: ELEMENTS, totalElements: ELEMENTS + 16 };
  return planBuckets(shape, format);
}

class Member {
  readonly links: PeerLinks;
  readonly plane: DataPlane;
  readonly #buckets: readonly Bucket[];
  readonly #sums: PartialSums;
  readonly #slot: number;
  #onReduced: ((sum: Float32Array) => void) | undefined;

  constructor(context: TestContext, slot: number, microBatches: number, format: ValueFormat) {
    this.#slot = slot;
    this.#buckets = bucketsOf(format);
    this.#sums = new PartialSums(microBatches, () => new Float32Array(ELEMENTS + 16));
    this.links = new PeerLinks('here', {
      onFrame: (frame) => this.plane.onFrame(frame),
      onDialed: () => undefined,
      onBroken: () => undefined,
    });
    const clock = { now: () => performance.now() };
    this.plane = new DataPlane(this.links, clock, {
      relay: () => undefined,
      onReduced: (_, { values }) => this.#onReduced?.(values),
      onLinked: () => undefined,
      onState: () => undefined,
      onShards: () => undefined,
    });
    this.links.identify(slot, TOKEN);
    const lossy = {
      communication: { topKFraction: 0.1, powerSgdRank: 2, guardEverySteps: 0 },
      seed: 1,
      parameters: [],
      gradientElements: ELEMENTS,
    };
    this.plane.open({
      mySlot: slot,
      microBatches,
      buckets: this.#buckets,
      stateElements: 0,
      lossy,
      owners: SENDING_SUMS,
      kernels: { vectors: javascriptKernels, compressions: javascriptCompressionKernels },
    });
    context.after(() => {
      this.links.close();
    });
  }

  /** Sums its share as a compute thread does, then offers it bucket by bucket. */
  async reduce(
    order: StepOrder,
    machines: ReadonlyMap<number, string>,
    isLate: boolean,
  ): Promise<Float32Array> {
    const reduced = new Promise<Float32Array>((resolve) => {
      this.#onReduced = resolve;
    });
    this.plane.startAttempt(order, machines);
    this.#sums.clear();
    const shards = order.leases.find(({ slot }) => slot === this.#slot)?.microBatches ?? [];
    let last: Accumulation | undefined;
    for (const shard of shards) {
      last = this.#sums.accumulationOf(shard);
      const gradient = new Float32Array(ELEMENTS + 16).fill(1 + (shard % 3));
      accumulate(javascriptKernels, last, gradient, this.#buckets);
      if (shard !== shards.at(-1)) this.#sums.added(shard, last);
      else {
        const unused = last.held.find((values) => values !== last?.target);
        const sums = this.#sums.listAfter(shard, last);
        const result = unused ?? this.#sums.take();
        const { generation, step, attempt } = order;
        this.plane.allReduce.begin({
          generation,
          step,
          attempt,
          sums,
          result,
          stepsWeights: { by: 'workers' },
        });
        this.#sums.added(shard, last);
      }
    }
    // Until the others can do nothing more without it.
    for (let turn = 0; isLate && turn < 500; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (let bucket = 1; bucket <= this.#buckets.length; bucket++) {
      this.plane.allReduce.offer(order, bucket);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return reduced;
  }

  get bytesHeld(): number {
    return this.#sums.vectorCount * ELEMENTS * 4 + this.plane.bytesHeld;
  }
}

function orderOf(step: number, workers: number, shardsEach: number): StepOrder {
  const leases = Array.from({ length: workers }, (_, slot) => ({
    slot,
    microBatches: evenPart(workers * shardsEach, slot, workers),
  }));
  return {
    kind: 'stepOrder',
    generation: 1,
    step,
    attempt: 0,
    leases,
    phase: barePhase(32),
    learningRate: 0.1,
    sampleCount: 8,
    innerLearningRates: [],
    audits: [],
    relayedPairs: [],
    compression: 'float32',
  };
}

/** Two steps of a cluster. @returns bytes held by each member after each step */
async function twoSteps(
  context: TestContext,
  machines: readonly string[],
  shardsEach: number,
  format: ValueFormat,
): Promise<number[][]> {
  const microBatches = machines.length * shardsEach;
  const members = machines.map((_, slot) => new Member(context, slot, microBatches, format));
  const peers: Peer[] = [];
  for (const [slot, { links }] of members.entries()) {
    const dataUrl = `ws://127.0.0.1:${await links.listen('127.0.0.1', 0)}`;
    peers.push({ slot, dataUrl, machine: 'here', localPath: await links.listenLocally() });
  }
  await Promise.all(
    members.map(({ links }, slot) => links.link(peers.filter((peer) => peer.slot !== slot))),
  );
  const byMachine = new Map(machines.entries());
  const held: number[][] = [];
  for (let step = 0; step < 2; step++) {
    const order = orderOf(step, machines.length, shardsEach);
    const sums = await Promise.all(
      // In the second step the last one is late.
      members.map((member, slot) => {
        const isLate = step > 0 && slot === machines.length - 1;
        return member.reduce(order, byMachine, isLate);
      }),
    );
    let expected = 0;
    for (let shard = 0; shard < microBatches; shard++) expected += 1 + (shard % 3);
    for (const sum of sums) assert.ok(sum.every((value) => value === expected));
    held.push(members.map(({ bytesHeld }) => bytesHeld));
  }
  for (const { links } of members) links.close();
  return held;
}

for (const format of ['float32', 'bfloat16'] as const) {
  for (const machines of [
    ['a', 'b'],
    ['a', 'b', 'c', 'd'],
    ['a', 'a', 'b', 'b'],
  ]) {
    const name = `${machines.length} workers on ${new Set(machines).size} nodes, ${format}`;
    test(`a worker holds ${SHARE_MAX} gradients at most: ${name}`, DEADLINE, async (context) => {
      for (const shardsEach of [1, 2, 4]) {
        const held = await twoSteps(context, machines, shardsEach, format);
        for (const [step, bytes] of held.entries()) {
          const shares = bytes.map((one) => one / (ELEMENTS * 4));
          const text = shares.map((share) => share.toFixed(2)).join(', ');
          context.diagnostic(`${shardsEach} micro-batches each, step ${step}: ${text} gradients`);
          assert.ok(
            shares.every((share) => share >= 1.5 && share <= SHARE_MAX),
            text,
          );
        }
      }
    });
  }
}
