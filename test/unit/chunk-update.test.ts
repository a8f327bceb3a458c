/**
 * The all-reduce where owners and backups step the weights: what everybody ends with, and keeps.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { allReduceBytes } from '../../lib/collective/all-reduce/planned-bytes.ts';
import {
  bytesPerValue,
  VALUE_FORMATS,
  type ValueFormat,
} from '../../lib/collective/kernels/vector.ts';
import type { Bucket } from '../../lib/collective/buckets.ts';
import { ShardLayout } from '../../lib/collective/shard-layout.ts';
import type { ChunkUpdate } from '../../lib/collective/all-reduce/chunk-update.ts';
import { evenPart } from '../../lib/collective/tree.ts';
import {
  allReduce,
  allReduceUntilStill,
  someBuckets,
  someMembers,
  sumAlongTree,
} from '../support/all-reduce.ts';

const BLOCK = 32;
const BUCKETS = someBuckets('float32');
const ELEMENTS = (BUCKETS.at(-1) as Bucket).end;
/** The last bucket stays a sum. */
const GRADIENT_ELEMENTS = (BUCKETS.at(-1) as Bucket).begin;

function vectorOf(microBatch: number): Float32Array {
  const random = new RandomStream(11, 'vector', microBatch);
  return Float32Array.from({ length: ELEMENTS }, () => random.normal());
}

/** Where blocks, and the parts of them that lie in different buckets, begin. */
function pieceBegins(offset: number, length: number): number[] {
  const begins: number[] = [];
  for (let at = offset; at < offset + length; at++) {
    if (at % BLOCK === 0 || BUCKETS.some(({ begin }) => begin === at)) begins.push(at);
  }
  return begins;
}

/** "Weights" that depend on the sum and, if asked, on the norm; notes what was stepped. */
class Stepper implements ChunkUpdate {
  readonly gradientElements = GRADIENT_ELEMENTS;
  readonly blockElements = BLOCK;
  readonly needsNorm: boolean;
  readonly stepped = new Set<number>();
  norm = Number.NaN;

  constructor(needsNorm: boolean) {
    this.needsNorm = needsNorm;
  }

  squareCountOf(offset: number, length: number): number {
    return pieceBegins(offset, length).length;
  }

  squares(offset: number, sum: Float32Array, output: Float64Array): void {
    const begins = pieceBegins(offset, sum.length);
    for (const [index, begin] of begins.entries()) {
      const end = begins[index + 1] ?? offset + sum.length;
      let total = 0;
      for (let at = begin; at < end; at++) total += (sum[at - offset] as number) ** 2;
      output[index] = total;
    }
  }

  normOf(squares: Float64Array): number {
    this.norm = Math.sqrt(squares.reduce((sum, one) => sum + one, 0));
    return this.norm;
  }

  step(offset: number, values: Float32Array, norm: number): void {
    for (const [index, value] of values.entries()) {
      const place = offset + index;
      assert.ok(!this.stepped.has(place), `${place} is stepped twice`);
      this.stepped.add(place);
      values[index] = place - value / (this.needsNorm ? norm : 10);
    }
  }
}

function expected(
  microBatches: number,
  buckets: readonly Bucket[],
  needsNorm: boolean,
): { weights: Float32Array; norm: number } {
  const weights = new Float32Array(ELEMENTS);
  for (const { begin, end, format } of buckets) {
    const part = (shard: number): Float32Array => vectorOf(shard).slice(begin, end);
    weights.set(sumAlongTree(microBatches, part, format), begin);
  }
  const stepper = new Stepper(needsNorm);
  const gradient = weights.subarray(0, GRADIENT_ELEMENTS);
  const squares = new Float64Array(stepper.squareCountOf(0, GRADIENT_ELEMENTS));
  stepper.squares(0, gradient, squares);
  const norm = stepper.normOf(squares);
  stepper.step(0, gradient, norm);
  return { weights, norm };
}

/** In each format: the last bucket is always float32. */
function bucketsIn(format: ValueFormat): Bucket[] {
  return someBuckets(format).map((one, index, all) =>
    index === all.length - 1 ? { ...one, format: 'float32' } : one,
  );
}

test('all members end with the stepped weights, for any cluster, format and schedule', () => {
  for (const format of VALUE_FORMATS) {
    for (const needsNorm of [false, true]) {
      for (let seed = 0; seed < 120; seed++) {
        const random = new RandomStream(seed, 'plan');
        const workers = 1 + random.below(7);
        const microBatches = 1 + random.below(9);
        const members = someMembers(workers, microBatches, seed);
        const buckets = bucketsIn(format);
        const steppers = members.map(() => new Stepper(needsNorm));
        const { results, sentBytes } = allReduce({
          microBatches,
          members,
          buckets,
          seed,
          vectorOf,
          waitingBytesMax: 3000 * random.below(2),
          lateMember: random.below(workers + 1),
          slowTarget: random.below(workers + 1),
          updateOf: (index) => steppers[index] as Stepper,
        });
        const { weights, norm } = expected(microBatches, buckets, needsNorm);
        const layout = new ShardLayout(members, buckets.slice(0, -1), BLOCK);
        for (const [index, result] of results.entries()) {
          const stepper = steppers[index] as Stepper;
          assert.deepEqual(result, weights);
          assert.equal(stepper.norm, norm);
          const kept = layout.rangesOf(members[index]?.slot ?? -1);
          const places = kept.flatMap(({ begin, end }) =>
            Array.from({ length: end - begin }, (_, at) => begin + at),
          );
          assert.deepEqual(
            [...stepper.stepped].sort((a, b) => a - b),
            places,
          );
        }
        if (workers === 1) assert.equal(sentBytes[0], 0);
      }
    }
  }
});

