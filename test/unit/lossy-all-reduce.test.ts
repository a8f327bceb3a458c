/**
 * Attempts with lossy compression: all hold the same, nothing is lost for good, and training
 * converges.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { CHUNK_ELEMENTS_MAX } from '../../lib/collective/buckets.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';
import type { ReducedGradient } from '../../worker/all-reduce/step-all-reduce.ts';
import { ELEMENTS, GRADIENT_ELEMENTS, LossyCluster, sumOf } from '../support/lossy-cluster.ts';

const LOSSY = ['int8', 'top-k', 'power-sgd'] as const;

/** The vector of a micro-batch; statistics and tail are whole numbers, so sums are exact. */
function vectorOf(step: number): (microBatch: number) => Float32Array {
  return (microBatch) => {
    const random = new RandomStream(11, 'gradient', step, microBatch);
    return Float32Array.from({ length: ELEMENTS }, (_, index) =>
      index < GRADIENT_ELEMENTS ? random.normal() : random.below(100),
    );
  };
}

/** @returns the values that all hold */
function theSame(reduced: ReadonlyMap<number, ReducedGradient>, members: number): Float32Array {
  assert.equal(reduced.size, members);
  const [first, ...others] = [...reduced.values()];
  for (const { values, checksum } of others) {
    assert.deepEqual(
      Buffer.from(values.buffer),
      Buffer.from((first as ReducedGradient).values.buffer),
    );
    assert.equal(checksum, first?.checksum);
  }
  return (first as ReducedGradient).values.slice();
}

function norm(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}

function difference(one: Float32Array, other: Float32Array): Float32Array {
  return one.map((value, index) => value - (other[index] as number));
}

const gradientOf = (values: Float32Array): Float32Array => values.subarray(0, GRADIENT_ELEMENTS);

