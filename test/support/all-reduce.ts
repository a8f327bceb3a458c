/** A cluster of all-reduces in one process: frames travel in random pieces and a random order. */
import { RandomStream } from '../../lib/base/random.ts';
import { ExactAllReduce } from '../../lib/collective/all-reduce/exact.ts';
import type { FrameSink } from '../../lib/collective/frame-sink.ts';
import {
  bytesPerValue,
  javascriptKernels,
  type ValueFormat,
  type VectorKernels,
} from '../../lib/collective/kernels/vector.ts';
import { CHUNK_ELEMENTS_MAX, type Bucket } from '../../lib/collective/buckets.ts';
import { accumulate, PartialSums, type PartialSum } from '../../lib/collective/partial-sums.ts';
import type {
  CompressedFrame,
  IncomingFrame,
  OutgoingFrame,
} from '../../lib/collective/all-reduce/all-reduce.ts';
import type { ChunkUpdate } from '../../lib/collective/all-reduce/chunk-update.ts';
import type { Member } from '../../lib/collective/topology.ts';
import { evenPart, splitPoint } from '../../lib/collective/tree.ts';

export interface TestCluster {
  readonly microBatches: number;
  readonly members: readonly Member[];
  readonly buckets: readonly Bucket[];
  readonly seed: number;
  readonly vectorOf: (microBatch: number) => Float32Array;
  readonly kernels?: VectorKernels;
  readonly waitingBytesMax?: number;
  /** Index of a member that computes nothing before no frame moves without it. */
  readonly lateMember?: number;
  /** Index of a member to which frames travel only when nothing else moves. */
  readonly slowTarget?: number;
  /** Index of a member whose frames get stuck: it computes, but nothing leaves it. */
  readonly stuckMember?: number;
  /** What is made of sums; each member has one of its own. */
  readonly updateOf?: (member: number) => ChunkUpdate;
}

export interface TestResult {
  readonly results: readonly Float32Array[];
  /** Payload bytes that each member sent and received. */
  readonly sentBytes: readonly number[];
  readonly receivedBytes: readonly number[];
  /** Bytes sent that crossed between machines. */
  readonly crossedBytes: number;
  readonly waitingBytesPeak: number;
  /** By member, whether it was told that a sum is not finite. */
  readonly nonfinite: readonly boolean[];
}

interface Traveling {
  readonly source: number;
  readonly frame: IncomingFrame;
  readonly pack: () => Uint8Array;
  /** It has left for this target. */
  readonly onSent: () => void;
}

/** A member that offers its buckets one after another. */
interface Start {
  readonly result: Float32Array;
  readonly bucketsLeft: () => number;
  readonly next: () => void;
}

interface Link {
  readonly target: number;
  readonly frames: Traveling[];
  sink: FrameSink | undefined;
  position: number;
}

/**
 * All-reduces; throws when it stalls, and when what is sent changes before it has left: frames are
 * packed anew for each piece.
 */
export function allReduce(cluster: TestCluster): TestResult {
  const { allReduces, ...result } = allReduceUntilStill(cluster);
  for (const allReduce of allReduces) {
    if (!allReduce.isComplete()) throw new Error('the all-reduce stalls');
    if (allReduce.waitingBytes > 0) throw new Error('memory of sums is not given back');
    if (allReduce.waitingFor().length > 0) throw new Error('it waits for somebody at the end');
  }
  return result;
}

