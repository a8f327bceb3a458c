/**
 * One round of the all-reduce of a step, without sockets: reduce-scatter to segment owners, then
 * all-gather. Member i of n owns segment i of the vector. Each member sends, for each other
 * member's segment, the slices of its own partial sums (tree nodes); the owner adds all slices
 * along the fixed tree, chunk by chunk, and sends each finished chunk to everybody. Pure: frames go
 * in by receive(), frames to send come out of the `send` callback in order.
 */
import { CrescendoError } from '../base/errors.ts';
import { coverNodes, sumAlongTree, type TreeNode } from './tree.ts';
import type { PartialSum } from './partial-sums.ts';

/** Elements of one chunk: 256 Ki float32, 1 MiB, one data frame. */
export const CHUNK_ELEMENTS = 256 * 1024;

export interface ExchangePlan {
  readonly mySlot: number;
  readonly microShards: number;
  readonly totalElements: number;
  /** Which micro-shards each member contributes; together all of [0, microShards), once. */
  readonly leases: readonly { readonly slot: number; readonly microShards: readonly number[] }[];
}

export interface ExchangeFrame {
  readonly kind: 'reduce' | 'gather';
  readonly nodeBegin: number;
  readonly nodeEnd: number;
  readonly offsetElements: number;
  readonly chunk: number;
}

interface OwnedChunk {
  readonly offset: number;
  readonly length: number;
  readonly received: Map<number, Float32Array>;
  missing: number;
}

/** Elements [begin, end) that member `index` of `count` owns, in steps of 16 elements (64 bytes). */
export function segmentOf(
  totalElements: number,
  index: number,
  count: number,
): { begin: number; end: number } {
  const unit = Math.ceil(totalElements / count / 16) * 16;
  return {
    begin: Math.min(totalElements, index * unit),
    end: Math.min(totalElements, (index + 1) * unit),
  };
}

export class Exchange {
  readonly #plan: ExchangePlan;
  readonly #output: Float32Array;
  readonly #send: (targetSlot: number, frame: ExchangeFrame, values: Float32Array) => void;
  readonly #slots: readonly number[];
  readonly #nodesOf = new Map<number, TreeNode[]>();
  readonly #owned: OwnedChunk[] = [];
  readonly #gathersMissing = new Map<number, Set<number>>();
  #own: ReadonlyMap<number, PartialSum> | undefined;
  #ownedMissing: number;

