/**
 * One attempt of the all-reduce of a step, without sockets: reduce-scatter to the chunks' owners,
 * then all-gather. Members send their own sums (tree nodes) of each chunk to its owner, or to the
 * machine leader of their node, which sends on what its node adds up to. Every sum follows the fixed
 * tree, so the result has the same bytes for any members. Pure: frames come in by accept(), frames
 * to send leave by `send`.
 *
 * Frames of sums travel in the order of chunks on every link. So the first chunk that a member has
 * not done with can always go on, and frames of later ones may wait when memory is short: of the
 * chunks whose sum no owner has yet, the first is, or will be, the first of whoever adds to it.
 */
import { defined } from '../../base/errors.ts';
import { BufferPool } from '../buffer-pool.ts';
import { ChunkSum, type Held } from './chunk-sum.ts';
import { ValueSink, type FrameSink } from '../frame-sink.ts';
import { bytesPerValue, type ValueFormat } from '../kernels/vector.ts';
import { CHUNK_ELEMENTS_MAX, cutChunks, type Bucket, type Chunk } from '../buckets.ts';
import type { PartialSum } from '../partial-sums.ts';
import {
  misfit,
  type CompressedFrame,
  type IncomingFrame,
  type OutgoingFrame,
  type AllReduceEnvironment,
  type AllReduce,
} from './all-reduce.ts';
import type { ChunkUpdate } from './chunk-update.ts';
import { Topology, type Member, type Role } from '../topology.ts';
import { isSame, type TreeNode } from '../tree.ts';
import { ShardedAttempt } from './sharded-attempt.ts';

export interface AllReducePlan {
  readonly mySlot: number;
  readonly microBatches: number;
  readonly members: readonly Member[];
  readonly buckets: readonly Bucket[];
  /** Sums that wait for others may take so many bytes; by default a share of the vector's. */
  readonly waitingBytesMax?: number;
  /** Where the optimizer state is sharded: what owners and backups make of sums. */
  readonly update?: ChunkUpdate;
}

/** Sums that wait for others may take so much memory, as a share of the vector's. */
const WAITING_SHARE_MAX = 0.125;
/** At least, so that short vectors flow freely. */
const WAITING_BYTES_MIN = 2 * 1024 * 1024;

interface ChunkState extends Chunk {
  readonly index: number;
  readonly format: ValueFormat;
  /** Its result is what is made of the sum, not the sum. */
  readonly isUpdated: boolean;
  readonly role: Role;
  /** Undefined where this member does not add. */
  readonly sum: ChunkSum | undefined;
  /** Expected frames that have not begun, by sender. */
  readonly missing: Map<number, TreeNode[]>;
  /** How many of the expected frames have not ended, by sender. */
  readonly unfinished: Map<number, number>;
  /** Sums made here that wait to be sent on, until all are made and earlier chunks are sent. */
  readonly made: { node: TreeNode; held: Held }[];
  /** How many of those have left. */
  sentCount: number;
  /** This member's own sums of it are final. */
  isOffered: boolean;
  resultBegun: boolean;
  /** The owner has the sum. */
  isSummed: boolean;
  isDone: boolean;
}

export class ExactAllReduce implements AllReduce {
  readonly #plan: AllReducePlan;
  readonly #environment: AllReduceEnvironment;
  readonly #topology: Topology;
  readonly #myIndex: number;
  /** Index of the member that keeps what this one keeps as owner; -1 without one. */
  readonly #backup: number;
  readonly #chunks: readonly ChunkState[];
  readonly #pool: BufferPool;
  readonly #waitingBytesMax: number;
  readonly #updates: ShardedAttempt<ChunkState> | undefined;
  /** By owner: chunks that this member sends on, in order, and how many it has. */
  readonly #forwards = new Map<number, { chunks: ChunkState[]; sent: number }>();
  #sums: readonly PartialSum[] = [];
  #result: Float32Array | undefined;
  #offeredChunks = 0;
  #doneChunks = 0;
  /** Frames that were sent and have not left. */
  #framesToLeave = 0;
  /** Chunks before it that this member adds are done, or have been sent on. */
  #front = 0;

