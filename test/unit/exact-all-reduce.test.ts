/** The all-reduce without sockets: the same bytes for any workers, any split and any machines. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { ExactAllReduce } from '../../lib/collective/all-reduce/exact.ts';
import { javascriptKernels, VALUE_FORMATS } from '../../lib/collective/kernels/vector.ts';
import { cutChunks, planBuckets, type Bucket } from '../../lib/collective/buckets.ts';
import { PartialSums } from '../../lib/collective/partial-sums.ts';
import { coverNodes } from '../../lib/collective/tree.ts';
import { rootOfWaits } from '../../coordinator/core/wait-for-graph.ts';
import {
  allReduce,
  allReduceUntilStill,
  someBuckets,
  someMembers,
  sumAlongTree,
} from '../support/all-reduce.ts';

const ELEMENTS = 1003;

function vectorOf(microBatch: number, elements = ELEMENTS): Float32Array {
  const random = new RandomStream(7, 'vector', microBatch);
  return Float32Array.from({ length: elements }, () => random.normal() * 10 ** random.below(5));
}

/** The sum as the tree defines it, each bucket in its format. */
function expectedSum(microBatches: number, buckets: readonly Bucket[]): Float32Array {
  const sum = new Float32Array(ELEMENTS);
  for (const { begin, end, format } of buckets) {
    const part = sumAlongTree(microBatches, (shard) => vectorOf(shard).slice(begin, end), format);
    sum.set(part, begin);
  }
  return sum;
}

test('the sum has the same bytes for 1 to 9 workers, any splits, machines and formats', () => {
  for (const format of VALUE_FORMATS) {
    const buckets = someBuckets(format);
    for (const microBatches of [1, 2, 5, 8, 13]) {
      const expected = Buffer.from(expectedSum(microBatches, buckets).buffer);
      for (let workers = 1; workers <= 9; workers++) {
        for (const seed of [1, 2, 3]) {
          const members = someMembers(workers, microBatches, seed * 100 + workers);
          const { results } = allReduce({ microBatches, members, buckets, seed, vectorOf });
          for (const result of results) {
            const same = Buffer.from(result.buffer).compare(expected) === 0;
            assert.ok(same, `${format}, ${microBatches} micro-batches: ${JSON.stringify(members)}`);
          }
        }
      }
    }
  }
});

test('however little memory sums may take, no random schedule stalls or takes more', () => {
  for (let seed = 0; seed < 1500; seed++) {
    const random = new RandomStream(seed, 'schedule');
    const workers = 2 + random.below(7);
    const microBatches = 1 + random.below(12);
    const members = someMembers(workers, microBatches, seed);
    const buckets = someBuckets('float32').slice(0, 2 + random.below(4));
    const elements = (buckets.at(-1) as Bucket).end;
    const waitingBytesMax = 3000 * random.below(2);
    const { results, waitingBytesPeak } = allReduce({
      microBatches,
      members,
      buckets,
      seed,
      waitingBytesMax,
      lateMember: random.below(workers + 1),
      slowTarget: random.below(workers + 1),
      vectorOf: (shard) => new Float32Array(elements).fill(1 + shard),
    });
    const sum = (microBatches * (microBatches + 1)) / 2;
    for (const result of results) assert.ok(result.every((value) => value === sum));
    // All of the first chunk may be taken in, and one more chunk reaches the bound.
    const lengths = cutChunks(buckets, workers).map(({ length }) => length);
    const most = waitingBytesMax + (microBatches + 1) * Math.max(...lengths) * 4;
    assert.ok(waitingBytesPeak <= most, `${waitingBytesPeak} bytes, ${JSON.stringify(members)}`);
  }
});

/** How often, of `count` all-reduces with a member whose frames get stuck, that member is found. */
function foundCount(count: number, waitingBytesMax: number): number {
  let found = 0;
  for (let seed = 0; seed < count; seed++) {
    const random = new RandomStream(seed, 'stuck');
    const workers = 2 + random.below(7);
    const microBatches = 2 * workers;
    const members = someMembers(workers, microBatches, seed);
    const stuckMember = random.below(workers);
    const buckets = someBuckets('float32');
    const elements = (buckets.at(-1) as Bucket).end;
    const { allReduces } = allReduceUntilStill({
      microBatches,
      members,
      buckets,
      seed,
      stuckMember,
      waitingBytesMax,
      vectorOf: () => new Float32Array(elements),
    });
    const waiting = members.map(({ slot }, index) => ({
      slot,
      waitingFor: allReduces[index]?.waitingFor() ?? [],
    }));
    if (rootOfWaits(waiting) === members[stuckMember]?.slot) found++;
  }
  return found;
}

test('a member whose frames do not leave is found from what the members wait for', () => {
  assert.equal(foundCount(300, 1e9), 300);
  // Where memory is short some hold others up who hold them up.
  assert.ok(foundCount(300, 0) >= 270);
});

test('between machines a vector travels once each way, for any number of workers', () => {
  const microBatches = 8;
  const buckets: Bucket[] = [{ begin: 0, end: 8000, format: 'float32' }];
  const members = Array.from({ length: 8 }, (_, slot) => ({
    slot,
    machine: `node ${Math.floor(slot / 4)}`,
    microBatches: [slot],
  }));
  const cluster = { microBatches, members, buckets, seed: 1 };
  const longVectorOf = (shard: number): Float32Array => vectorOf(shard, 8000);
  const { crossedBytes } = allReduce({ ...cluster, vectorOf: longVectorOf });
  // Two machines: half of the vector leaves each as a sum, and half as a result.
  assert.equal(crossedBytes, 2 * 8000 * 4);
});