  /** @param output receives the whole sum; complete once isComplete() */
  constructor(
    plan: ExchangePlan,
    output: Float32Array,
    send: (targetSlot: number, frame: ExchangeFrame, values: Float32Array) => void,
  ) {
    this.#plan = plan;
    this.#output = output;
    this.#send = send;
    this.#slots = plan.leases.map((lease) => lease.slot).sort((left, right) => left - right);
    for (const lease of plan.leases) {
      this.#nodesOf.set(lease.slot, coverNodes(new Set(lease.microShards), plan.microShards));
    }
    let nodesOfOthers = 0;
    for (const [slot, nodes] of this.#nodesOf) {
      if (slot !== plan.mySlot) nodesOfOthers += nodes.length;
    }
    for (const [index, slot] of this.#slots.entries()) {
      const chunks = chunksOf(plan.totalElements, index, this.#slots.length);
      if (slot === plan.mySlot) {
        for (const chunk of chunks) {
          this.#owned.push({ ...chunk, received: new Map(), missing: nodesOfOthers });
        }
      } else {
        this.#gathersMissing.set(slot, new Set(chunks.map((_, chunk) => chunk)));
      }
    }
    this.#ownedMissing = this.#owned.length;
  }

  /** Offers this member's own sums (its cover nodes exactly) and sends them on their way. */
  contribute(sums: readonly PartialSum[]): void {
    this.#own = new Map(sums.map((sum) => [sum.begin, sum]));
    const count = this.#slots.length;
    const myIndex = this.#slots.indexOf(this.#plan.mySlot);
    // Start behind oneself, so that not every member sends to the same owner first.
    for (let distance = 1; distance < count; distance++) {
      const index = (myIndex + distance) % count;
      const target = this.#slots[index] as number;
      for (const [chunk, { offset, length }] of chunksOf(
        this.#plan.totalElements,
        index,
        count,
      ).entries()) {
        for (const sum of sums) {
          this.#send(
            target,
            {
              kind: 'reduce',
              nodeBegin: sum.begin,
              nodeEnd: sum.end,
              offsetElements: offset,
              chunk,
            },
            sum.values.subarray(offset, offset + length),
          );
        }
      }
    }
    for (const chunk of this.#owned.keys()) this.#finishChunk(chunk);
  }

  /**
   * Takes one frame of this generation, step and round.
   * @throws CRESCENDO_PROTOCOL_INVALID when it does not fit the plan
   */
  receive(sourceSlot: number, frame: ExchangeFrame, payload: Uint8Array): void {
    if (frame.kind === 'gather') this.#receiveGather(sourceSlot, frame, payload);
    else this.#receiveReduce(sourceSlot, frame, payload);
  }

  /** True when the whole sum is in the output. */
  isComplete(): boolean {
    if (this.#ownedMissing > 0) return false;
    for (const missing of this.#gathersMissing.values()) if (missing.size > 0) return false;
    return true;
  }

  /** Members whose frames are still missing, for naming who is late. */
  waitingFor(): number[] {
    const late = new Set<number>();
    for (const [slot, missing] of this.#gathersMissing) if (missing.size > 0) late.add(slot);
    for (const chunk of this.#owned) {
      if (chunk.missing === 0) continue;
      for (const [slot, nodes] of this.#nodesOf) {
        if (slot === this.#plan.mySlot) continue;
        if (nodes.some((node) => !chunk.received.has(node.begin))) late.add(slot);
      }
    }
    return [...late].sort((left, right) => left - right);
  }

  #receiveReduce(sourceSlot: number, frame: ExchangeFrame, payload: Uint8Array): void {
    const nodes = this.#nodesOf.get(sourceSlot) ?? [];
    const isPlanned = nodes.some(
      (node) => node.begin === frame.nodeBegin && node.end === frame.nodeEnd,
    );
    const chunk = this.#owned[frame.chunk];
    if (!isPlanned || chunk === undefined) throw misfit(sourceSlot, frame);
    if (chunk.offset !== frame.offsetElements || payload.byteLength !== chunk.length * 4) {
      throw misfit(sourceSlot, frame);
    }
    if (chunk.received.has(frame.nodeBegin)) throw misfit(sourceSlot, frame);
    const values = new Float32Array(chunk.length);
    new Uint8Array(values.buffer).set(payload);
    chunk.received.set(frame.nodeBegin, values);
    chunk.missing--;
    this.#finishChunk(frame.chunk);
  }

  #receiveGather(sourceSlot: number, frame: ExchangeFrame, payload: Uint8Array): void {
    const missing = this.#gathersMissing.get(sourceSlot);
    const chunks = chunksOf(
      this.#plan.totalElements,
      this.#slots.indexOf(sourceSlot),
      this.#slots.length,
    );
    const chunk = chunks[frame.chunk];
    if (missing?.has(frame.chunk) !== true || chunk === undefined) throw misfit(sourceSlot, frame);
    if (chunk.offset !== frame.offsetElements || payload.byteLength !== chunk.length * 4) {
      throw misfit(sourceSlot, frame);
    }
    new Uint8Array(
      this.#output.buffer,
      this.#output.byteOffset + chunk.offset * 4,
      chunk.length * 4,
    ).set(payload);
    missing.delete(frame.chunk);
  }

  #finishChunk(index: number): void {
    const chunk = this.#owned[index] as OwnedChunk;
    const own = this.#own;
    if (own === undefined || chunk.missing !== 0) return;
    const { offset, length } = chunk;
    const target = this.#output.subarray(offset, offset + length);
    const valueOf = (begin: number, end: number): Float32Array | undefined => {
      const sum = own.get(begin);
      if (sum?.end === end) return sum.values.subarray(offset, offset + length);
      const isReceived = [...this.#nodesOf.values()].some((nodes) =>
        nodes.some((node) => node.begin === begin && node.end === end),
      );
      return isReceived ? chunk.received.get(begin) : undefined;
    };
    sumAlongTree(this.#plan.microShards, valueOf, target);
    // Marks the chunk as done, so that nothing more is taken for it.
    chunk.missing = -1;
    chunk.received.clear();
    this.#ownedMissing--;
    const frame = {
      kind: 'gather',
      nodeBegin: 0,
      nodeEnd: this.#plan.microShards,
      offsetElements: offset,
      chunk: index,
    } as const;
    for (const slot of this.#slots) {
      if (slot !== this.#plan.mySlot) this.#send(slot, frame, target);
    }
  }
}

function chunksOf(
  totalElements: number,
  index: number,
  count: number,
): { offset: number; length: number }[] {
  const { begin, end } = segmentOf(totalElements, index, count);
  const chunks: { offset: number; length: number }[] = [];
  for (let offset = begin; offset < end; offset += CHUNK_ELEMENTS) {
    chunks.push({ offset, length: Math.min(CHUNK_ELEMENTS, end - offset) });
  }
  return chunks;
}

function misfit(sourceSlot: number, frame: ExchangeFrame): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_PROTOCOL_INVALID',
    `${frame.kind} frame from slot ${sourceSlot} for micro-shards [${frame.nodeBegin}, ` +
      `${frame.nodeEnd}), chunk ${frame.chunk}, offset ${frame.offsetElements} does not fit the ` +
      'plan of this round',
  );
}
