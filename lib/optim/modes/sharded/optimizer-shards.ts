/**
 * This worker's shard of the optimizer state, and of the weights it goes with, on the networking
 * thread: it makes weights of the sums that this worker owns or backs up
 * (lib/collective/all-reduce/chunk-update.ts). What a step makes is kept beside what was, until the
 * step is committed. When the members change, the next shard is made beside the present one until
 * all have theirs.
 */
import { assert, defined } from '../../../base/errors.ts';
import type { Sections } from '../../../checkpoint/snapshot.ts';
import type { Bucket } from '../../../collective/buckets.ts';
import {
  ShardLayout,
  type PreviousShardMember,
  type Range,
  type ShardMember,
  type ShardMove,
} from '../../../collective/shard-layout.ts';
import type { ChunkUpdate } from '../../../collective/all-reduce/chunk-update.ts';
import type { ShardedUpdate } from '../../update-kernels.ts';
import type { UpdateSettings } from '../../../base/update-settings.ts';
import { normOfPieces, normPieces, segmentsWithin } from '../../update-pieces.ts';
import type { OwnersStart, StepsWeights } from '../owners.ts';
import { MOMENT_NAMES } from '../../optimizer.ts';
import type { Owners, OwnersContext, PreviousShards, ShardPiece, ShardPlan } from '../owners.ts';

/** Tables for one chunk, made when it is first met. */
interface ChunkTables {
  readonly segments: Int32Array;
  readonly rates: Float32Array;
  /** With indices from the chunk's begin. */
  readonly pieces: Int32Array;
}

/** Vectors of a shard: its ranges one after the other. */
interface Shard {
  readonly generation: number;
  readonly layout: ShardLayout;
  readonly ranges: readonly (Range & { readonly at: number })[];
  readonly weights: Float32Array;
  moments: readonly Float32Array[];
  /** What the moments become, once the step at hand is committed. */
  nextMoments: readonly Float32Array[];
}

interface PlannedShard {
  readonly shard: Shard;
  readonly incoming: ReadonlyMap<number, readonly ShardMove[]>;
}

export class OptimizerShards implements Owners, ChunkUpdate {
  readonly blockElements: number;
  readonly gradientElements: number;
  readonly #context: OwnersContext;
  readonly #update: ShardedUpdate;
  readonly #gradientBuckets: readonly Bucket[];
  /** The pieces of the whole gradient that its norm is summed over. */
  readonly #pieces: Int32Array;
  readonly #tables = new Map<number, ChunkTables>();
  readonly #squareCounts = new Map<string, number>();
  #present: Shard | undefined;
  #next: Shard | undefined;
  #planned: PlannedShard | undefined;
  #settings: UpdateSettings | undefined;
  /** Until the first commit; from then on members send weights too. */
  #initialWeights: Float32Array | undefined;
  norm = Number.NaN;

  /** @param start from the compute thread of this worker */
  constructor(start: OwnersStart, context: OwnersContext) {
    assert(start.kind === 'shards', 'the compute thread of a sharded run has an update for owners');
    const { gradientElements, buckets } = context;
    this.#context = context;
    this.#update = start.update;
    this.blockElements = start.update.blockElements;
    this.#initialWeights = start.initialWeights;
    this.gradientElements = gradientElements;
    this.#gradientBuckets = buckets.filter(({ begin }) => begin < gradientElements);
    this.#pieces = normPieces(start.update.segments, 0, gradientElements);
  }

  get chunkUpdate(): ChunkUpdate {
    return this;
  }

