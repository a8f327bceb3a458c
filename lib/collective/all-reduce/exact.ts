/**
 * One attempt of the all-reduce of a step: reduce-scatter to the owners of the chunks, then
 * all-gather. Members send their partial sums (tree nodes) of each chunk to its owner, or to the
 * leader of their machine. Every sum follows the fixed tree, so the result has the same bytes for
 * any members. Pure: frames come in by accept() and leave by `send`.
 *
 * Progress: frames of sums travel in the order of chunks on every link. The first chunk whose sum
 * no owner has is, or becomes, the first unfinished one of every member that adds to it, so it is
 * never blocked, and frames of later chunks may wait when memory is short.
 */
import { defined } from '../../base/errors.ts';
import { BufferPool } from '../buffer-pool.ts';
import { ChunkSum, type Held } from './chunk-sum.ts';
import { ValueSink, type FrameSink } from '../frame-sink.ts';
import { bytesPerValue } from '../kernels/vector.ts';
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
import {
  formatOf,
  frameOf,
  inOrderOfTargets,
  newChunk,
  resultFrame,
  turnAt,
  type ChunkState,
} from './exact-chunk.ts';
import { Topology, type Member } from '../topology.ts';
import { isSame, type TreeNode } from '../tree.ts';
import { ShardedAttempt } from './sharded-attempt.ts';

export interface AllReducePlan {
  readonly mySlot: number;
  readonly microBatches: number;
  readonly members: readonly Member[];
  readonly buckets: readonly Bucket[];
  /** Most bytes of waiting sums; by default a fraction of the vector's size. */
  readonly waitingBytesMax?: number;
  /** With sharded optimizer state: the update that owners and backups compute. */
  readonly update?: ChunkUpdate;
}

/** Default limit of sums that wait for others, as a fraction of the vector's size. */
const WAITING_FRACTION_MAX = 0.125;
/** Lower bound of that limit, so that short vectors are not delayed. */
const WAITING_BYTES_MIN = 2 * 1024 * 1024;

export class ExactAllReduce implements AllReduce {
  readonly #plan: AllReducePlan;
  readonly #environment: AllReduceEnvironment;
  readonly #topology: Topology;
  readonly #myIndex: number;
  /** Index of this member's backup; -1 without one. */
  readonly #backup: number;
  readonly #chunks: readonly ChunkState[];
  readonly #pool: BufferPool;
  readonly #waitingBytesMax: number;
  readonly #updates: ShardedAttempt<ChunkState> | undefined;
  /** By owner: chunks that this member sends on, and how many it has sent. */
  readonly #forwards = new Map<number, { chunks: ChunkState[]; sent: number }>();
  #sums: readonly PartialSum[] = [];
  #result: Float32Array | undefined;
  #offeredChunks = 0;
  #doneChunks = 0;
  /** Number of frames given to `send` that have not left. */
  #framesToLeave = 0;
  /** All chunks before this one that this member adds are finished or have been sent on. */
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
      plan.waitingBytesMax ?? Math.max(WAITING_BYTES_MIN, bytes * WAITING_FRACTION_MAX);
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  /** Memory of sums that wait for others at present, in bytes. */
  get waitingBytes(): number {
    return this.#pool.bytesInUse;
  }

  /** Peak memory of sums that waited for others, in bytes. */
  get waitingBytesPeak(): number {
    return this.#pool.bytesHeld;
  }

