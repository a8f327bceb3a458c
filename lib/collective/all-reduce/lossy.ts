/**
 * One attempt with lossy compression. It consists of all-reduces that each reduce a part of the
 * vector:
 *
 *   int8, top-k the buckets of the gradient, compressed; the last bucket (statistics, tail), exact
 *   power-sgd     one all-reduce of everything
 *   guard         one bucket of the gradient once more, as float32, to compare with
 *
 * Chunks of the parts are numbered consecutively. Each member is one leaf. Pure.
 */
import { defined } from '../../base/errors.ts';
import { cosineSimilarity } from '../compression/choice.ts';
import { ChunkedLossyAllReduce, type Coding } from './chunked-lossy.ts';
import { ExactAllReduce } from './exact.ts';
import type { FrameSink } from '../frame-sink.ts';
import type { Bucket } from '../buckets.ts';
import { MemberLeaf } from './member-leaf.ts';
import type { PartialSum } from '../partial-sums.ts';
import { PowerSgdAllReduce, type PowerSgdMemory } from './power-sgd.ts';
import {
  leafNode,
  misfit,
  type LossyEnvironment,
  type IncomingFrame,
  type FlatPlan,
  type AllReduce,
} from './all-reduce.ts';

export interface LossyPlan extends FlatPlan {
  /**
   * The engine's buckets: those of the gradient, in float32, then the one of statistics and tail.
   */
  readonly buckets: readonly Bucket[];
  readonly gradientBuckets: number;
  /** The bucket of the gradient that is also reduced as float32; undefined for none. */
  readonly guardBucket: number | undefined;
}

/** How the gradient is compressed. */
export type LossyMethod =
  ({ readonly kind: 'pieces' } & Coding) | ({ readonly kind: 'matrices' } & PowerSgdMemory);

interface Part {
  readonly allReduce: AllReduce;
  readonly firstChunk: number;
  /** The number of buckets of the part that are final when `buckets` of the vector are. */
  readonly bucketsOf: (buckets: number) => number;
  readonly begin: (leaf: PartialSum, result: Float32Array) => void;
}

export class LossyAllReduce implements AllReduce {
  readonly #plan: LossyPlan;
  readonly #environment: LossyEnvironment;
  readonly #myIndex: number;
  readonly #leaf: MemberLeaf;
  readonly #parts: Part[] = [];
  #offeredBuckets = 0;
  #result: Float32Array | undefined;
  /** The exact result of the guard bucket. */
  #exact: Float32Array | undefined;

  /** @param leaf allocates memory for this member's own sum, as long as the vector */
  constructor(
    plan: LossyPlan,
    coding: LossyMethod,
    environment: LossyEnvironment,
    leaf: () => Float32Array,
  ) {
    this.#plan = plan;
    this.#environment = environment;
    this.#myIndex = plan.slots.indexOf(plan.mySlot);
    if (coding.kind === 'pieces') this.#addPieces(coding);
    else this.#addMatrices(coding);
    if (plan.guardBucket !== undefined) this.#addGuard(plan.guardBucket);
    this.#leaf = new MemberLeaf(environment.kernels, leaf);
  }

  get chunkCount(): number {
    return this.#parts.reduce((sum, { allReduce }) => sum + allReduce.chunkCount, 0);
  }

  get waitingBytesPeak(): number {
    return this.#parts.reduce((sum, { allReduce }) => sum + allReduce.waitingBytesPeak, 0);
  }

