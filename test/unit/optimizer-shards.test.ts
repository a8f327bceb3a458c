/** Shares of the optimizer state: they move with the members, and steps come out as without. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { cutChunks, type Bucket } from '../../lib/collective/buckets.ts';
import { isRecoverable, type ShardMember } from '../../lib/collective/shard-layout.ts';
import type { UpdateSettings } from '../../lib/base/update-settings.ts';
import { updateInJavaScript, type UpdateVectors } from '../../lib/optim/optimizer.ts';
import { javascriptUpdateKernels } from '../../lib/optim/update-kernels.ts';
import { OptimizerShards } from '../../lib/optim/modes/sharded/optimizer-shards.ts';
import { stepByPieces } from '../support/update-pieces.ts';

const ELEMENTS = 9_000;
/** Padding between the parameters, one of which is not trained. */
const UPDATE = {
  segments: Int32Array.of(0, 2_000, 1, 2_016, 5_001, 0, 6_000, 9_000, 1),
  rates: Float32Array.of(0.5, 1, 2),
};
const INITIAL_MOMENTS = [0, 1];
const BUCKETS: Bucket[] = [
  { begin: 6_000, end: 9_000, format: 'float32' },
  { begin: 0, end: 6_000, format: 'float32' },
  { begin: 9_000, end: 9_040, format: 'float32' },
];
const SETTINGS: UpdateSettings = {
  kind: 1,
  scale: 0.1,
  learningRate: 0.02,
  momentum: 0.9,
  nesterov: false,
  decay: 0.9,
  epsilon: 1e-3,
  beta1: 0.9,
  beta2: 0.999,
  correction1: 1,
  correction2: 1,
  weightDecay: 0.01,
  clipNorm: 5,
  emaKeep: 0,
};

function sumOf(step: number): Float32Array {
  const random = new RandomStream(9, 'sum', step);
  return Float32Array.from({ length: ELEMENTS + 40 }, () => random.normal());
}

function initialVectors(): UpdateVectors {
  const random = new RandomStream(2, 'weights');
  return {
    weights: Float32Array.from({ length: ELEMENTS }, () => random.normal()),
    sum: new Float32Array(ELEMENTS),
    moments: INITIAL_MOMENTS.map((value) => new Float32Array(ELEMENTS).fill(value)),
    ema: new Float32Array(0),
    ...UPDATE,
  };
}