  /**
   * Starts with this member's own partial sums, its cover nodes, which offer() declares final.
   * @param result receives the reduced vector; with one member it may be the values of its own sum
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

  /** Tells that the first `buckets` buckets of the own partial sums are final. */
  offer(buckets: number): void {
    for (;;) {
      const first = this.#chunks[this.#offeredChunks];
      if (first === undefined || first.bucket >= buckets) return;
      const turn = turnAt(this.#chunks, this.#offeredChunks);
      this.#offeredChunks += turn.length;
      const { members } = this.#topology;
      for (const chunk of inOrderOfTargets(turn, this.#myIndex, members.length)) {
        this.#offerChunk(chunk);
      }
    }
  }

  /**
   * Accepts one frame of this attempt.
   * @returns where its payload is written; `later` to try again after other frames: no memory yet
   * @throws CRESCENDO_PROTOCOL_INVALID if the frame does not fit the plan
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

  /** Whether the whole reduced vector is in the result. */
  isComplete(): boolean {
    const hasSquares = this.#updates?.isComplete ?? true;
    return this.#doneChunks === this.#chunks.length && this.#result !== undefined && hasSquares;
  }

  /**
   * Slots of members for which this one waits, as far as it can tell: those whose sums the first
   * unfinished chunk lacks, or those that are to send results. Empty while own frames have not
   * left, because the others may wait for them.
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
    const state = newChunk(chunk, index, { format, isUpdated, role });
    if (role.adds) {
      state.sum = new ChunkSum({
        kernels: this.#environment.kernels,
        pool: this.#pool,
        format,
        length: chunk.length,
        microBatches: this.#plan.microBatches,
        outputs: role.outputs,
        onMade: (node, held) => {
          this.#onMade(state, node, held);
        },
      });
    }
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
    // The others may finish without a member that has nothing to add.
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

  /** Finishes a chunk of the owner, once the sum is complete and its own values were offered. */
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

  /** Updates an own chunk. The backup receives the sum, the others the weights. */
  #updateOwn(chunk: ChunkState): void {
    const sum = this.#resultOf(chunk);
    const backup = this.#backup;
    if (backup >= 0) {
      const copy = this.#pool.take(chunk.length);
      copy.set(sum);
      const payload = { values: copy, format: chunk.format };
      this.#send(
        resultFrame(chunk, this.#plan.microBatches),
        [this.#slotOf(backup)],
        payload,
        () => {
          this.#pool.give(copy);
        },
      );
    }
    this.#updates?.addOwn(chunk, this.#environment.kernels.inspect(sum, chunk.offset).isFinite);
  }

  #shardedAttempt(update: ChunkUpdate): ShardedAttempt<ChunkState> {
    const { members } = this.#topology;
    const others = members.map(({ slot }) => slot).filter((slot) => slot !== this.#plan.mySlot);
    return new ShardedAttempt({
      update,
      chunks: this.#chunks.filter(({ isUpdated }) => isUpdated),
      myIndex: this.#myIndex,
      memberCount: members.length,
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

  /** Sends produced sums on, in the order of chunks. */
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

  /** The result of a chunk is present. */
  #conclude(chunk: ChunkState): void {
    const { role, isUpdated, format } = chunk;
    // The owner's backup has computed it itself.
    const hasIt = isUpdated && role.isOwner ? this.#backup : -1;
    const targets = role.resultTargets.filter((one) => one !== hasIt);
    if (targets.length > 0) {
      const slots = targets.map((index) => this.#slotOf(index));
      const frame = resultFrame(chunk, this.#plan.microBatches);
      const values = this.#resultOf(chunk);
      this.#send(frame, slots, { values, format: isUpdated ? 'float32' : format });
    }
    chunk.isDone = true;
    this.#doneChunks++;
    this.#environment.onChunk(chunk, this.#resultOf(chunk), isUpdated);
  }

  #send(
    frame: IncomingFrame,
    targetSlots: readonly number[],
    payload: Pick<OutgoingFrame, 'values' | 'format'> | Pick<CompressedFrame, 'bytes'>,
    onSent?: () => void,
  ): void {
    this.#framesToLeave++;
    this.#environment.send({
      ...frame,
      targetSlots,
      ...payload,
      onSent: () => {
        this.#framesToLeave--;
        onSent?.();
      },
    });
  }

  /** The first unfinished chunk that this member adds; it may always take memory. */
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