test('each of n workers sends 2 (n - 1) / n of the vector, within 2 %', () => {
  const elements = 200_000;
  const shape = {
    tensorBegins: [0, 50_000, 90_000, 150_000],
    gradientElements: 190_000,
    totalElements: elements,
  };
  const buckets = planBuckets(shape, 'float32');
  for (const workers of [2, 3, 4, 7]) {
    const members = Array.from({ length: workers }, (_, slot) => ({
      slot,
      machine: `node ${slot}`,
      microBatches: [slot],
    }));
    const { sentBytes } = allReduce({
      microBatches: workers,
      members,
      buckets,
      seed: 1,
      vectorOf: () => new Float32Array(elements).fill(1),
    });
    const ideal = ((2 * (workers - 1)) / workers) * elements * 4;
    for (const bytes of sentBytes) assert.ok(Math.abs(bytes / ideal - 1) < 0.02, `${bytes}`);
  }
});

test('sums that wait for a late worker take a bounded memory, and the reduction still ends', () => {
  const buckets = someBuckets('float32', true);
  const elements = (buckets.at(-1) as Bucket).end;
  const microBatches = 16;
  // All on one link of the last member's machine: it gets much before it has anything to add.
  const members = Array.from({ length: microBatches }, (_, slot) => ({
    slot,
    machine: `node ${slot}`,
    microBatches: [microBatches - 1 - slot],
  }));
  const ones = new Float32Array(elements).fill(1);
  const { results, waitingBytesPeak } = allReduce({
    microBatches,
    members,
    buckets,
    seed: 5,
    vectorOf: () => ones,
  });
  for (const result of results) assert.ok(result.every((value) => value === microBatches));
  assert.ok(waitingBytesPeak <= 5 * 1024 * 1024, `${waitingBytesPeak} bytes`);
});

test('buckets go from the last tensor to the first, the first one small, and hold all once', () => {
  const mebi = 1024 * 1024;
  const buckets = planBuckets(
    {
      tensorBegins: Array.from({ length: 30 }, (_, index) => index * 100_000),
      gradientElements: 30 * 100_000,
      totalElements: 30 * 100_000 + 48,
    },
    'bfloat16',
  );
  let end = 3_000_000;
  for (const bucket of buckets.slice(0, -1)) {
    assert.equal(bucket.end, end);
    assert.equal(bucket.format, 'bfloat16');
    assert.equal(bucket.begin % 100_000, 0);
    end = bucket.begin;
  }
  assert.equal(end, 0);
  const [first, second, ...others] = buckets as [Bucket, Bucket];
  assert.ok((first.end - first.begin) * 4 < mebi);
  assert.ok((second.end - second.begin) * 4 >= 4 * mebi);
  assert.deepEqual(others.at(-1), { begin: 3_000_000, end: 3_000_048, format: 'float32' });
});

test('a contiguous share of 2^k micro-batches holds at most k vectors, and their sum one', () => {
  for (const [count, most] of [
    [1, 1],
    [2, 1],
    [4, 2],
    [8, 3],
    [16, 4],
  ] as const) {
    // prettier-ignore
    const sums = new PartialSums(32, () => new Float32Array(1));
    for (let shard = 16; shard < 16 + count; shard++) {
      sums.added(shard, sums.accumulationOf(shard));
    }
    assert.equal(sums.vectorCount, most, `${count} micro-batches`);
    assert.equal(sums.list().length, 1);
  }
});

test('cover machines of a contiguous aligned share are one node', () => {
  assert.deepEqual(coverNodes(new Set([4, 5, 6, 7]), 8), [{ begin: 4, end: 8 }]);
  assert.deepEqual(coverNodes(new Set([1, 2, 3]), 8), [
    { begin: 1, end: 2 },
    { begin: 2, end: 4 },
  ]);
});

test('a frame that does not fit the plan is refused and names its sender', () => {
  const members = [
    { slot: 0, machine: 'a', microBatches: [0] },
    { slot: 1, machine: 'b', microBatches: [1] },
  ];
  const allReduce = new ExactAllReduce(
    { mySlot: 0, microBatches: 2, members, buckets: [{ begin: 0, end: 64, format: 'float32' }] },
    { kernels: javascriptKernels, send: () => undefined, onChunk: () => undefined },
  );
  const frame = { kind: 'reduce', nodeBegin: 1, nodeEnd: 2, offsetElements: 0, chunk: 0 } as const;
  const refusals = [
    [1, frame, 8],
    [1, { ...frame, nodeBegin: 0 }, 128],
    [1, { ...frame, chunk: 1, offsetElements: 32 }, 128],
    [1, { ...frame, kind: 'gather', nodeBegin: 0 }, 128],
    [5, frame, 128],
  ] as const;
  for (const [slot, wrong, bytes] of refusals) {
    assert.throws(() => allReduce.accept(slot, wrong, bytes), new RegExp(`slot ${slot} .*not fit`));
  }
  allReduce.begin([{ begin: 0, end: 1, values: new Float32Array(64) }], new Float32Array(64));
  assert.deepEqual(allReduce.waitingFor(), [1]);
  allReduce.accept(1, frame, 128);
  assert.throws(() => allReduce.accept(1, frame, 128), /does not fit/);
});