class Workers {
  readonly weights = initialVectors().weights;
  readonly #shards = new Map<number, OptimizerShards>();
  #members: readonly ShardMember[] = [];
  #settled: { generation: number; members: readonly ShardMember[] } = {
    generation: 0,
    members: [],
  };
  #generation = 0;

  /** @param isComplete whether all take their shards, or another membership comes first */
  form(members: readonly ShardMember[], isComplete = true): void {
    this.#generation++;
    for (const { slot } of members) {
      if (!this.#shards.has(slot)) this.#shards.set(slot, this.#join(slot));
    }
    const plans = members.map(({ slot }) => ({
      slot,
      plan: this.shard(slot).plan(this.#generation, members, {
        ...this.#settled,
        isOfCheckpoint: false,
      }),
    }));
    for (const { slot, plan } of plans) {
      if (!isComplete && slot % 2 === 0) continue;
      const received = new Map(
        plan.incoming.map(({ slot: source, elements }) => {
          const outgoing = plans.find((one) => one.slot === source)?.plan.outgoing;
          const values = outgoing?.find((one) => one.slot === slot)?.values;
          assert.equal(values?.length, elements);
          return [source, values as Float32Array];
        }),
      );
      this.shard(slot).stage(received);
    }
    if (!isComplete) return;
    this.#members = members;
    this.#settled = { generation: this.#generation, members };
    for (const slot of this.#shards.keys()) {
      if (!members.some((one) => one.slot === slot)) this.#shards.delete(slot);
    }
  }

  /**
   * One step as the all-reduce has them take it.
   * @param isCommitted else it is as if it had not been
   */
  step(sum: Float32Array, isCommitted = true): number {
    const { weights } = this;
    const chunks = cutChunks(BUCKETS.slice(0, 2), this.#members.length, 1024);
    const squares: number[] = [];
    for (const { slot } of this.#members) this.shard(slot).enter(this.#generation);
    for (const { slot } of this.#members)
      this.shard(slot).begin({ by: 'owners', settings: SETTINGS });
    for (const { offset, length, owner } of [...chunks].sort((a, b) => a.offset - b.offset)) {
      const shard = this.shard(this.#slotOf(owner));
      const output = new Float64Array(shard.squareCountOf(offset, length));
      shard.squares(offset, sum.slice(offset, offset + length), output);
      squares.push(...output);
    }
    const norms = this.#members.map(({ slot }) =>
      this.shard(slot).normOf(Float64Array.from(squares)),
    );
    const result = sum.slice();
    for (const { offset, length, owner } of chunks) {
      const backup = this.#slotOf((owner + 1) % this.#members.length);
      const made = [...new Set([this.#slotOf(owner), backup])].map((slot) => {
        const values = sum.slice(offset, offset + length);
        this.shard(slot).step(offset, values, norms[0] as number);
        return values;
      });
      for (const values of made) assert.deepEqual(values, made[0]);
      result.set(made[0] as Float32Array, offset);
    }
    if (!isCommitted) return Number.NaN;
    for (const { slot } of this.#members) this.shard(slot).commit(result);
    weights.set(result.subarray(0, ELEMENTS));
    return norms[0] as number;
  }

  shard(slot: number): OptimizerShards {
    return this.#shards.get(slot) as OptimizerShards;
  }

  #slotOf(index: number): number {
    return this.#members[index]?.slot as number;
  }

  #join(mySlot: number): OptimizerShards {
    const update = {
      ...UPDATE,
      initialMoments: INITIAL_MOMENTS,
      blockElements: 1024,
      isClipped: true,
    };
    return new OptimizerShards(
      { kind: 'shards', update, initialWeights: initialVectors().weights },
      { mySlot, kernels: javascriptUpdateKernels, buckets: BUCKETS, gradientElements: ELEMENTS },
    );
  }
}

const on = (...slots: number[]): ShardMember[] => slots.map((slot) => ({ slot, machine: 'one' }));

test('through any changes of members the weights are those of one whole optimizer', () => {
  const random = new RandomStream(1, 'members');
  const workers = new Workers();
  const whole = initialVectors();
  let members = on(0, 1, 2);
  workers.form(members);
  for (let step = 0; step < 40; step++) {
    // None, one, or two before the next step.
    for (let change = random.below(3); change > 0; change--) {
      const next = on(...[0, 1, 2, 3, 4, 5].filter(() => random.below(2) === 0));
      const left = new Set(next.map(({ slot }) => slot));
      if (!isRecoverable(members, left)) continue;
      // A membership that breaks up before it is complete leaves the state where it was.
      if (random.below(3) === 0) workers.form(on(...left, 9), false);
      workers.form(next);
      members = next;
    }
    if (random.below(4) === 0) workers.step(sumOf(1000 + step), false);
    const norm = workers.step(sumOf(step));
    const sum = sumOf(step).subarray(0, ELEMENTS);
    assert.equal(norm, updateInJavaScript(SETTINGS, { ...whole, sum }));
    assert.deepEqual(workers.weights, whole.weights, `step ${step}`);
  }
});

test('a step by pieces, in JavaScript too, has the bits of the whole step', () => {
  const vectors = { ...initialVectors(), sum: sumOf(1).subarray(0, ELEMENTS) };
  for (const kind of [0, 1, 2] as const) {
    const moments = vectors.moments.slice(0, kind === 0 ? 1 : 2);
    const settings = { ...SETTINGS, kind };
    const before = { ...vectors, moments };
    const pieces = stepByPieces(javascriptUpdateKernels, settings, before, [0, 1024, 4096, 9000]);
    const after = {
      ...before,
      weights: before.weights.slice(),
      moments: moments.map((s) => s.slice()),
    };
    assert.equal(pieces.norm, updateInJavaScript(settings, after));
    assert.deepEqual(pieces.weights, after.weights);
    assert.deepEqual(pieces.moments, after.moments);
  }
});

test('a shard takes as much memory as its part of the vector, twice while members change', () => {
  const workers = new Workers();
  workers.form(on(0, 1, 2, 3, 4, 5, 6, 7));
  workers.step(sumOf(0));
  // Weights, two slots and what they become, of two parts in eight; a block more for each.
  const one = workers.shard(3).bytesHeld;
  assert.ok(one <= 5 * 4 * ((2 / 8) * ELEMENTS + 4 * 1024), `${one} bytes`);
  workers.form(on(0, 1, 2, 3, 4, 5, 6, 7));
  assert.equal(workers.shard(3).bytesHeld, 2 * one);
  workers.step(sumOf(1));
  assert.equal(workers.shard(3).bytesHeld, one);
});