  /** @param sums this member's partial sums, possibly none; `result` may be the values of one */
  begin(sums: readonly PartialSum[], result: Float32Array): void {
    this.#result = result;
    this.#leaf.begin(sums, result);
    const leaf = { ...leafNode(this.#myIndex), values: this.#leaf.values };
    for (const part of this.#parts) part.begin(leaf, result);
  }

  offer(buckets: number): void {
    const count = Math.min(buckets, this.#plan.buckets.length);
    if (count <= this.#offeredBuckets) return;
    for (; this.#offeredBuckets < count; this.#offeredBuckets++) {
      this.#leaf.offer(this.#plan.buckets[this.#offeredBuckets] as Bucket);
    }
    for (const { allReduce, bucketsOf } of this.#parts) allReduce.offer(bucketsOf(count));
  }

  accept(sourceSlot: number, frame: IncomingFrame, payloadBytes: number): FrameSink | 'later' {
    const part = this.#parts.findLast(({ firstChunk }) => firstChunk <= frame.chunk);
    if (part === undefined) throw misfit(sourceSlot, frame);
    const chunk = frame.chunk - part.firstChunk;
    return part.allReduce.accept(sourceSlot, { ...frame, chunk }, payloadBytes);
  }

  isComplete(): boolean {
    return this.#parts.every(({ allReduce }) => allReduce.isComplete());
  }

  waitingFor(): number[] {
    const slots = this.#parts.flatMap(({ allReduce }) => allReduce.waitingFor());
    return [...new Set(slots)].sort((left, right) => left - right);
  }

  /**
   * Cosine similarity of the lossy and the exact result of the guard bucket, once complete; NaN
   * without a guard.
   */
  similarity(): number {
    const { guardBucket, buckets } = this.#plan;
    if (guardBucket === undefined || this.#exact === undefined) return Number.NaN;
    const { begin, end } = defined(buckets[guardBucket], 'guarded bucket');
    const coded = defined(this.#result, 'the result').subarray(begin, end);
    return this.#environment.timed(() => cosineSimilarity(coded, this.#exact as Float32Array));
  }

  #addPieces(coding: Coding): void {
    const { mySlot, slots, buckets, gradientBuckets } = this.#plan;
    const [gradient, rest] = [buckets.slice(0, gradientBuckets), buckets.slice(gradientBuckets)];
    const environment = this.#environmentOfNext();
    const coded = new ChunkedLossyAllReduce(
      { mySlot, slots, buckets: gradient },
      coding,
      environment,
    );
    this.#addPart(coded, (count) => Math.min(count, gradientBuckets), beginOf(coded));
    if (rest.length === 0) return;
    const exact = this.#allReduceOf(rest);
    this.#addPart(exact, (count) => Math.max(0, count - gradientBuckets), beginOf(exact));
  }

  #addMatrices(memory: PowerSgdMemory): void {
    const { mySlot, slots, buckets } = this.#plan;
    const allReduce = new PowerSgdAllReduce({ mySlot, slots }, memory, this.#environmentOfNext());
    this.#addPart(allReduce, (count) => (count < buckets.length ? 0 : 1), beginOf(allReduce));
  }

  #addGuard(guardBucket: number): void {
    const { begin, end } = defined(this.#plan.buckets[guardBucket], 'guarded bucket');
    const exact = new Float32Array(end - begin);
    this.#exact = exact;
    const allReduce = this.#allReduceOf([{ begin: 0, end: end - begin, format: 'float32' }]);
    const beginGuard: Part['begin'] = (leaf) => {
      allReduce.begin([{ ...leaf, values: leaf.values.subarray(begin, end) }], exact);
    };
    // The guard is last, so that frames of the parts come in the same order on every link.
    this.#addPart(allReduce, (count) => (count < this.#plan.buckets.length ? 0 : 1), beginGuard);
  }

  /**
   * An exact all-reduce in which each member has its own machine, so that there are no machine
   * leaders.
   */
  #allReduceOf(buckets: readonly Bucket[]): ExactAllReduce {
    const { mySlot, slots } = this.#plan;
    const members = slots.map((slot, index) => ({
      slot,
      machine: `${slot}`,
      microBatches: [index],
    }));
    const plan = { mySlot, microBatches: slots.length, members, buckets };
    return new ExactAllReduce(plan, this.#environmentOfNext());
  }

  #addPart(allReduce: AllReduce, bucketsOf: Part['bucketsOf'], begin: Part['begin']): void {
    this.#parts.push({ allReduce, firstChunk: this.chunkCount, bucketsOf, begin });
  }

  #environmentOfNext(): LossyEnvironment {
    const firstChunk = this.chunkCount;
    const { send, onChunk, timed, kernels } = this.#environment;
    return {
      timed,
      kernels,
      send: (frame) => {
        send({ ...frame, chunk: frame.chunk + firstChunk });
      },
      onChunk,
    };
  }
}

function beginOf(allReduce: AllReduce): Part['begin'] {
  return (leaf, result) => {
    allReduce.begin([leaf], result);
  };
}