  constructor(plan: AllReducePlan, environment: AllReduceEnvironment) {
    this.#plan = plan;
    this.#environment = environment;
    this.#topology = new Topology(plan.members, plan.microBatches);
    const { members } = this.#topology;
    this.#myIndex = members.findIndex((member) => member.slot === plan.mySlot);
    const { update } = plan;
    this.#backup = this.#topology.backupOf(this.#myIndex);
    const chunks = cutChunks(plan.buckets, members.length, update?.blockElements);
    const longest = chunks.reduce((most, chunk) => Math.max(most, chunk.length), 0);
    const poolOf = environment.poolOf ?? ((elements) => new BufferPool(elements));
    this.#pool = poolOf(Math.min(longest, CHUNK_ELEMENTS_MAX));
    this.#chunks = chunks.map((chunk, index) => this.#stateOf(chunk, index));
    if (update !== undefined) this.#updates = this.#shardedAttempt(update);
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length * 4, 0);
    this.#waitingBytesMax =
      plan.waitingBytesMax ?? Math.max(WAITING_BYTES_MIN, bytes * WAITING_SHARE_MAX);
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  /** Memory that sums under way take now, in bytes. */
  get waitingBytes(): number {
    return this.#pool.bytesInUse;
  }

  /** Memory that sums under way have taken at most, in bytes. */
  get waitingBytesPeak(): number {
    return this.#pool.bytesHeld;
  }

  /**
   * Gives this member's own sums, exactly its cover nodes; their values become final bucket by
   * bucket, as offer() says.
   * @param result receives the sum of all; complete once isComplete(). With one member alone it may
   *   be the values of its own sum
   */
  begin(sums: readonly PartialSum[], result: Float32Array): void {
    const cover = this.#topology.coverOf(this.#myIndex);
    const isFitting =
      cover.length === sums.length && cover.every((node) => sums.some((sum) => isSame(sum, node)));
    if (!isFitting) throw new RangeError('the sums offered are not those of the lease');
    this.#sums = sums;
    this.#result = result;
    this.#updates?.begin();
  }

  /** The first `buckets` buckets of the own sums are final. */
  offer(buckets: number): void {
    for (;;) {
      const first = this.#chunks[this.#offeredChunks];
      if (first === undefined || first.bucket >= buckets) return;
      // Chunks at one place of their segments, one for each owner.
      const turn: ChunkState[] = [];
      for (let at = this.#offeredChunks; at < this.#chunks.length; at++) {
        const chunk = this.#chunks[at] as ChunkState;
        const isNext = turn.length > 0 && chunk.owner <= (turn.at(-1) as ChunkState).owner;
        if (isNext || chunk.bucket !== first.bucket) break;
        turn.push(chunk);
      }
      this.#offeredChunks += turn.length;
      for (const chunk of this.#inOrderOfTargets(turn)) this.#offerChunk(chunk);
    }
  }

  /**
   * Those for members behind oneself first, so that not all send to the same one; those for one
   * member, such as a machine leader for several owners, stay in the order of chunks.
   */
  #inOrderOfTargets(turn: readonly ChunkState[]): ChunkState[] {
    const distance = ({ role }: ChunkState): number => {
      const target = role.adds ? this.#myIndex : role.sumTarget;
      return target > this.#myIndex ? target : target + this.#topology.members.length;
    };
    return [...turn].sort((left, right) => distance(left) - distance(right));
  }