for (const compression of LOSSY) {
  test(`${compression}: members hold the same bytes for any members and deliveries`, () => {
    for (let seed = 0; seed < 12; seed++) {
      const members = 2 + (seed % 4);
      const slots = Array.from({ length: members }, (_, index) => index * 3);
      // With one micro-batch some members have none, and one has all.
      const microBatches = [1, 3, 8][seed % 3] as number;
      const cluster = new LossyCluster({ slots, compression, seed, microBatches });
      for (let step = 0; step < 3; step++) {
        const values = theSame(cluster.run({ step, vectorOf: vectorOf(step) }), members);
        cluster.commit();
        const exact = sumOf(0, microBatches, vectorOf(step));
        // What is no gradient travels as it is.
        const rest = [values, exact].map((one) => [...one.subarray(GRADIENT_ELEMENTS)]);
        assert.deepEqual(rest[0], rest[1]);
        assert.notDeepEqual(gradientOf(values), gradientOf(exact));
      }
    }
  });

  test(`${compression}: what a step leaves out comes with later ones`, () => {
    const slots = [0, 1, 2];
    const cluster = new LossyCluster({ slots, compression, seed: 5 });
    const gradient = vectorOf(0);
    const [taken, given] = [new Float32Array(ELEMENTS), new Float32Array(ELEMENTS)];
    const behind = [4, 8, 16, 32, 64].map((steps, index) => {
      for (let step = index === 0 ? 0 : steps / 2; step < steps; step++) {
        const values = theSame(cluster.run({ step, vectorOf: gradient }), 3);
        for (const [at, value] of values.entries()) taken[at] = (taken[at] as number) + value;
        const exact = sumOf(0, 8, gradient);
        for (const [at, value] of exact.entries()) given[at] = (given[at] as number) + value;
        cluster.commit();
      }
      return norm(gradientOf(difference(given, taken))) / norm(gradientOf(given));
    });
    // The residual stays bounded while the sum of gradients grows.
    assert.ok((behind.at(-1) as number) < 0.3, behind.join(', '));
    assert.ok((behind.at(-1) as number) < (behind[0] as number) / 3, behind.join(', '));
  });

  test(`${compression}: a attempt again gives the same bytes until its step is committed`, () => {
    const cluster = new LossyCluster({ slots: [0, 1, 2], compression, seed: 7 });
    theSame(cluster.run({ step: 0, vectorOf: vectorOf(0) }), 3);
    cluster.commit();
    const attempts = [0, 1, 2].map((attempt) =>
      theSame(cluster.run({ step: 1, attempt, vectorOf: vectorOf(1) }), 3),
    );
    assert.deepEqual(attempts[1], attempts[0]);
    // One that is skipped leaves nothing for later either.
    cluster.commit(false);
    attempts.push(theSame(cluster.run({ step: 2, vectorOf: vectorOf(1) }), 3));
    assert.deepEqual(attempts[3], attempts[0]);
    cluster.commit();
    const next = theSame(cluster.run({ step: 3, vectorOf: vectorOf(1) }), 3);
    assert.notDeepEqual(next, attempts[0]);
  });

  test(`${compression}: an attempt that ends half-way is made again by those left`, () => {
    for (let seed = 0; seed < 8; seed++) {
      const cluster = new LossyCluster({ slots: [0, 1, 2], compression, seed });
      theSame(cluster.run({ step: 0, vectorOf: vectorOf(0) }), 3);
      cluster.commit();
      cluster.run({ step: 1, vectorOf: vectorOf(1), stopAfter: 5 + seed * 4 });
      const left = { generation: 2, slots: [0, 2] };
      theSame(cluster.run({ step: 1, attempt: 1, vectorOf: vectorOf(1), ...left }), 2);
      cluster.commit(true, [0, 2]);
      cluster.add(5);
      const joined = { generation: 3, slots: [0, 2, 5] };
      for (let step = 2; step < 4; step++) {
        theSame(cluster.run({ step, vectorOf: vectorOf(step), ...joined }), 3);
        cluster.commit(true, [0, 2, 5]);
      }
      const alone = cluster.run({ step: 4, vectorOf: vectorOf(4), generation: 4, slots: [2] });
      assert.deepEqual(alone.get(2)?.values, sumOf(0, 8, vectorOf(4)));
    }
  });

  test(`${compression}: the guarded bucket's sums are compared with exact ones`, () => {
    const communication = { guardEverySteps: 2 };
    const cluster = new LossyCluster({ slots: [0, 1], compression, seed: 3, communication });
    const similarities = [0, 1, 2, 3, 4, 5, 6].map((step) => {
      const reduced = [...cluster.run({ step, vectorOf: vectorOf(step) }).values()];
      cluster.commit();
      assert.equal(reduced[0]?.similarity, reduced[1]?.similarity);
      return reduced[0]?.similarity ?? Number.NaN;
    });
    const least = compression === 'int8' ? 0.999 : 0.1;
    for (const [step, similarity] of similarities.entries()) {
      if (step % 2 === 1) assert.ok(Number.isNaN(similarity), `step ${step}: ${similarity}`);
      else assert.ok(similarity > least && similarity < 1, `step ${step}: ${similarity}`);
    }
  });

  test(`${compression}: least squares by gradient descent end where they do with float32`, () => {
    const [exact, coded] = ['float32', compression].map((name) => leastSquares(name));
    assert.ok((exact as number) < 1e-3, `float32: ${exact}`);
    assert.ok((coded as number) < 1e-2, `${compression}: ${coded}`);
  });
}

/**
 * Minimizes the mean over micro-batches of |w - target|^2, whose targets differ, on three workers.
 * @returns how far the weights end from the mean target, as a share
 */
function leastSquares(compression: string): number {
  const cluster = new LossyCluster({ slots: [0, 1, 2], compression, seed: 1 });
  const targets = Array.from({ length: 8 }, (_, shard) => vectorOf(100)(shard));
  const mean = sumOf(0, 8, (shard) => targets[shard] as Float32Array).map((value) => value / 8);
  const weights = new Float32Array(ELEMENTS);
  for (let step = 0; step < 400; step++) {
    const gradient = (shard: number): Float32Array =>
      weights.map((value, index) => value - (targets[shard]?.[index] as number));
    const sum = theSame(cluster.run({ step, vectorOf: gradient }), 3);
    cluster.commit();
    // Falls, as each member's gradient stays, and what is left out of it with it.
    const rate = 0.06 * (1 - step / 400) ** 2;
    for (const [index, value] of sum.entries()) {
      weights[index] = (weights[index] as number) - (rate / 8) * value;
    }
  }
  return norm(gradientOf(difference(weights, mean))) / norm(gradientOf(mean));
}