/** Goes on until nothing moves any more. @returns also the all-reduces, complete or not */
export function allReduceUntilStill(
  cluster: TestCluster,
): TestResult & { readonly allReduces: readonly ExactAllReduce[] } {
  const { members, microBatches, buckets, waitingBytesMax } = cluster;
  const kernels = cluster.kernels ?? javascriptKernels;
  const random = new RandomStream(cluster.seed, 'delivery');
  const links = new Map<string, Link>();
  const sentBytes = members.map(() => 0);
  const receivedBytes = members.map(() => 0);
  const nonfinite = members.map(() => false);
  let crossedBytes = 0;
  const indexOf = (slot: number): number => members.findIndex((one) => one.slot === slot);
  const allReduces = members.map(
    (member, index) =>
      new ExactAllReduce(
        {
          mySlot: member.slot,
          microBatches,
          members,
          buckets,
          ...(waitingBytesMax === undefined ? {} : { waitingBytesMax }),
          ...(cluster.updateOf === undefined ? {} : { update: cluster.updateOf(index) }),
        },
        {
          kernels,
          send: ({ targetSlots, onSent, ...frame }) => {
            const pack = (): Uint8Array => packed(frame, kernels);
            const bytes = pack().length;
            let left = targetSlots.length;
            for (const slot of targetSlots) {
              const target = indexOf(slot);
              sentBytes[index] = (sentBytes[index] as number) + bytes;
              receivedBytes[target] = (receivedBytes[target] as number) + bytes;
              if (members[target]?.machine !== member.machine) crossedBytes += bytes;
              const key = `${member.slot}>${slot}`;
              const link = links.get(key) ?? { target, frames: [], sink: undefined, position: 0 };
              const onOneSent = (): void => {
                left--;
                if (left === 0) onSent();
              };
              link.frames.push({ source: member.slot, frame, pack, onSent: onOneSent });
              links.set(key, link);
            }
          },
          onChunk: () => undefined,
          onNonfinite: () => {
            nonfinite[index] = true;
          },
        },
      ),
  );
  const starts = members.map((_, index) => startOf(cluster, kernels, index, allReduces));
  const results = starts.map(({ result }) => result);
  moveUntilStill(cluster, links, starts, allReduces, random);
  const waitingBytesPeak = Math.max(...allReduces.map((one) => one.waitingBytesPeak));
  const bytes = { sentBytes, receivedBytes, crossedBytes, waitingBytesPeak };
  return { results, ...bytes, nonfinite, allReduces };
}

function moveUntilStill(
  cluster: TestCluster,
  links: ReadonlyMap<string, Link>,
  starts: readonly Start[],
  allReduces: readonly ExactAllReduce[],
  random: RandomStream,
): void {
  // Links whose next frame is to come later, until anything else has moved.
  const blocked = new Set<Link>();
  for (;;) {
    const { free, waiting } = choicesOf(cluster, [...links.values()], blocked, starts);
    if (free.length + waiting.length === 0) break;
    const pick = random.below(free.length + waiting.length);
    const link = free[pick];
    let hasMoved = true;
    if (link === undefined) waiting[pick - free.length]?.next();
    else hasMoved = deliver(link, allReduces[link.target] as ExactAllReduce, random);
    if (hasMoved) blocked.clear();
    else blocked.add(link as Link);
  }
}

/** Links whose first frame may move next, and members that may offer their next bucket. */
function choicesOf(
  { members, lateMember, slowTarget, stuckMember }: TestCluster,
  links: readonly Link[],
  blocked: ReadonlySet<Link>,
  starts: readonly Start[],
): { free: readonly Link[]; waiting: readonly Start[] } {
  const stuckSlot = members[stuckMember ?? -1]?.slot;
  const busy = links.filter(({ frames }) => frames.length > 0 && frames[0]?.source !== stuckSlot);
  const unblocked = busy.filter((link) => !blocked.has(link));
  const computing = starts.filter((start) => start.bucketsLeft() > 0);
  const inTime = computing.filter((start) => start !== starts[lateMember ?? -1]);
  const quick = unblocked.filter((link) => link.target !== slowTarget);
  const free = quick.length + inTime.length > 0 ? quick : unblocked;
  return { free, waiting: free.length + inTime.length > 0 ? inTime : computing };
}

