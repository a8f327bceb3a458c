/** Workers' exchanges with lossy codecs in one process: frames travel in random pieces and order. */
import { RandomStream } from '../../base/random.ts';
import { javascriptCodecKernels } from '../../collective/codecs/kernels.ts';
import type { FrameSink } from '../../collective/frame-sink.ts';
import { bytesPerValue, javascriptKernels } from '../../collective/kernels.ts';
import type { Bucket } from '../../collective/layout.ts';
import type { RoundFrame } from '../../collective/round-exchange.ts';
import { coverNodes, shareOf } from '../../collective/tree.ts';
import type { StepOrder } from '../../proto/control.ts';
import type { AnnouncedFrame } from '../../proto/data-frame.ts';
import type { LossySettings } from '../../worker/lossy-coding.ts';
import { StepExchange, type ReducedSum } from '../../worker/step-exchange.ts';

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

interface Travelling {
  readonly frame: AnnouncedFrame;
  readonly payload: () => Uint8Array;
  readonly onSent: () => void;
}

interface Link {
  readonly frames: Travelling[];
  readonly target: number;
  sink: FrameSink | undefined;
  position: number;
}

export interface ClusterSettings {
  readonly slots: readonly number[];
  readonly codec: string;
  readonly seed: number;
  readonly exchange?: Partial<LossySettings['exchange']>;
  readonly microShards?: number;
}

export interface Round {
  readonly step: number;
  readonly round?: number;
  readonly generation?: number;
  /** Members of it; all where not given. */
  readonly slots?: readonly number[];
  readonly codec?: string;
  readonly vectorOf: (microShard: number) => Float32Array;
  /** Ends the round after so many deliveries. */
  readonly stopAfter?: number;
}

export class LossyCluster {
  readonly #settings: ClusterSettings;
  readonly #random: RandomStream;
  readonly #workers = new Map<number, StepExchange>();
  readonly #reduced = new Map<number, ReducedSum>();
  #links = new Map<string, Link>();

  constructor(settings: ClusterSettings) {
    this.#settings = settings;
    this.#random = new RandomStream(settings.seed, 'delivery');
    for (const slot of settings.slots) this.add(slot);
  }

  get microShards(): number {
    return this.#settings.microShards ?? 8;
  }

  add(slot: number): void {
    const exchange = { topKFraction: 0.1, powerSgdRank: 2, guardEverySteps: 0 };
    const worker = new StepExchange({
      ...{ mySlot: slot, microShards: this.microShards, buckets: BUCKETS },
      shards: undefined,
      kernels: { vectors: javascriptKernels, codecs: javascriptCodecKernels },
      lossy: {
        exchange: { ...exchange, ...this.#settings.exchange },
        ...{ seed: 3, parameters: PARAMETERS, gradientElements: GRADIENT_ELEMENTS },
      },
      send: (order, frame) => {
        this.#send(slot, order, frame);
      },
      retry: () => undefined,
      onComplete: (_, sum) => {
        this.#reduced.set(slot, sum);
      },
    });
    this.#workers.set(slot, worker);
  }

  worker(slot: number): StepExchange {
    return this.#workers.get(slot) as StepExchange;
  }

  commit(isFinite = true, slots: readonly number[] = [...this.#workers.keys()]): void {
    for (const slot of slots) this.worker(slot).commit(isFinite, new Float32Array(0));
  }

  orderOf({ step, round = 0, generation = 1, codec, slots }: Round): StepOrder {
    const members = slots ?? [...this.#workers.keys()];
    return {
      ...{ kind: 'stepOrder', generation, step, round, codec: codec ?? this.#settings.codec },
      leases: members.map((slot, index) => ({
        slot,
        microShards: shareOf(this.microShards, index, members.length),
      })),
      ...{ phaseIndex: 0, imageSizePx: 8, dropoutRate: 0, randAugmentMagnitude: 0, mixupAlpha: 0 },
      ...{
        cutmixAlpha: 0,
        learningRate: 0,
        relayedPairs: [],
        sampleCount: 8,
        innerLearningRates: [],
      },
    };
  }

  /** One round; throws when it stalls. @returns what each member holds, by slot */
  run(round: Round): ReadonlyMap<number, ReducedSum> {
    const order = this.orderOf(round);
    this.#reduced.clear();
    this.#links = new Map();
    const offered = new Map<number, number>();
    for (const { slot, microShards } of order.leases) {
      const worker = this.worker(slot);
      worker.start(order, new Map(order.leases.map((lease) => [lease.slot, 'node'])));
      const sums = coverNodes(new Set(microShards), this.microShards).map((node) => ({
        ...node,
        values: sumOf(node.begin, node.end, round.vectorOf),
      }));
      // With one member alone the result is its own sum, as in worker/compute-thread.ts.
      const isAll = sums[0]?.begin === 0 && sums[0].end === this.microShards;
      const result = isAll ? (sums[0]?.values as Float32Array) : new Float32Array(ELEMENTS).fill(9);
      worker.begin(sums, result);
      offered.set(slot, 0);
    }
    for (let turn = 0, idle = 0; turn < (round.stopAfter ?? Infinity); turn++) {
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
        this.worker(slot).offer(next);
      }
      idle = hasMoved ? 0 : idle + 1;
      if (idle > 10_000) throw new Error('the round stalls');
    }
    return this.#reduced;
  }

  #send(sourceSlot: number, order: StepOrder, frame: RoundFrame): void {
    let left = frame.targetSlots.length;
    const payload = (): Uint8Array => payloadOf(frame);
    const { kind, nodeBegin, nodeEnd, offsetElements, chunk } = frame;
    const { generation, step, round } = order;
    for (const targetSlot of frame.targetSlots) {
      const key = `${sourceSlot}>${targetSlot}`;
      const empty: Link = { frames: [], target: targetSlot, sink: undefined, position: 0 };
      const link = this.#links.get(key) ?? empty;
      this.#links.set(key, link);
      link.frames.push({
        frame: {
          ...{ kind, nodeBegin, nodeEnd, offsetElements, chunk, generation, step, round },
          ...{ sourceSlot, targetSlot, payloadBytes: payload().length },
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
    const { frame, payload, onSent } = link.frames[0] as Travelling;
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

function payloadOf(frame: RoundFrame): Uint8Array {
  if ('bytes' in frame) return frame.bytes;
  const bytes = new Uint8Array(frame.values.length * bytesPerValue(frame.format));
  javascriptKernels.encode(bytes, frame.values, frame.format);
  return bytes;
}

/** Of micro-shards [begin, end), in order. */
export function sumOf(
  begin: number,
  end: number,
  vectorOf: (microShard: number) => Float32Array,
): Float32Array {
  const sum = new Float32Array(ELEMENTS);
  for (let shard = begin; shard < end; shard++) {
    javascriptKernels.add(sum, sum, vectorOf(shard), 'float32');
  }
  return sum;
}