test('int8: a value of the sum is off by half a step of each who coded it', () => {
  const cluster = new LossyCluster({ slots: [0, 1, 2, 3], compression: 'int8', seed: 2 });
  const values = theSame(cluster.run({ step: 0, vectorOf: vectorOf(0) }), 4);
  const exact = sumOf(0, 8, vectorOf(0));
  const largest = [0, 2, 4, 6].map((shard) =>
    Math.max(...gradientOf(sumOf(shard, shard + 2, vectorOf(0))).map(Math.abs)),
  );
  const all = Math.max(...gradientOf(exact).map(Math.abs)) * 1.02;
  const bound = (largest.reduce((sum, one) => sum + one, 0) + all) / 254;
  const worst = Math.max(...gradientOf(difference(values, exact)).map(Math.abs));
  assert.ok(worst <= bound * 1.0001 && worst > bound / 100, `${worst}, bound ${bound}`);
});

test('a change of compression keeps what was left out, and an exact step ends it', () => {
  const cluster = new LossyCluster({ slots: [0, 1], compression: 'top-k', seed: 2 });
  const taken = new Float32Array(ELEMENTS);
  const none = (): Float32Array => new Float32Array(ELEMENTS);
  const take = (
    step: number,
    compression: string,
    gradient: (shard: number) => Float32Array,
  ): void => {
    const values = theSame(cluster.run({ step, compression, vectorOf: gradient }), 2);
    for (const [at, value] of values.entries()) taken[at] = (taken[at] as number) + value;
    cluster.commit();
  };
  const exact = sumOf(0, 8, vectorOf(0));
  take(0, 'top-k', vectorOf(0));
  const before = norm(gradientOf(difference(exact, taken))) / norm(gradientOf(exact));
  take(1, 'power-sgd', none);
  for (const step of [2, 3]) take(step, 'int8', none);
  const after = norm(gradientOf(difference(exact, taken))) / norm(gradientOf(exact));
  assert.ok(before > 0.3 && after < 0.01, `${before}, ${after}`);
  take(4, 'float32', none);
  const values = theSame(cluster.run({ step: 5, compression: 'int8', vectorOf: none }), 2);
  assert.equal(norm(values), 0);
});

test('frames that fit no plan are refused before anything is written', () => {
  for (const compression of ['int8', 'top-k']) {
    const cluster = new LossyCluster({ slots: [0, 1], compression, seed: 2 });
    const order = cluster.orderOf({ step: 0, vectorOf: vectorOf(0) });
    const worker = cluster.worker(0);
    worker.start(order, new Map());
    const result = new Float32Array(ELEMENTS).fill(9);
    const sums = [{ begin: 0, end: 4, values: new Float32Array(ELEMENTS) }];
    worker.begin({ ...order, sums, result, stepsWeights: { by: 'workers' } });
    const frame: AnnouncedFrame = {
      kind: 'reduce',
      sourceSlot: 1,
      targetSlot: 0,
      generation: 1,
      step: 0,
      attempt: 0,
      nodeBegin: 1,
      nodeEnd: 2,
      offsetElements: 1232,
      chunk: 0,
      payloadBytes: 24,
    };
    const wrong: Partial<AnnouncedFrame>[] = [
      { nodeBegin: 0 },
      { sourceSlot: 0 },
      { sourceSlot: 2 },
      { chunk: 1 },
      { chunk: 99 },
      { offsetElements: 1233 },
      { payloadBytes: CHUNK_ELEMENTS_MAX },
      { kind: 'gather', nodeBegin: 0 },
    ];
    for (const change of wrong) {
      assert.throws(() => worker.accept({ ...frame, ...change }), {
        code: 'CRESCENDO_PROTOCOL_INVALID',
      });
    }
    // Not when it is added, once this member's own sum is final.
    const sink = worker.accept({ ...frame, payloadBytes: 24 });
    assert.ok(sink !== 'later');
    sink.write(new Uint8Array(24).fill(0xff));
    assert.throws(() => {
      sink.end();
    }, /piece/);
    assert.throws(() => worker.accept(frame), /does not fit/);
    assert.deepEqual([...new Set(result)], [9]);
  }
});

test('an order with an unknown compression is refused', () => {
  const cluster = new LossyCluster({ slots: [0, 1], compression: 'int4', seed: 2 });
  assert.throws(
    () => cluster.run({ step: 0, vectorOf: vectorOf(0) }),
    /compression "int4", not one of/,
  );
});
