/**
 * One attempt of the all-reduce with a method that compresses each chunk separately: reduce-scatter
 * to the chunks' owners, then all-gather. Each member is one leaf. Pure.
 *
 *   a member   sends encode(its vector + its residual) to the chunk's owner
 *   the owner adds its own vector and what it decodes from the others, in the order of slots; sends
 *              encode(the sum + the chunk's residual) to all
 *   everyone   including the owner takes what these bytes decode to, so all hold the same result
 *
 * Data is checked when it is complete, before anything is written. As in exact.ts, frames travel in
 * the order of chunks on every link. The first unfinished chunk can therefore always make progress,
 * and frames of later chunks may wait when memory is short.
 */
import { assert, defined } from '../../base/errors.ts';
import { BytePool } from '../byte-pool.ts';
import type { AllReduceKernels, Compressor } from '../compression/compressor.ts';
import type { FrameSink } from '../frame-sink.ts';
import { cutChunks, type Bucket, type Chunk } from '../buckets.ts';
import type { PartialSum } from '../partial-sums.ts';
import type { Residuals } from '../compression/residuals.ts';
import {
  leafNode,
  misfit,
  type LossyEnvironment,
  type IncomingFrame,
  type FlatPlan,
  type AllReduce,
} from './all-reduce.ts';

export interface CompressedPlan extends FlatPlan {
  /** The buckets of the gradient; each is float32 before it is encoded. */
  readonly buckets: readonly Bucket[];
}

export interface Coding {
  readonly kernels: AllReduceKernels;
  readonly compression: Compressor;
  readonly residuals: Residuals;
  /** Memory for encoded chunks, reused from attempt to attempt. */
  readonly free: Uint8Array[];
}

/** Most memory of encoded sums that wait for others, in bytes. */
const WAITING_BYTES_MAX = 16 * 1024 * 1024;

interface CompressedChunk extends Chunk {
  readonly index: number;
  /** Owner only: encoded sums by member, until they are added. */
  readonly received: Map<number, { readonly memory: Uint8Array; readonly length: number }>;
  /** Members whose frame of this chunk has begun to arrive. */
  readonly begun: Set<number>;
  /** Owner only: all members before this one are in the sum. */
  nextMember: number;
  /** Whether this member's own values of the chunk are final. */
  isOffered: boolean;
  isDone: boolean;
}

export class ChunkedLossyAllReduce implements AllReduce {
  readonly #plan: CompressedPlan;
  readonly #coding: Coding;
  readonly #environment: LossyEnvironment;
  readonly #myIndex: number;
  readonly #chunks: readonly CompressedChunk[];
  readonly #pool: BytePool;
  #values: Float32Array | undefined;
  #result: Float32Array | undefined;
  #offeredChunks = 0;
  #doneChunks = 0;
  /** All chunks before this one that this member owns are finished. */
  #front = 0;

