/**
 * Workers' all-reduces with lossy compression in one process: frames travel in random pieces and
 * order.
 */
import { RandomStream } from '../../lib/base/random.ts';
import { javascriptCompressionKernels } from '../../lib/collective/kernels/compression.ts';
import type { FrameSink } from '../../lib/collective/frame-sink.ts';
import { bytesPerValue, javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import type { Bucket } from '../../lib/collective/buckets.ts';
import type { AllReduceFrame } from '../../lib/collective/all-reduce/all-reduce.ts';
import { coverNodes, evenPart } from '../../lib/collective/tree.ts';
import type { StepOrder } from '../../proto/generated/messages.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';
import type { LossySettings } from '../../worker/all-reduce/lossy-state.ts';
import { StepAllReduce, type ReducedGradient } from '../../worker/all-reduce/step-all-reduce.ts';
import { barePhase } from '../../lib/run/phases.ts';
import { SENDING_SUMS } from '../../lib/optim/modes/owners.ts';

/** A kernel of 40 x 30, a bias, a kernel of 12 x 10; then five statistics and the tail. */
export const PARAMETERS = [
  { offset: 0, shape: [40, 30] },
  { offset: 1200, shape: [30] },
  { offset: 1232, shape: [3, 4, 10] },
];
export const GRADIENT_ELEMENTS = 1360;
export const ELEMENTS = GRADIENT_ELEMENTS + 9;

/** Buckets as the engine plans them, but small: the gradient in three. */
export const BUCKETS: readonly Bucket[] = [
  [1232, GRADIENT_ELEMENTS],
  [700, 1232],
  [0, 700],
  [GRADIENT_ELEMENTS, ELEMENTS],
].map(([begin = 0, end = 0]) => ({ begin, end, format: 'float32' }));

interface Traveling {
  readonly frame: AnnouncedFrame;
  readonly payload: () => Uint8Array;
  readonly onSent: () => void;
}

interface Link {
  readonly frames: Traveling[];
  readonly target: number;
  sink: FrameSink | undefined;
  position: number;
}

export interface ClusterSettings {
  readonly slots: readonly number[];
  readonly compression: string;
  readonly seed: number;
  readonly communication?: Partial<LossySettings['communication']>;
  readonly microBatches?: number;
}

export interface Attempt {
  readonly step: number;
  readonly attempt?: number;
  readonly generation?: number;
  /** Members of it; all where not given. */
  readonly slots?: readonly number[];
  readonly compression?: string;
  readonly vectorOf: (microBatch: number) => Float32Array;
  /** Ends the attempt after so many deliveries. */
  readonly stopAfter?: number;
}

export class LossyCluster {
  readonly #settings: ClusterSettings;
  readonly #random: RandomStream;
  readonly #workers = new Map<number, StepAllReduce>();
  readonly #reduced = new Map<number, ReducedGradient>();
  #links = new Map<string, Link>();

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
    this.#random = new RandomStream(settings.seed, 'delivery');
    for (const slot of settings.slots) this.add(slot);
  }

  get microBatches(): number {
    return this.#settings.microBatches ?? 8;
  }

  add(slot: number): void {
    const communication = { topKFraction: 0.1, powerSgdRank: 2, guardEverySteps: 0 };
    const worker = new StepAllReduce({
      mySlot: slot,
      microBatches: this.microBatches,
      buckets: BUCKETS,
      owners: SENDING_SUMS,
      kernels: { vectors: javascriptKernels, compressions: javascriptCompressionKernels },
      lossy: {
        communication: { ...communication, ...this.#settings.communication },
        seed: 3,
        parameters: PARAMETERS,
        gradientElements: GRADIENT_ELEMENTS,
      },
      send: (order, frame) => {
        this.#send(slot, order, frame);
      },
      now: () => performance.now(),
      retry: () => undefined,
      onComplete: (_, sum) => {
        this.#reduced.set(slot, sum);
      },
    });
    this.#workers.set(slot, worker);
  }

  worker(slot: number): StepAllReduce {
    return this.#workers.get(slot) as StepAllReduce;
  }

  commit(isFinite = true, slots: readonly number[] = [...this.#workers.keys()]): void {
    for (const slot of slots) this.worker(slot).commit(isFinite, new Float32Array(0));
  }

  orderOf({ step, attempt = 0, generation = 1, compression, slots }: Attempt): StepOrder {
    const members = slots ?? [...this.#workers.keys()];
    return {
      kind: 'stepOrder',
      generation,
      step,
      attempt,
      compression: compression ?? this.#settings.compression,
      leases: members.map((slot, index) => ({
        slot,
        microBatches: evenPart(this.microBatches, index, members.length),
      })),
      phase: barePhase(8),
      learningRate: 0,
      audits: [],
      relayedPairs: [],
      sampleCount: 8,
      innerLearningRates: [],
    };
  }

  /** One attempt; throws when it stalls. @returns what each member holds, by slot */
  run(attempt: Attempt): ReadonlyMap<number, ReducedGradient> {
    const order = this.orderOf(attempt);
    this.#reduced.clear();
    this.#links = new Map();
    const offered = new Map<number, number>();
    for (const { slot, microBatches } of order.leases) {
      const worker = this.worker(slot);
      worker.start(order, new Map(order.leases.map((lease) => [lease.slot, 'node'])));
      const sums = coverNodes(new Set(microBatches), this.microBatches).map((node) => ({
        ...node,
        values: sumOf(node.begin, node.end, attempt.vectorOf),
      }));
      // With one member alone the result is its own sum, as in worker/compute/step.ts.
      const isAll = sums[0]?.begin === 0 && sums[0].end === this.microBatches;
      const result = isAll ? (sums[0]?.values as Float32Array) : new Float32Array(ELEMENTS).fill(9);
      worker.begin({
        generation: order.generation,
        step: order.step,
        attempt: order.attempt,
        sums,
        result,
        stepsWeights: { by: 'workers' },
      });
      offered.set(slot, 0);
    }
    for (let turn = 0, idle = 0; turn < (attempt.stopAfter ?? Infinity); turn++) {
      const busy = [...this.#links.values()].filter((link) => link.frames.length > 0);
      const waiting = [...offered].filter(([, count]) => count < BUCKETS.length);
      if (busy.length + waiting.length === 0) break;
      const pick = this.#random.below(busy.length + waiting.length);
      const link = busy[pick];
      let hasMoved = true;
      if (link !== undefined) hasMoved = this.#deliver(link);
      else {
        const [slot, count] = waiting[pick - busy.length] as [number, number];
        const next = this.#random.below(2) === 0 ? BUCKETS.length : count + 1;
        offered.set(slot, next);
        this.worker(slot).offer(order, next);
      }
      idle = hasMoved ? 0 : idle + 1;
      if (idle > 10_000) throw new Error('the attempt stalls');
    }
    return this.#reduced;
  }

  #send(sourceSlot: number, order: StepOrder, frame: AllReduceFrame): void {
    let left = frame.targetSlots.length;
    const payload = (): Uint8Array => payloadOf(frame);
    const { kind, nodeBegin, nodeEnd, offsetElements, chunk } = frame;
    const { generation, step, attempt } = order;
    for (const targetSlot of frame.targetSlots) {
      const key = `${sourceSlot}>${targetSlot}`;
      const empty: Link = { frames: [], target: targetSlot, sink: undefined, position: 0 };
      const link = this.#links.get(key) ?? empty;
      this.#links.set(key, link);
      link.frames.push({
        frame: {
          kind,
          nodeBegin,
          nodeEnd,
          offsetElements,
          chunk,
          generation,
          step,
          attempt,
          sourceSlot,
          targetSlot,
          payloadBytes: payload().length,
        },
        payload,
        onSent: () => {
          left--;
          if (left === 0) frame.onSent();
        },
      });
    }
  }

  /** Passes a piece of a link's first frame on. @returns false when the frame is to come later */
  #deliver(link: Link): boolean {
    const { frame, payload, onSent } = link.frames[0] as Traveling;
    if (link.sink === undefined) {
      const sink = this.worker(link.target).accept(frame);
      if (sink === 'later') return false;
      link.sink = sink;
    }
    const bytes = payload();
    const left = bytes.length - link.position;
    const count = Math.min(left, 1 + this.#random.below(2 * left + 1));
    link.sink.write(bytes.slice(link.position, link.position + count));
    link.position += count;
    if (link.position < bytes.length) return true;
    const { sink } = link;
    link.frames.shift();
    link.sink = undefined;
    link.position = 0;
    // The memory may be used for something else from now on.
    onSent();
    sink.end();
    return true;
  }
}

function payloadOf(frame: AllReduceFrame): Uint8Array {
  if ('bytes' in frame) return frame.bytes;
  const bytes = new Uint8Array(frame.values.length * bytesPerValue(frame.format));
  javascriptKernels.encode(bytes, frame.values, frame.format);
  return bytes;
}

/** The sum of micro-batches [begin, end), in order. */
export function sumOf(
  begin: number,
  end: number,
  vectorOf: (microBatch: number) => Float32Array,
): Float32Array {
  const sum = new Float32Array(ELEMENTS);
  for (let shard = begin; shard < end; shard++) {
    javascriptKernels.add(sum, sum, vectorOf(shard), 'float32');
  }
  return sum;
}
