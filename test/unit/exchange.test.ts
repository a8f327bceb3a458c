/** The all-reduce without sockets: the same bytes for any workers and any split. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../base/random.ts';
import { Exchange, type ExchangeFrame } from '../../collective/exchange.ts';
import { PartialSums } from '../../collective/partial-sums.ts';
import { coverNodes, shareOf } from '../../collective/tree.ts';

const ELEMENTS = 1003;

function microShardVector(microShard: number): Float32Array {
  const random = new RandomStream(7, 'vector', microShard);
  return Float32Array.from({ length: ELEMENTS }, () => random.normal() * 10 ** random.below(5));
}

/** All-reduces with the given split, delivering frames in a seeded random order per link. */
function allReduce(microShards: number, shares: number[][], seed: number): Float32Array[] {
  const random = new RandomStream(seed, 'delivery');
  const leases = shares.map((share, slot) => ({ slot: slot * 3, microShards: share }));
  const queues = new Map<string, { source: number; target: number; frames: unknown[] }>();
  const outputs = leases.map(() => new Float32Array(ELEMENTS));
  const exchanges = leases.map(
    (lease, index) =>
      new Exchange(
        { mySlot: lease.slot, microShards, totalElements: ELEMENTS, leases },
        outputs[index] as Float32Array,
        (target, frame, values) => {
          const key = `${lease.slot}>${target}`;
          const queue = queues.get(key) ?? { source: lease.slot, target, frames: [] };
          queue.frames.push([frame, new Uint8Array(values.slice().buffer)]);
          queues.set(key, queue);
        },
      ),
  );
  const starts = leases.map((_, index) => index);
  while (starts.length > 0 || [...queues.values()].some((queue) => queue.frames.length > 0)) {
    const busy = [...queues.values()].filter((queue) => queue.frames.length > 0);
    const pick = random.below(busy.length + starts.length);
    const queue = busy[pick];
    if (queue === undefined) {
      const index = starts.splice(pick - busy.length, 1)[0] as number;
      const sums = new PartialSums(microShards, () => new Float32Array(ELEMENTS));
      for (const shard of shares[index] as number[]) {
        const vector = sums.take();
        vector.set(microShardVector(shard));
        sums.add(shard, vector);
      }
      exchanges[index]?.contribute(sums.list());
    } else {
      const [frame, payload] = queue.frames.shift() as [ExchangeFrame, Uint8Array];
      exchanges[queue.target / 3]?.receive(queue.source, frame, payload);
    }
  }
  for (const exchange of exchanges) assert.ok(exchange.isComplete());
  return outputs;
}

test('the sum has the same bytes for 1 to 9 workers and random uneven splits', () => {
  for (const microShards of [1, 2, 5, 8, 12, 32]) {
    const all = Array.from({ length: microShards }, (_, shard) => shard);
    const reference = Buffer.from((allReduce(microShards, [all], 0)[0] as Float32Array).buffer);
    for (let workers = 1; workers <= 9; workers++) {
      const even = Array.from({ length: workers }, (_, index) =>
        shareOf(microShards, index, workers),
      );
      const random = new RandomStream(workers, 'split', microShards);
      const uneven = Array.from({ length: workers }, (): number[] => []);
      for (const shard of all) uneven[random.below(workers)]?.push(shard);
      for (const split of [even, uneven]) {
        for (const output of allReduce(microShards, split, workers)) {
          assert.equal(Buffer.from(output.buffer).compare(reference), 0);
        }
      }
    }
  }
});

test('cover nodes of a contiguous aligned share are one node', () => {
  assert.deepEqual(coverNodes(new Set([4, 5, 6, 7]), 8), [{ begin: 4, end: 8 }]);
  assert.deepEqual(coverNodes(new Set([1, 2, 3]), 8), [
    { begin: 1, end: 2 },
    { begin: 2, end: 4 },
  ]);
});

test('a frame that does not fit the plan is refused and names its sender', () => {
  const leases = [
    { slot: 0, microShards: [0] },
    { slot: 1, microShards: [1] },
  ];
  const exchange = new Exchange(
    { mySlot: 0, microShards: 2, totalElements: ELEMENTS, leases },
    new Float32Array(ELEMENTS),
    () => undefined,
  );
  const frame = { kind: 'reduce', nodeBegin: 1, nodeEnd: 2, offsetElements: 0, chunk: 0 } as const;
  assert.throws(() => {
    exchange.receive(1, frame, new Uint8Array(8));
  }, /slot 1/);
  assert.throws(() => {
    exchange.receive(1, { ...frame, nodeBegin: 0 }, new Uint8Array(512 * 4));
  }, /does not fit/);
  assert.deepEqual(exchange.waitingFor(), [1]);
});
