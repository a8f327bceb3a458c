/**
 * One attempt with PowerSGD. Its two passes are one all-reduce of a packed float32 vector:
 *
 *   [ P factors, then what is in no matrix: small parameters, statistics, tail | Q factors ]
 *
 * The buckets of the first part are offered first. When the reduced first part is complete, the Q
 * factors are computed from it, and the second part is offered. Each member is one leaf. Pure.
 */
import { assert, defined } from '../../base/errors.ts';
import type { ErrorFeedback } from '../compression/compressor.ts';
import type { PowerSgd } from '../compression/power-sgd.ts';
import { ExactAllReduce } from './exact.ts';
import type { FrameSink } from '../frame-sink.ts';
import { BUCKET_BYTES, cutChunks, type Bucket } from '../buckets.ts';
import type { PartialSum } from '../partial-sums.ts';
import {
  leafNode,
  type LossyEnvironment,
  type IncomingFrame,
  type FlatPlan,
  type AllReduce,
} from './all-reduce.ts';

/** What a worker keeps from attempt to attempt. */
export interface PowerSgdMemory {
  readonly powerSgd: PowerSgd;
  readonly feedback: ErrorFeedback;
  /** This member's packed vector, and the reduced one. */
  readonly packed: Float32Array;
  readonly sum: Float32Array;
  /**
   * The reduced first part with orthonormal P factors; the reduced vector itself may still be sent.
   */
  readonly first: Float32Array;
}

export function powerSgdMemory(powerSgd: PowerSgd, feedback: ErrorFeedback): PowerSgdMemory {
  const elements = powerSgd.firstElements + powerSgd.secondElements;
  return {
    powerSgd,
    feedback,
    packed: new Float32Array(elements),
    sum: new Float32Array(elements),
    first: new Float32Array(powerSgd.firstElements),
  };
}

export class PowerSgdAllReduce implements AllReduce {
  readonly #memory: PowerSgdMemory;
  readonly #environment: LossyEnvironment;
  readonly #myIndex: number;
  readonly #allReduce: ExactAllReduce;
  readonly #firstBuckets: number;
  readonly #firstChunks: number;
  #firstDone = 0;
  #allDone = 0;
  #isDecoded = false;
  #leaf: Float32Array | undefined;
  #result: Float32Array | undefined;

  constructor({ mySlot, slots }: FlatPlan, memory: PowerSgdMemory, environment: LossyEnvironment) {
    this.#memory = memory;
    this.#environment = environment;
    this.#myIndex = slots.indexOf(mySlot);
    const { firstElements } = memory.powerSgd;
    const buckets = packedBuckets(memory.powerSgd);
    this.#firstBuckets = buckets.filter(({ begin }) => begin < firstElements).length;
    const chunks = cutChunks(buckets, slots.length);
    this.#firstChunks = chunks.filter(({ bucket }) => bucket < this.#firstBuckets).length;
    // One machine per member, so that there are no machine leaders.
    const members = slots.map((slot, index) => ({
      slot,
      machine: `${slot}`,
      microBatches: [index],
    }));
    this.#allReduce = new ExactAllReduce(
      { mySlot, microBatches: slots.length, members, buckets },
      {
        kernels: environment.kernels,
        send: environment.send,
        onChunk: (chunk, values) => {
          environment.onChunk(chunk, values);
          this.#onChunk(chunk.index);
        },
      },
    );
  }

  /** The chunks of the packed vector, and one for the whole result at the end. */
  get chunkCount(): number {
    return this.#allReduce.chunkCount + 1;
  }

  get waitingBytesPeak(): number {
    return this.#allReduce.waitingBytesPeak;
  }

  /** @param sums only this member's leaf; `result` must be other memory */
  begin(sums: readonly PartialSum[], result: Float32Array): void {
    const [leaf] = sums;
    assert(sums.length === 1 && leaf?.begin === this.#myIndex, 'not the leaf of this member');
    this.#leaf = leaf.values;
    this.#result = result;
    const node = leafNode(this.#myIndex);
    this.#allReduce.begin([{ ...node, values: this.#memory.packed }], this.#memory.sum);
  }

  /** @param parts 1 once the whole leaf is final, 0 before */
  offer(parts: number): void {
    if (parts === 0) return;
    const { powerSgd, packed, feedback } = this.#memory;
    const first = packed.subarray(0, powerSgd.firstElements);
    const leaf = defined(this.#leaf, 'the leaf');
    this.#environment.timed(() => {
      powerSgd.firstPass(first, leaf, feedback.residual, feedback.pending);
    });
    this.#allReduce.offer(this.#firstBuckets);
  }

  accept(sourceSlot: number, frame: IncomingFrame, payloadBytes: number): FrameSink | 'later' {
    return this.#allReduce.accept(sourceSlot, frame, payloadBytes);
  }

  isComplete(): boolean {
    return this.#allReduce.isComplete();
  }

  waitingFor(): number[] {
    return this.#allReduce.waitingFor();
  }

  #onChunk(chunk: number): void {
    this.#allDone++;
    if (chunk < this.#firstChunks) {
      this.#firstDone++;
      if (this.#firstDone === this.#firstChunks) this.#beginSecond();
    }
    if (this.#allDone === this.#allReduce.chunkCount && !this.#isDecoded) this.#decode();
  }

  #beginSecond(): void {
    const { powerSgd, packed, sum, first, feedback } = this.#memory;
    this.#environment.timed(() => {
      first.set(sum.subarray(0, powerSgd.firstElements));
      const second = packed.subarray(powerSgd.firstElements);
      powerSgd.secondPass(second, first, feedback.pending);
    });
    this.#allReduce.offer(Infinity);
  }

  #decode(): void {
    this.#isDecoded = true;
    const { powerSgd, sum, first } = this.#memory;
    const result = defined(this.#result, 'the result');
    this.#environment.timed(() => {
      powerSgd.decode(result, first, sum.subarray(powerSgd.firstElements));
    });
    this.#environment.onChunk({ index: this.#allReduce.chunkCount, offset: 0 }, result);
  }
}

/** Buckets of the packed vector: those of the first part, then those of the second. */
export function packedBuckets(sizes: {
  readonly firstElements: number;
  readonly secondElements: number;
}): Bucket[] {
  const { firstElements, secondElements } = sizes;
  return [
    ...bucketsOf(0, firstElements),
    ...bucketsOf(firstElements, firstElements + secondElements),
  ];
}

function bucketsOf(begin: number, end: number): Bucket[] {
  const elements = BUCKET_BYTES.others / 4;
  const count = Math.ceil((end - begin) / elements);
  return Array.from({ length: count }, (_, index) => {
    const from = begin + index * elements;
    return { begin: from, end: Math.min(end, from + elements), format: 'float32' };
  });
}