function packed(
  frame: Pick<OutgoingFrame, 'values' | 'format'> | Pick<CompressedFrame, 'bytes'>,
  kernels: VectorKernels,
): Uint8Array {
  if ('bytes' in frame) return frame.bytes;
  const payload = new Uint8Array(frame.values.length * bytesPerValue(frame.format));
  kernels.encode(payload, frame.values, frame.format);
  return payload;
}

/** Passes a piece of a link's first frame on. @returns false when the frame is to come later */
function deliver(link: Link, allReduce: ExactAllReduce, random: RandomStream): boolean {
  const { source, frame, pack, onSent } = link.frames[0] as Traveling;
  const payload = pack();
  if (link.sink === undefined) {
    const sink = allReduce.accept(source, frame, payload.length);
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
  // Whoever sent it may learn so before the other has it, or after.
  const isFirst = random.below(2) === 0;
  if (isFirst) onSent();
  sink.end();
  if (!isFirst) onSent();
  return true;
}

/** What no sum holds: buckets that are not final yet are filled with it. */
const UNMADE = -12345.5;

function startOf(
  { members, microBatches, buckets, vectorOf }: TestCluster,
  kernels: VectorKernels,
  index: number,
  allReduces: readonly ExactAllReduce[],
): Start {
  const elements = Math.max(...buckets.map(({ end }) => end));
  let offered = 0;
  let made: PartialSum[] | undefined;
  let shown: PartialSum[] = [];
  const result = new Float32Array(elements).fill(UNMADE);
  return {
    result,
    bucketsLeft: () => buckets.length - offered,
    next: () => {
      if (made === undefined) {
        const sums = new PartialSums(microBatches, () => new Float32Array(elements));
        for (const shard of members[index]?.microBatches ?? []) {
          const accumulation = sums.accumulationOf(shard);
          accumulate(kernels, accumulation, vectorOf(shard), buckets);
          sums.added(shard, accumulation);
        }
        made = sums.list();
        shown = made.map((sum) => ({ ...sum, values: new Float32Array(elements).fill(UNMADE) }));
        allReduces[index]?.begin(shown, result);
      }
      const { begin, end } = buckets[offered] as Bucket;
      const isUntouched = result.subarray(begin, end).every((value) => value === UNMADE);
      if (!isUntouched) throw new Error('the result is written before its bucket is offered');
      for (const [at, { values }] of made.entries()) {
        shown[at]?.values.set(values.subarray(begin, end), begin);
      }
      offered++;
      allReduces[index]?.offer(offered);
    },
  };
}

/** The sum along the tree, written as its definition says. */
export function sumAlongTree(
  microBatches: number,
  vectorOf: (microBatch: number) => Float32Array,
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
  return visit(0, microBatches);
}

/** Buckets of random lengths, so that chunks begin and end anywhere; one is longer than a chunk. */
export function someBuckets(format: ValueFormat, isLong = false): Bucket[] {
  const lengths = [5, 700, 1, 16, isLong ? 3 * CHUNK_ELEMENTS_MAX + 17 : 281];
  let begin = 0;
  return lengths.map((length, index) => {
    const bucket = {
      begin,
      end: begin + length,
      format: index === 0 ? ('float32' as const) : format,
    };
    begin += length;
    return bucket;
  });
}

/** Members on random machines, with micro-batches divided evenly or at random. */
export function someMembers(workers: number, microBatches: number, seed: number): Member[] {
  const random = new RandomStream(seed, 'split', microBatches);
  const nodeCount = 1 + random.below(workers);
  const isEven = random.below(2) === 0;
  const shares = Array.from({ length: workers }, (_, index) =>
    isEven ? evenPart(microBatches, index, workers) : [],
  );
  for (let shard = 0; shard < microBatches && !isEven; shard++) {
    shares[random.below(workers)]?.push(shard);
  }
  return shares.map((share, index) => ({
    slot: index * 3,
    machine: `machine ${random.below(nodeCount)}`,
    microBatches: share,
  }));
}