  get bytesHeld(): number {
    const bytesOf = (shard: Shard | undefined): number =>
      shard === undefined
        ? 0
        : [shard.weights, ...shard.moments, ...shard.nextMoments].reduce(
            (sum, { byteLength }) => sum + byteLength,
            0,
          );
    return bytesOf(this.#present) + bytesOf(this.#next);
  }

  get generations(): readonly number[] {
    return [this.#present, this.#next].flatMap((shard) => shard?.generation ?? []);
  }

  plan(generation: number, members: readonly ShardMember[], previous: PreviousShards): ShardPlan {
    this.#promote(previous.generation);
    if (this.#present?.generation !== previous.generation) this.#present = undefined;
    this.#next = undefined;
    const layout = this.#layoutOf(members);
    const { mySlot } = this.#context;
    const moves =
      previous.generation === 0 ? [] : layout.movesFrom(this.#layoutOf(previous.members));
    const incoming = groupedBy(moves, 'sourceSlot', ({ targetSlot }) => targetSlot === mySlot);
    const outgoing = groupedBy(moves, 'targetSlot', ({ sourceSlot }) => sourceSlot === mySlot);
    const shard = this.#newShard(generation, layout);
    this.#planned = { shard, incoming };
    const vectorCount = vectorsOf(shard).length;
    return {
      ofCheckpoint: previous.isOfCheckpoint ? piecesOf(shard) : undefined,
      incoming: [...incoming].map(([slot, some]) => {
        const elements = some.reduce((sum, { begin, end }) => sum + end - begin, 0);
        return { slot, elements: elements * vectorCount };
      }),
      outgoing: [...outgoing].map(([slot, some]) => ({ slot, values: this.#cut(some) })),
    };
  }

  stage(received: ReadonlyMap<number, Float32Array>): void {
    const { shard, incoming } = defined(this.#planned, 'a planned shard');
    this.#planned = undefined;
    if (this.#present !== undefined) copyCommon(this.#present, shard);
    for (const [slot, values] of received) {
      let offset = 0;
      for (const { begin, end } of incoming.get(slot) ?? []) {
        for (const vector of vectorsOf(shard)) {
          partOf(shard, vector, begin, end).set(values.subarray(offset, offset + end - begin));
          offset += end - begin;
        }
      }
    }
    this.#next = shard;
  }

  copyPart(generation: number, section: string, begin: number, end: number): Float32Array {
    this.#promote(generation);
    const shard = defined(this.#present, 'shard');
    assert(shard.generation === generation, `no shard for generation ${generation}`);
    const vector = shard.moments[MOMENT_NAMES.findIndex((name) => name === section)];
    return partOf(shard, defined(vector, `moment ${section}`), begin, end).slice();
  }

  wholeSections(): Sections {
    const shard = this.#present;
    const [first] = shard?.ranges ?? [];
    const isWhole = first?.begin === 0 && first.end === this.gradientElements;
    if (shard === undefined || !isWhole) return new Map();
    return new Map(shard.moments.map((moment, index) => [momentName(index), moment]));
  }

  enter(generation: number): void {
    this.#promote(generation);
    this.norm = Number.NaN;
    assert(this.#present?.generation === generation, `no shard for generation ${generation}`);
  }

  begin(stepsWeights: StepsWeights): void {
    assert(stepsWeights.by === 'owners', 'an attempt of a sharded run is stepped by owners');
    this.#settings = stepsWeights.settings;
  }

  commit(result: Float32Array): void {
    this.#initialWeights = undefined;
    const shard = defined(this.#present, 'shard');
    for (const { begin, end, at } of shard.ranges) {
      shard.weights.set(result.subarray(begin, end), at);
    }
    [shard.moments, shard.nextMoments] = [shard.nextMoments, shard.moments];
  }

  get needsNorm(): boolean {
    return this.#update.isClipped;
  }

  squareCountOf(offset: number, length: number): number {
    const key = `${offset}/${length}`;
    const known = this.#squareCounts.get(key);
    if (known !== undefined) return known;
    const { segments } = this.#update;
    const count = normPieces(segments, offset, offset + length).length / 3;
    this.#squareCounts.set(key, count);
    return count;
  }

  squares(offset: number, sum: Float32Array, output: Float64Array): void {
    const { pieces } = this.#tablesOf(offset, sum.length);
    const shard = defined(this.#present, 'shard');
    const weights = partOf(shard, shard.weights, offset, offset + sum.length);
    this.#context.kernels.squaredNorms(this.#stepSettings, pieces, weights, sum, output);
  }

  normOf(squares: Float64Array): number {
    this.norm = normOfPieces(this.#pieces, squares);
    return this.norm;
  }

  step(offset: number, values: Float32Array, norm: number): void {
    const shard = defined(this.#present, 'shard');
    const { segments, rates } = this.#tablesOf(offset, values.length);
    const { kernels } = this.#context;
    const settings = this.#stepSettings;
    const part = (vector: Float32Array): Float32Array =>
      partOf(shard, vector, offset, offset + values.length);
    kernels.step(settings, this.needsNorm ? kernels.clipOf(settings, norm) : 1, {
      segments,
      rates,
      weights: part(shard.weights),
      target: values,
      moments: shard.moments.map(part),
      nextMoments: shard.nextMoments.map(part),
    });
  }

  /** A shard as it is before the first step. */
  #newShard(generation: number, layout: ShardLayout): Shard {
    let at = 0;
    const ranges = layout.rangesOf(this.#context.mySlot).map(({ begin, end }) => {
      const range = { begin, end, at };
      at += end - begin;
      return range;
    });
    const made = (value: number): Float32Array => new Float32Array(at).fill(value);
    const { initialMoments } = this.#update;
    const weights = made(0);
    for (const { begin, end, at: offset } of ranges) {
      weights.set(this.#initialWeights?.subarray(begin, end) ?? [], offset);
    }
    const moments = initialMoments.map(made);
    const nextMoments = initialMoments.map(() => made(0));
    return { generation, layout, ranges, weights, moments, nextMoments };
  }

  /** The next shard becomes the present one where all members of its generation have theirs. */
  #promote(generation: number): void {
    if (this.#next?.generation !== generation) return;
    this.#present = this.#next;
    this.#next = undefined;
    this.#tables.clear();
    this.#squareCounts.clear();
  }

  get #stepSettings(): UpdateSettings {
    return defined(this.#settings, 'settings of the step');
  }

  #layoutOf(members: readonly PreviousShardMember[]): ShardLayout {
    return new ShardLayout(members, this.#gradientBuckets, this.blockElements);
  }

  /** Weights and moments of the moves' parts: of each part, one vector after the other. */
  #cut(moves: readonly ShardMove[]): Float32Array {
    const shard = defined(this.#present, 'shard to send from');
    const parts = moves.flatMap(({ begin, end }) =>
      vectorsOf(shard).map((vector) => partOf(shard, vector, begin, end)),
    );
    const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const part of parts) {
      values.set(part, offset);
      offset += part.length;
    }
    return values;
  }

  #tablesOf(offset: number, length: number): ChunkTables {
    const known = this.#tables.get(offset);
    if (known !== undefined) return known;
    const update = this.#update;
    const pieces = normPieces(update.segments, offset, offset + length);
    const tables = {
      ...segmentsWithin(update, offset, offset + length),
      pieces: pieces.map((value, index) => (index % 3 === 2 ? value : value - offset)),
    };
    this.#tables.set(offset, tables);
    return tables;
  }
}

/** A part of a shard's vector; it lies within one range. */
function partOf(shard: Shard, vector: Float32Array, begin: number, end: number): Float32Array {
  const range = shard.ranges.find((one) => one.begin <= begin && end <= one.end);
  const { at, begin: first } = defined(range, `[${begin}, ${end}) of the shard`);
  return vector.subarray(at + begin - first, at + end - first);
}

/** What goes with a part when it moves. */
function vectorsOf({ weights, moments }: Shard): Float32Array[] {
  return [weights, ...moments];
}

/** All values of a shard, by their place in the sections of the state. */
function piecesOf(shard: Shard): ShardPiece[] {
  return vectorsOf(shard).flatMap((vector, index) =>
    shard.ranges.map(({ begin, end }) => ({
      section: index === 0 ? 'weights' : momentName(index - 1),
      begin,
      values: partOf(shard, vector, begin, end),
    })),
  );
}

function momentName(index: number): string {
  return defined(MOMENT_NAMES[index], 'name of a moment');
}

/** What a worker keeps goes over to its next shard. */
function copyCommon(from: Shard, to: Shard): void {
  for (const held of from.ranges) {
    for (const needed of to.ranges) {
      const begin = Math.max(held.begin, needed.begin);
      const end = Math.min(held.end, needed.end);
      if (begin >= end) continue;
      const targets = vectorsOf(to);
      for (const [index, vector] of vectorsOf(from).entries()) {
        const target = defined(targets[index], 'vector of the shard');
        partOf(to, target, begin, end).set(partOf(from, vector, begin, end));
      }
    }
  }
}

function groupedBy(
  moves: readonly ShardMove[],
  key: 'sourceSlot' | 'targetSlot',
  isWanted: (move: ShardMove) => boolean,
): Map<number, ShardMove[]> {
  const groups = new Map<number, ShardMove[]>();
  for (const move of moves.filter(isWanted)) {
    groups.set(move[key], [...(groups.get(move[key]) ?? []), move]);
  }
  return groups;
}