  constructor(plan: CompressedPlan, coding: Coding, environment: LossyEnvironment) {
    this.#plan = plan;
    this.#coding = coding;
    this.#environment = environment;
    this.#myIndex = plan.slots.indexOf(plan.mySlot);
    const chunks = cutChunks(plan.buckets, plan.slots.length);
    coding.residuals.setPieces(chunks.filter((chunk) => chunk.owner === this.#myIndex));
    this.#chunks = chunks.map((chunk, index) => ({
      ...chunk,
      index,
      received: new Map(),
      begun: new Set<number>(),
      nextMember: 0,
      isOffered: false,
      isDone: false,
    }));
    const longest = chunks.reduce((most, { length }) => Math.max(most, length), 0);
    this.#pool = new BytePool(coding.compression.encodedBytesMax(longest), coding.free);
  }

  get chunkCount(): number {
    return this.#chunks.length;
  }

  get waitingBytesPeak(): number {
    return this.#pool.bytesHeld;
  }

  /** @param sums only this member's leaf; `result` must be other memory */
  begin(sums: readonly PartialSum[], result: Float32Array): void {
    const [leaf] = sums;
    assert(sums.length === 1 && leaf?.begin === this.#myIndex, 'not the leaf of this member');
    this.#values = leaf.values;
    this.#result = result;
  }

  /** Tells that the first `buckets` buckets of the leaf are final. */
  offer(buckets: number): void {
    for (; this.#offeredChunks < this.#chunks.length; this.#offeredChunks++) {
      const chunk = this.#chunks[this.#offeredChunks] as CompressedChunk;
      if (chunk.bucket >= buckets) return;
      chunk.isOffered = true;
      if (chunk.owner === this.#myIndex) this.#add(chunk);
      else this.#sendSum(chunk);
    }
  }

  /** See ExactAllReduce.accept(). */
  accept(sourceSlot: number, frame: IncomingFrame, payloadBytes: number): FrameSink | 'later' {
    const chunk = this.#chunks[frame.chunk];
    const source = this.#plan.slots.indexOf(sourceSlot);
    if (
      source < 0 ||
      source === this.#myIndex ||
      chunk === undefined ||
      chunk.offset !== frame.offsetElements ||
      chunk.begun.has(source) ||
      payloadBytes > this.#coding.compression.encodedBytesMax(chunk.length)
    ) {
      throw misfit(sourceSlot, frame);
    }
    const isResult = frame.kind === 'gather';
    const node = isResult ? { begin: 0, end: this.#plan.slots.length } : leafNode(source);
    const isExpected = chunk.owner === (isResult ? source : this.#myIndex);
    if (!isExpected || frame.nodeBegin !== node.begin || frame.nodeEnd !== node.end) {
      throw misfit(sourceSlot, frame);
    }
    if (isResult ? !chunk.isOffered : this.#mustWait(chunk)) return 'later';
    chunk.begun.add(source);
    return this.#gathered(chunk, payloadBytes, (memory) => {
      if (isResult) this.#takeResult(chunk, memory, payloadBytes);
      else {
        chunk.received.set(source, { memory, length: payloadBytes });
        this.#add(chunk);
      }
    });
  }

  isComplete(): boolean {
    return this.#doneChunks === this.#chunks.length && this.#result !== undefined;
  }

  waitingFor(): number[] {
    const late = new Set<number>();
    for (const { isDone, owner, begun } of this.#chunks) {
      if (isDone) continue;
      const sources = owner === this.#myIndex ? [...this.#plan.slots.keys()] : [owner];
      for (const one of sources) if (one !== this.#myIndex && !begun.has(one)) late.add(one);
    }
    return [...late].sort((left, right) => left - right).map((index) => this.#slotOf(index));
  }

  #mustWait(chunk: CompressedChunk): boolean {
    while (this.#front < this.#chunks.length) {
      const { owner, isDone } = this.#chunks[this.#front] as CompressedChunk;
      if (owner === this.#myIndex && !isDone) break;
      this.#front++;
    }
    return chunk.index > this.#front && this.#pool.bytesInUse >= WAITING_BYTES_MAX;
  }

  /** Keeps a payload until it is complete and valid; `use` then owns its memory. */
  #gathered(chunk: CompressedChunk, length: number, use: (memory: Uint8Array) => void): FrameSink {
    const memory = this.#pool.take();
    let position = 0;
    return {
      write: (bytes) => {
        memory.set(bytes, position);
        position += bytes.length;
      },
      end: () => {
        assert(position === length, 'a payload ended before its bytes');
        this.#environment.timed(() => {
          this.#coding.compression.check(memory.subarray(0, length), chunk.length);
          use(memory);
        });
      },
    };
  }

  #sendSum(chunk: CompressedChunk): void {
    const { offset, length, owner } = chunk;
    const { own } = this.#coding.residuals;
    const memory = this.#pool.take();
    const used = this.#environment.timed(() =>
      this.#coding.compression.encode(
        memory,
        this.#valuesOf(chunk),
        own.residual.subarray(offset, offset + length),
        own.pending.subarray(offset, offset + length),
      ),
    );
    this.#send(chunk, 'reduce', leafNode(this.#myIndex), [owner], memory, used);
  }

  /** Owner only: adds what is present, in the order of members. */
  #add(chunk: CompressedChunk): void {
    if (!chunk.isOffered || chunk.isDone) return;
    this.#environment.timed(() => {
      const result = this.#resultOf(chunk);
      const { compression } = this.#coding;
      for (; chunk.nextMember < this.#plan.slots.length; chunk.nextMember++) {
        const member = chunk.nextMember;
        if (member === this.#myIndex) {
          this.#addOwn(chunk, result);
          continue;
        }
        const one = chunk.received.get(member);
        if (one === undefined) return;
        const bytes = one.memory.subarray(0, one.length);
        if (member === 0) compression.decode(result, bytes);
        else compression.decodeAdd(result, bytes);
        chunk.received.delete(member);
        this.#pool.give(one.memory);
      }
      this.#finish(chunk);
    });
  }

  /** The owner's own values do not travel, so they are not compressed. */
  #addOwn(chunk: CompressedChunk, result: Float32Array): void {
    const { offset, length } = chunk;
    const { kernels, residuals } = this.#coding;
    const residual = residuals.own.residual.subarray(offset, offset + length);
    const values = this.#valuesOf(chunk);
    if (this.#myIndex === 0) kernels.vectors.add(result, values, residual, 'float32');
    else {
      kernels.vectors.add(result, result, values, 'float32');
      kernels.vectors.add(result, result, residual, 'float32');
    }
    residuals.own.pending.fill(0, offset, offset + length);
  }

  #finish(chunk: CompressedChunk): void {
    const { compression, residuals } = this.#coding;
    const result = this.#resultOf(chunk);
    const { residual, pending } = residuals.ofPiece(chunk.offset);
    const memory = this.#pool.take();
    const used = compression.encode(memory, result, residual, pending);
    compression.decode(result, memory.subarray(0, used));
    // Starts with the members after this one, so that owners do not all send to the same member.
    const indices = [...this.#plan.slots.keys()];
    const others = [...indices.slice(this.#myIndex + 1), ...indices.slice(0, this.#myIndex)];
    const root = { begin: 0, end: this.#plan.slots.length };
    this.#send(chunk, 'gather', root, others, memory, used);
    this.#done(chunk);
  }

  #takeResult(chunk: CompressedChunk, memory: Uint8Array, length: number): void {
    this.#coding.compression.decode(this.#resultOf(chunk), memory.subarray(0, length));
    this.#pool.give(memory);
    this.#done(chunk);
  }

  #send(
    chunk: CompressedChunk,
    kind: IncomingFrame['kind'],
    node: { readonly begin: number; readonly end: number },
    targets: readonly number[],
    memory: Uint8Array,
    length: number,
  ): void {
    this.#environment.send({
      kind,
      nodeBegin: node.begin,
      nodeEnd: node.end,
      offsetElements: chunk.offset,
      chunk: chunk.index,
      targetSlots: targets.map((index) => this.#slotOf(index)),
      bytes: memory.subarray(0, length),
      onSent: () => {
        this.#pool.give(memory);
      },
    });
  }

  #done(chunk: CompressedChunk): void {
    chunk.isDone = true;
    this.#doneChunks++;
    this.#environment.onChunk(chunk, this.#resultOf(chunk));
  }

  #valuesOf({ offset, length }: Chunk): Float32Array {
    return defined(this.#values, 'the leaf').subarray(offset, offset + length);
  }

  #resultOf({ offset, length }: Chunk): Float32Array {
    return defined(this.#result, 'the result').subarray(offset, offset + length);
  }

  #slotOf(index: number): number {
    return defined(this.#plan.slots[index], `member ${index}`);
  }
}