test('with float32 it sends as many bytes as without, but for the squares', () => {
  const members = someMembers(4, 8, 3).map((one) => ({ ...one, machine: 'one' }));
  const plan = { microBatches: 8, members, buckets: BUCKETS, seed: 1, vectorOf };
  const plain = allReduce(plan);
  const updated = allReduce({ ...plan, updateOf: () => new Stepper(false) });
  const total = (sent: readonly number[]): number => sent.reduce((sum, one) => sum + one, 0);
  const squares = 3 * 8 * (pieceBegins(0, GRADIENT_ELEMENTS).length + members.length);
  assert.equal(total(updated.sentBytes), total(plain.sentBytes) + squares);
});

test('a dry run counts the bytes that owners, backups and the rest send and receive', () => {
  for (const format of VALUE_FORMATS) {
    const buckets = bucketsIn(format);
    for (let workers = 2; workers <= 5; workers++) {
      const microBatches = 4 * workers;
      const members = Array.from({ length: workers }, (_, index) => ({
        slot: index,
        machine: `node ${index}`,
        microBatches: evenPart(microBatches, index, workers),
      }));
      const stepper = new Stepper(false);
      const { sentBytes, receivedBytes } = allReduce({
        microBatches,
        members,
        buckets,
        seed: 1,
        vectorOf,
        updateOf: () => new Stepper(false),
      });
      const isGradient = (offset: number): boolean => offset < GRADIENT_ELEMENTS;
      const predicted = allReduceBytes(buckets, microBatches, workers, {
        alignmentElements: BLOCK,
        resultBytesOf: ({ offset, length }) =>
          4 * length + (isGradient(offset) ? 8 * stepper.squareCountOf(offset, length) : 0),
        backupSavedBytesOf: ({ bucket, length }) =>
          length * (4 - bytesPerValue((buckets[bucket] as Bucket).format)),
      });
      // With each member's squares goes a count.
      const counts = 8 * (workers - 1);
      assert.equal(Math.max(...sentBytes), predicted.sentBytesPerStep + counts);
      assert.equal(Math.max(...receivedBytes), predicted.receivedBytesPerStep + counts);
    }
  }
});

test('a sum that is not finite is told to all members, whatever is made of it', () => {
  const members = someMembers(3, 4, 5);
  const spoilt = (shard: number): Float32Array => {
    const vector = vectorOf(shard);
    if (shard === 2) vector[40] = Number.NaN;
    return vector;
  };
  const update = (): ChunkUpdate =>
    Object.assign(new Stepper(true), {
      step: (_: number, values: Float32Array) => {
        values.fill(1);
      },
    });
  const plan = { microBatches: 4, members, buckets: BUCKETS, seed: 1 };
  const { nonfinite } = allReduce({ ...plan, vectorOf: spoilt, updateOf: update });
  assert.deepEqual(nonfinite, [true, true, true]);
  assert.deepEqual(allReduce({ ...plan, vectorOf, updateOf: update }).nonfinite, [
    false,
    false,
    false,
  ]);
});

test('who holds back sums or squares is named by the members that wait', () => {
  const members = someMembers(3, 6, 8).map((one) => ({ ...one, machine: 'one' }));
  const { allReduces } = allReduceUntilStill({
    microBatches: 6,
    members,
    buckets: BUCKETS,
    seed: 1,
    vectorOf,
    stuckMember: 1,
    updateOf: () => new Stepper(true),
  });
  const stuckSlot = members[1]?.slot as number;
  for (const index of [0, 2]) assert.deepEqual(allReduces[index]?.waitingFor(), [stuckSlot]);
});

test('squares that are not due, or of another length, are refused', () => {
  const members = someMembers(2, 2, 4).map((one) => ({ ...one, machine: 'one' }));
  const plan = { microBatches: 2, members, buckets: BUCKETS, seed: 1, vectorOf };
  const { allReduces } = allReduceUntilStill({
    ...plan,
    stuckMember: 1,
    updateOf: () => new Stepper(false),
  });
  const [mine] = allReduces;
  const slot = members[1]?.slot as number;
  const frame = { kind: 'squares', nodeBegin: 0, nodeEnd: 0, chunk: 0, offsetElements: 0 } as const;
  const invalid = { code: 'CRESCENDO_PROTOCOL_INVALID' };
  assert.throws(() => mine?.accept(slot, frame, 8), invalid);
  assert.throws(() => mine?.accept(slot, { ...frame, offsetElements: 1 }, 8), invalid);
  assert.throws(() => mine?.accept(members[0]?.slot as number, frame, 8), invalid);
  assert.throws(() => mine?.accept(99, frame, 8), invalid);
  const plain = allReduceUntilStill({ ...plan, stuckMember: 1 }).allReduces[0];
  assert.throws(() => plain?.accept(slot, frame, 8), invalid);
});
