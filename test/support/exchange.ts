/** A cluster of exchanges in one process: frames travel in random pieces and a random order. */
import { RandomStream } from '../../base/random.ts';
import { Exchange, type ExchangeFrame } from '../../collective/exchange.ts';
import type { FrameSink } from '../../collective/frame-sink.ts';
import {
  bytesPerValue,
  javascriptKernels,
  type ValueFormat,
  type VectorKernels,
} from '../../collective/kernels.ts';
import { CHUNK_ELEMENTS_MAX, type Bucket } from '../../collective/layout.ts';
import { accumulate, PartialSums, type PartialSum } from '../../collective/partial-sums.ts';
import type { Member } from '../../collective/topology.ts';
import { splitPoint } from '../../collective/tree.ts';

export interface TestCluster {
  readonly microShards: number;
  readonly members: readonly Member[];
  readonly buckets: readonly Bucket[];
  readonly seed: number;
  readonly vectorOf: (microShard: number) => Float32Array;
  readonly kernels?: VectorKernels;
}

export interface TestResult {
  readonly results: readonly Float32Array[];
  /** Payload bytes that each member sent and received. */
  readonly sentBytes: readonly number[];
  readonly receivedBytes: readonly number[];
  /** Of those that crossed between nodes: sent. */
  readonly crossedBytes: number;
  readonly waitingBytesPeak: number;
}

interface Travelling {
  readonly source: number;
  readonly frame: ExchangeFrame;
  readonly payload: Uint8Array;
}

interface Link {
  readonly target: number;
  readonly frames: Travelling[];
  sink: FrameSink | undefined;
  position: number;
}

/** All-reduces; throws when it stalls. */
export function allReduce(cluster: TestCluster): TestResult {
  const { members, microShards, buckets } = cluster;
  const kernels = cluster.kernels ?? javascriptKernels;
  const random = new RandomStream(cluster.seed, 'delivery');
  const links = new Map<string, Link>();
  const sentBytes = members.map(() => 0);
  const receivedBytes = members.map(() => 0);
  let crossedBytes = 0;
  const indexOf = (slot: number): number => members.findIndex((one) => one.slot === slot);
  const exchanges = members.map(
    (member, index) =>
      new Exchange(
        { mySlot: member.slot, microShards, members, buckets },
        {
          kernels,
          send: ({ targetSlots, values, format, onSent, ...frame }) => {
            const payload = new Uint8Array(values.length * bytesPerValue(format));
            kernels.encode(payload, values, format);
            for (const slot of targetSlots) {
              const target = indexOf(slot);
              sentBytes[index] = (sentBytes[index] as number) + payload.length;
              receivedBytes[target] = (receivedBytes[target] as number) + payload.length;
              if (members[target]?.node !== member.node) crossedBytes += payload.length;
              const key = `${member.slot}>${slot}`;
              const link = links.get(key) ?? { target, frames: [], sink: undefined, position: 0 };
              link.frames.push({ source: member.slot, frame, payload });
              links.set(key, link);
            }
            onSent();
          },
          onChunk: () => undefined,
        },
      ),
  );
  const starts = members.map((_, index) => startOf(cluster, kernels, index, exchanges));
  const results = starts.map(({ result }) => result);
  for (let idle = 0; ;) {
    const busy = [...links.values()].filter((link) => link.frames.length > 0);
    const waiting = starts.filter((start) => start.bucketsLeft() > 0);
    if (busy.length + waiting.length === 0) break;
    const pick = random.below(busy.length + waiting.length);
    const link = busy[pick];
    let hasMoved = true;
    if (link === undefined) waiting[pick - busy.length]?.next();
    else hasMoved = deliver(link, exchanges[link.target] as Exchange, random);
    idle = hasMoved ? 0 : idle + 1;
    if (idle > 10_000) throw new Error('the all-reduce stalls');
  }
  for (const exchange of exchanges) if (!exchange.isComplete()) throw new Error('not complete');
  const waitingBytesPeak = Math.max(...exchanges.map((one) => one.waitingBytesPeak));
  return { results, sentBytes, receivedBytes, crossedBytes, waitingBytesPeak };
}

/** Passes a piece of a link's first frame on. @returns false when the frame is to come later */
function deliver(link: Link, exchange: Exchange, random: RandomStream): boolean {
  const { source, frame, payload } = link.frames[0] as Travelling;
  if (link.sink === undefined) {
    const sink = exchange.accept(source, frame, payload.length);
    if (sink === 'later') return false;
    link.sink = sink;
  }
  const left = payload.length - link.position;
  const count = Math.min(left, 1 + random.below(2 * left + 1));
  // At an odd address, as from a socket.
  const piece = new Uint8Array(count + 1).subarray(1);
  piece.set(payload.subarray(link.position, link.position + count));
  link.sink.write(piece);
  link.position += count;
  if (link.position < payload.length) return true;
  const { sink } = link;
  link.frames.shift();
  link.sink = undefined;
  link.position = 0;
  sink.end();
  return true;
}

function startOf(
  { members, microShards, buckets, vectorOf }: TestCluster,
  kernels: VectorKernels,
  index: number,
  exchanges: readonly Exchange[],
): { result: Float32Array; bucketsLeft: () => number; next: () => void } {
  const elements = Math.max(...buckets.map(({ end }) => end));
  let offered = 0;
  let sums: PartialSum[] | undefined;
  const result = new Float32Array(elements);
  return {
    result,
    bucketsLeft: () => buckets.length - offered,
    next: () => {
      if (sums === undefined) {
        const made = new PartialSums(microShards, () => new Float32Array(elements));
        for (const shard of members[index]?.microShards ?? []) {
          const accumulation = made.accumulationOf(shard);
          accumulate(kernels, accumulation, vectorOf(shard), buckets);
          made.added(shard, accumulation);
        }
        sums = made.list();
        exchanges[index]?.begin(sums, result);
      }
      offered++;
      exchanges[index]?.offer(offered);
    },
  };
}

/** The sum along the tree, written as its definition says. */
export function sumAlongTree(
  microShards: number,
  vectorOf: (microShard: number) => Float32Array,
  format: ValueFormat = 'float32',
  kernels: VectorKernels = javascriptKernels,
): Float32Array {
  const visit = (begin: number, end: number): Float32Array => {
    if (end - begin === 1) {
      const leaf = vectorOf(begin).slice();
      kernels.round(leaf, leaf, format);
      return leaf;
    }
    const middle = splitPoint(begin, end);
    const left = visit(begin, middle);
    kernels.add(left, left, visit(middle, end), format);
    return left;
  };
  return visit(0, microShards);
}

/** Buckets of random lengths, so that chunks begin and end anywhere; one is longer than a chunk. */
export function someBuckets(format: ValueFormat, isLong = false): Bucket[] {
  const lengths = [5, 700, 1, 16, isLong ? 3 * CHUNK_ELEMENTS_MAX + 17 : 281];
  let begin = 0;
  return lengths.map((length, index) => {
    const bucket = {
      ...{ begin, end: begin + length },
      format: index === 0 ? ('float32' as const) : format,
    };
    begin += length;
    return bucket;
  });
}