  /**
   * Takes one frame of this attempt.
   * @returns where its payload goes; `later` when there is no memory for it yet: ask again once
   *   other frames have come
   * @throws CRESCENDO_PROTOCOL_INVALID when it does not fit the plan
   */
  accept(sourceSlot: number, frame: IncomingFrame, payloadBytes: number): FrameSink | 'later' {
    const source = this.#topology.members.findIndex((member) => member.slot === sourceSlot);
    if (frame.kind === 'squares') return this.#acceptSquares(source, frame, payloadBytes);
    const chunk = this.#chunks[frame.chunk];
    if (
      source < 0 ||
      chunk === undefined ||
      chunk.offset !== frame.offsetElements ||
      payloadBytes !== chunk.length * bytesPerValue(formatOf(frame.kind, chunk))
    ) {
      throw misfit(sourceSlot, frame);
    }
    return frame.kind === 'gather'
      ? this.#acceptResult(source, chunk, frame)
      : this.#acceptSum(source, chunk, frame);
  }

  /** True when the whole sum is in the result. */
  isComplete(): boolean {
    const hasSquares = this.#updates?.isComplete ?? true;
    return this.#doneChunks === this.#chunks.length && this.#result !== undefined && hasSquares;
  }

  /**
   * Slots of members that hold this one up, as far as it can tell: those whose sums the first chunk
   * misses (later ones may wait for memory), or who is to send results. Nobody while frames of this
   * member have not left, which may be what the others wait for.
   */
  waitingFor(): number[] {
    const late = [...(this.#chunks[this.#frontChunk()]?.unfinished ?? [])]
      .filter(([, frames]) => frames > 0)
      .map(([index]) => index);
    if (late.length === 0 && this.#framesToLeave === 0) {
      for (const { isDone, role } of this.#updates?.isWaitedFor === true ? [] : this.#chunks) {
        if (!isDone && role.resultSource >= 0) late.push(role.resultSource);
      }
      late.push(...(this.#updates?.missing() ?? []));
    }
    const others = late.filter((index) => index !== this.#myIndex);
    return [...new Set(others)].map((index) => this.#slotOf(index)).sort((a, b) => a - b);
  }

  #stateOf(chunk: Chunk, index: number): ChunkState {
    const role = this.#topology.roleOf(this.#myIndex, chunk.owner);
    const { format } = defined(this.#plan.buckets[chunk.bucket], `bucket ${chunk.bucket}`);
    const isUpdated = chunk.offset < (this.#plan.update?.gradientElements ?? 0);
    const made: ChunkState['made'] = [];
    const expected = [...role.expected];
    const missing = new Map(expected.map(([member, nodes]) => [member, [...nodes]]));
    const unfinished = new Map(expected.map(([member, nodes]) => [member, nodes.length]));
    const sum = role.adds
      ? new ChunkSum({
          ...{ kernels: this.#environment.kernels, pool: this.#pool, format },
          ...{ length: chunk.length, microBatches: this.#plan.microBatches },
          outputs: role.outputs,
          onMade: (node, held) => {
            this.#onMade(state, node, held);
          },
        })
      : undefined;
    const state: ChunkState = {
      ...{ ...chunk, index, format, isUpdated, role, sum, missing, unfinished, made },
      ...{ sentCount: 0, isOffered: false, resultBegun: false, isSummed: false, isDone: false },
    };
    if (role.adds && !role.isOwner) {
      const forwards = this.#forwards.get(chunk.owner) ?? { chunks: [], sent: 0 };
      forwards.chunks.push(state);
      this.#forwards.set(chunk.owner, forwards);
    }
    return state;
  }

  #offerChunk(chunk: ChunkState): void {
    const { offset, length, sum, role } = chunk;
    chunk.isOffered = true;
    if (role.isOwner) sum?.allowResult(this.#resultOf(chunk));
    for (const own of this.#sums) {
      const values = own.values.subarray(offset, offset + length);
      if (sum !== undefined) sum.addWhole(own, values);
      else this.#sendSum(chunk, own, values);
    }
    if (role.isOwner) this.#finish(chunk);
    else if (role.adds) this.#sendOn(chunk.owner);
  }

  #acceptSum(source: number, chunk: ChunkState, frame: IncomingFrame): FrameSink | 'later' {
    const node = { begin: frame.nodeBegin, end: frame.nodeEnd };
    const missing = chunk.missing.get(source);
    const at = missing?.findIndex((one) => isSame(one, node)) ?? -1;
    if (missing === undefined || at < 0) throw misfit(this.#slotOf(source), frame);
    const sum = defined(chunk.sum, 'sum of a chunk');
    const isFull = this.#pool.bytesInUse >= this.#waitingBytesMax;
    if (isFull && frame.chunk > this.#frontChunk() && sum.needsMemory(node)) return 'later';
    missing.splice(at, 1);
    return sum.addArriving(node, () => {
      chunk.unfinished.set(source, (chunk.unfinished.get(source) ?? 0) - 1);
    });
  }

  #acceptResult(source: number, chunk: ChunkState, frame: IncomingFrame): FrameSink | 'later' {
    const { role } = chunk;
    const isWhole = frame.nodeBegin === 0 && frame.nodeEnd === this.#plan.microBatches;
    if (!isWhole || source !== role.resultSource || chunk.resultBegun) {
      throw misfit(this.#slotOf(source), frame);
    }
    // Where this member had nothing to add, the others are done without it.
    if (!chunk.isOffered) return 'later';
    chunk.resultBegun = true;
    const result = this.#resultOf(chunk);
    const format = formatOf('gather', chunk);
    return new ValueSink(this.#environment.kernels, format, result, undefined, () => {
      if (chunk.isUpdated && role.isBackup) this.#updates?.addForBackup(chunk);
      else this.#conclude(chunk);
    });
  }

  #acceptSquares(source: number, frame: IncomingFrame, payloadBytes: number): FrameSink {
    const sink = this.#updates?.accept(source, frame.offsetElements, payloadBytes);
    if (sink === undefined) throw misfit(this.#slotOf(source), frame);
    return sink;
  }

  #onMade(chunk: ChunkState, node: TreeNode, held: Held): void {
    chunk.made.push({ node, held });
    if (chunk.role.isOwner) this.#finish(chunk);
    else this.#sendOn(chunk.owner);
  }

  /** The owner's last act, once the sum is made and its own share was offered. */
  #finish(chunk: ChunkState): void {
    const made = chunk.made[0];
    if (made === undefined || !chunk.isOffered || chunk.isSummed) return;
    chunk.isSummed = true;
    const { values, memory } = made.held;
    const result = this.#resultOf(chunk);
    const isInPlace = values.buffer === result.buffer && values.byteOffset === result.byteOffset;
    if (!isInPlace) result.set(values);
    if (memory === 'pool') this.#pool.give(values);
    if (chunk.isUpdated) this.#updateOwn(chunk);
    else this.#conclude(chunk);
  }

  /** The backup takes the same step, by the sum; the others get the weights. */
  #updateOwn(chunk: ChunkState): void {
    const sum = this.#resultOf(chunk);
    const backup = this.#backup;
    if (backup >= 0) {
      const copy = this.#pool.take(chunk.length);
      copy.set(sum);
      const payload = { values: copy, format: chunk.format };
      this.#send(this.#resultFrame(chunk), [this.#slotOf(backup)], payload, () => {
        this.#pool.give(copy);
      });
    }
    this.#updates?.addOwn(chunk, this.#environment.kernels.inspect(sum).isFinite);
  }

  #shardedAttempt(update: ChunkUpdate): ShardedAttempt<ChunkState> {
    const { members } = this.#topology;
    const others = members.map(({ slot }) => slot).filter((slot) => slot !== this.#plan.mySlot);
    return new ShardedAttempt({
      update,
      chunks: this.#chunks.filter(({ isUpdated }) => isUpdated),
      ...{ myIndex: this.#myIndex, memberCount: members.length },
      resultOf: (chunk) => this.#resultOf(chunk),
      sendSquares: (offset, bytes) => {
        const frame = { kind: 'squares', nodeBegin: 0, nodeEnd: 0, chunk: 0 } as const;
        if (others.length > 0) this.#send({ ...frame, offsetElements: offset }, others, { bytes });
      },
      onStepped: (chunk) => {
        this.#conclude(chunk);
      },
      onNonfinite: () => this.#environment.onNonfinite?.(),
    });
  }

  /** Sends on what is made, in the order of chunks. */
  #sendOn(owner: number): void {
    const forwards = this.#forwards.get(owner);
    if (forwards === undefined) return;
    for (;;) {
      const chunk = forwards.chunks[forwards.sent];
      if (chunk?.made.length !== chunk?.role.outputs.length || chunk === undefined) return;
      if (!chunk.isOffered) return;
      forwards.sent++;
      for (const { node, held } of chunk.made) {
        this.#sendSum(chunk, node, held.values, () => {
          chunk.sentCount++;
          if (held.memory === 'pool') this.#pool.give(held.values);
        });
      }
    }
  }

  #sendSum(chunk: ChunkState, node: TreeNode, values: Float32Array, onSent?: () => void): void {
    const frame = frameOf('reduce', node, chunk);
    const { role, format } = chunk;
    this.#send(frame, [this.#slotOf(role.sumTarget)], { values, format }, onSent);
  }

  #resultFrame(chunk: ChunkState): IncomingFrame {
    return frameOf('gather', { begin: 0, end: this.#plan.microBatches }, chunk);
  }

  /** The result of a chunk is there. */
  #conclude(chunk: ChunkState): void {
    const { role, isUpdated, format } = chunk;
    // An owner's backup has made it by itself.
    const hasIt = isUpdated && role.isOwner ? this.#backup : -1;
    const targets = role.resultTargets.filter((one) => one !== hasIt);
    if (targets.length > 0) {
      const slots = targets.map((index) => this.#slotOf(index));
      const payload = {
        values: this.#resultOf(chunk),
        format: isUpdated ? ('float32' as const) : format,
      };
      this.#send(this.#resultFrame(chunk), slots, payload);
    }
    chunk.isDone = true;
    this.#doneChunks++;
    this.#environment.onChunk(chunk.index, this.#resultOf(chunk), isUpdated);
  }

  #send(
    frame: IncomingFrame,
    targetSlots: readonly number[],
    payload: Pick<OutgoingFrame, 'values' | 'format'> | Pick<CompressedFrame, 'bytes'>,
    onSent?: () => void,
  ): void {
    this.#framesToLeave++;
    this.#environment.send({
      ...{ ...frame, targetSlots, ...payload },
      onSent: () => {
        this.#framesToLeave--;
        onSent?.();
      },
    });
  }

  /** The first chunk that this member adds and that may still take memory. */
  #frontChunk(): number {
    for (; this.#front < this.#chunks.length; this.#front++) {
      const { sum, role, isSummed, sentCount } = this.#chunks[this.#front] as ChunkState;
      const isOver = role.isOwner ? isSummed : sentCount === role.outputs.length;
      if (sum !== undefined && !isOver) break;
    }
    return this.#front;
  }

  #resultOf({ offset, length }: Chunk): Float32Array {
    return defined(this.#result, 'the result').subarray(offset, offset + length);
  }

  #slotOf(index: number): number {
    return this.#topology.members[index]?.slot ?? -1;
  }
}

/** What a frame's values are packed as: weights are always float32. */
function formatOf(kind: 'reduce' | 'gather', { format, isUpdated, role }: ChunkState): ValueFormat {
  return kind === 'gather' && isUpdated && !role.isBackup ? 'float32' : format;
}

function frameOf(kind: IncomingFrame['kind'], node: TreeNode, chunk: ChunkState): IncomingFrame {
  return {
    kind,
    nodeBegin: node.begin,
    nodeEnd: node.end,
    offsetElements: chunk.offset,
    chunk: chunk.index,
  };
}
