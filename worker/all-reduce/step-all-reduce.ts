/**
 * The all-reduce of the step at hand: pairs the compute thread's sums with the peers' frames,
 * across attempts. A frame that comes before its order waits on its link, and so does one that
 * there is no memory for yet; those of earlier attempts are dropped.
 */
import { CrescendoError, defined } from '../../lib/base/errors.ts';
import { BufferPool } from '../../lib/collective/buffer-pool.ts';
import { DISCARD, type FrameSink } from '../../lib/collective/frame-sink.ts';
import type { LossyAllReduce } from '../../lib/collective/all-reduce/lossy.ts';
import type { AllReduceKernels } from '../../lib/collective/compression/compressor.ts';
import { ExactAllReduce } from '../../lib/collective/all-reduce/exact.ts';
import { bytesPerValue } from '../../lib/collective/kernels/vector.ts';
import type { Bucket } from '../../lib/collective/buckets.ts';
import type {
  IncomingFrame,
  AllReduceEnvironment,
  AllReduce,
  AllReduceFrame,
} from '../../lib/collective/all-reduce/all-reduce.ts';
import type { StepOrder } from '../../proto/generated/messages.ts';
import type { AnnouncedFrame, DataFrame } from '../../proto/data-frame.ts';
import type { SharedSum } from '../../lib/optim/modes/mode.ts';
import type { StepsWeights } from '../../lib/optim/modes/owners.ts';
import { LossyState, type LossySettings } from './lossy-state.ts';
import type { Owners } from '../../lib/optim/modes/owners.ts';
import { leavesOf, lossyCompressionOf } from '../core/step-order.ts';

export interface StepAllReduceOptions {
  readonly mySlot: number;
  readonly microBatches: number;
  readonly buckets: readonly Bucket[];
  readonly kernels: AllReduceKernels;
  readonly lossy: LossySettings;
  readonly owners: Owners;
  /** Milliseconds since some moment. */
  readonly now: () => number;
  readonly send: (order: StepOrder, frame: AllReduceFrame) => void;
  /** Frames that were to come later may be asked for again. */
  readonly retry: () => void;
  /** The sum is whole. */
  readonly onComplete: (order: StepOrder, sum: ReducedGradient) => void;
}

/** Which attempt something belongs to. */
export interface AttemptKey {
  readonly generation: number;
  readonly step: number;
  readonly attempt: number;
}

/** What a member gives to an attempt. */
export interface OwnSums extends AttemptKey {
  readonly sums: readonly SharedSum[];
  /** Receives the sum of all members. */
  readonly result: Float32Array;
  readonly stepsWeights: StepsWeights;
}

export interface ReducedGradient {
  readonly values: Float32Array;
  /** Equal on all members, or their sums differ; the same for any division among members. */
  readonly checksum: number;
  /** Also micro-batches that are finite may add up to what is not. */
  readonly isFinite: boolean;
  /** Sent by this member in the attempt. */
  readonly payloadBytes: number;
  /** Time of encoding and decoding with lossy compression. */
  readonly compressionSeconds: number;
  /** For how long its own sums were becoming final, from the first bucket to the last. */
  readonly overlapSeconds: number;
  /** Where owners have made weights of it; else NaN. */
  readonly gradientNorm: number;
  /** Between a bucket's coded and exact sum; NaN where it was not measured. */
  readonly similarity: number;
}

interface Attempt {
  readonly order: StepOrder;
  readonly allReduce: AllReduce;
  /** The same, where it codes. */
  readonly coded: LossyAllReduce | undefined;
  /** That of the chunks so far. */
  checksum: number;
  payloadBytes: number;
  /** When the first buckets were offered, and the last; NaN before. */
  offeredAtMs: number;
  allOfferedAtMs: number;
  result: Float32Array | undefined;
  /** Whether all values of the chunks so far are. */
  isFinite: boolean;
  isReported: boolean;
}

export class StepAllReduce {
  readonly #options: StepAllReduceOptions;
  readonly #vectorBytes: number;
  readonly #coding: LossyState;
  /** Relayed frames that came before their order. */
  #early: DataFrame[] = [];
  #earlyBytes = 0;
  #order: StepOrder | undefined;
  #attempt: Attempt | undefined;
  #pool: BufferPool | undefined;
  #hasWaiting = false;
  #hasProgressed = false;
  #isRetrying = false;
  /** Frames dropped because they belonged to an earlier generation, step or attempt. */
  staleFrameCount = 0;

  constructor(options: StepAllReduceOptions) {
    this.#options = options;
    this.#coding = new LossyState(options.lossy, options.buckets, options.kernels, options.now);
    this.#vectorBytes = options.buckets.reduce((sum, { begin, end }) => sum + (end - begin) * 4, 0);
  }

  /**
   * Memory for sums under way and for relayed frames that wait, in bytes; kept for later attempts.
   */
  get bytesHeld(): number {
    const coded = this.#attempt?.coded?.waitingBytesPeak ?? 0;
    return (this.#pool?.bytesHeld ?? 0) + coded + this.#earlyBytes;
  }

  /**
   * Starts an attempt; frames that waited for it are taken in.
   * @param machines the name of each member's machine, by slot
   */
  start(order: StepOrder, machines: ReadonlyMap<number, string>): void {
    const { vectors } = this.#options.kernels;
    const environment: AllReduceEnvironment = {
      kernels: vectors,
      send: (frame) => {
        attempt.payloadBytes += payloadBytesOf(frame) * frame.targetSlots.length;
        const { onSent } = frame;
        this.#options.send(order, {
          ...frame,
          onSent: () => {
            onSent();
            this.#progress();
          },
        });
      },
      onChunk: (chunk, values, isMade) => {
        const { checksum, isFinite } = vectors.inspect(values, chunk.offset);
        attempt.checksum = (attempt.checksum + checksum) >>> 0;
        // Only sums are checked, whoever makes the weights of them.
        if (isMade !== true) attempt.isFinite &&= isFinite;
      },
      onNonfinite: () => {
        attempt.isFinite = false;
      },
    };
    const coded = this.#lossyAllReduce(order, environment);
    const allReduce = coded ?? this.#exactAllReduce(order, machines, environment);
    const attempt: Attempt = {
      order,
      allReduce,
      coded,
      checksum: 0,
      payloadBytes: 0,
      offeredAtMs: Number.NaN,
      allOfferedAtMs: Number.NaN,
      result: undefined,
      isFinite: true,
      isReported: false,
    };
    this.#order = order;
    this.#attempt = attempt;
    // Relayed frames that came early count as waiting.
    this.#hasWaiting ||= this.#early.length > 0;
    this.#progress();
  }

  /**
   * The step of the last attempt is committed.
   * @param isFinite whether `sum`, its result, is applied
   */
  commit(isFinite: boolean, sum: Float32Array): void {
    this.#coding.commit(isFinite);
    if (isFinite) this.#options.owners.commit(sum);
  }

  /** Ends the present attempt without a result: a new membership is being formed. */
  abandon(): void {
    this.#attempt = undefined;
    this.#progress();
  }

  /** Gives this member's own sums of an attempt; ignored where it is not the present one. */
  begin(own: OwnSums): void {
    const attempt = this.#presentOf(own);
    if (attempt === undefined) return;
    this.#options.owners.begin(own.stepsWeights);
    attempt.allReduce.begin(own.sums, own.result);
    attempt.result = own.result;
  }

  /** The first `buckets` buckets of the own sums are final; ignored likewise. */
  offer(key: AttemptKey, buckets: number): void {
    const attempt = this.#presentOf(key);
    if (attempt === undefined) return;
    const nowMs = this.#options.now();
    if (Number.isNaN(attempt.offeredAtMs)) attempt.offeredAtMs = nowMs;
    if (buckets >= this.#options.buckets.length) attempt.allOfferedAtMs = nowMs;
    attempt.allReduce.offer(buckets);
    this.#progress();
  }

  /** @throws CRESCENDO_PROTOCOL_INVALID when the frame fits no plan */
  accept(frame: AnnouncedFrame): FrameSink | 'later' {
    const age = this.#order === undefined ? 1 : compareAge(frame, this.#order);
    const attempt = this.#attempt;
    if (age < 0 || (age === 0 && attempt === undefined)) {
      this.staleFrameCount++;
      return DISCARD;
    }
    const sink =
      age > 0 || attempt === undefined
        ? 'later'
        : attempt.allReduce.accept(
            frame.sourceSlot,
            frame as AnnouncedFrame & IncomingFrame,
            frame.payloadBytes,
          );
    if (sink === 'later') {
      this.#hasWaiting = true;
      return sink;
    }
    return {
      // What arrives for an attempt that was abandoned meanwhile goes nowhere.
      write: (bytes) => {
        if (this.#attempt === attempt) sink.write(bytes);
      },
      end: () => {
        if (this.#attempt !== attempt) return;
        sink.end();
        this.#progress();
      },
    };
  }

  /** Takes a frame that came through the coordinator, whose connection must not wait. */
  acceptRelayed(frame: DataFrame): void {
    const sink = this.accept(frame);
    if (sink !== 'later') {
      sink.write(frame.payload);
      sink.end();
      return;
    }
    this.#earlyBytes += frame.payload.byteLength;
    // A result, and of the sums at most every other leaf: two beside each other travel as one.
    const bound = this.#vectorBytes * (1 + Math.ceil(this.#options.microBatches / 2));
    if (this.#earlyBytes > bound) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `relayed frames of ${this.#earlyBytes} bytes came before their order; at most ${bound} ` +
          'may wait',
      );
    }
    this.#early.push(frame);
  }

  /** Slots whose frames are still missing once this member has done its part. */
  waitingFor(): number[] {
    return this.#attempt?.result === undefined ? [] : this.#attempt.allReduce.waitingFor();
  }

  #presentOf({ generation, step, attempt }: AttemptKey): Attempt | undefined {
    const present = this.#attempt;
    if (present?.order.generation !== generation) return undefined;
    return present.order.step === step && present.order.attempt === attempt ? present : undefined;
  }

  /** That of earlier attempts, unless one that was abandoned still uses it. */
  #poolOf(elements: number): BufferPool {
    const known = this.#pool;
    if (known?.elements === elements && known.bytesInUse === 0) return known;
    return (this.#pool = new BufferPool(elements));
  }

  /** After anything that may let waiting frames in, or complete the sum. */
  #progress(): void {
    this.#hasProgressed = true;
    if (!this.#isRetrying) {
      this.#isRetrying = true;
      try {
        while (this.#hasWaiting && this.#hasProgressed) {
          this.#hasWaiting = false;
          this.#hasProgressed = false;
          this.#retryRelayed();
          this.#options.retry();
        }
      } finally {
        this.#isRetrying = false;
      }
    }
    this.#reportWhenComplete();
  }

  #retryRelayed(): void {
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const frame of early) this.acceptRelayed(frame);
  }

  #reportWhenComplete(): void {
    const attempt = this.#attempt;
    if (attempt?.result === undefined || attempt.isReported || !attempt.allReduce.isComplete())
      return;
    attempt.isReported = true;
    this.#options.onComplete(attempt.order, {
      values: attempt.result,
      checksum: attempt.checksum,
      isFinite: attempt.isFinite,
      payloadBytes: attempt.payloadBytes,
      overlapSeconds: (attempt.allOfferedAtMs - attempt.offeredAtMs) / 1000,
      similarity: attempt.coded?.similarity() ?? Number.NaN,
      compressionSeconds: this.#coding.compressionSeconds,
      gradientNorm: this.#options.owners.norm,
    });
  }

  #lossyAllReduce(order: StepOrder, environment: AllReduceEnvironment): LossyAllReduce | undefined {
    const compression = lossyCompressionOf(order);
    if (compression === undefined) return undefined;
    const slots = order.leases.map(({ slot }) => slot).sort((left, right) => left - right);
    const { mySlot } = this.#options;
    return this.#coding.begin(compression, order, { mySlot, slots }, environment);
  }

  #exactAllReduce(
    order: StepOrder,
    machines: ReadonlyMap<number, string>,
    environment: AllReduceEnvironment,
  ): ExactAllReduce {
    this.#coding.beginExact();
    const { mySlot, buckets } = this.#options;
    const { chunkUpdate } = this.#options.owners;
    this.#options.owners.enter(order.generation);
    const { microBatches, leases } = leavesOf(order, this.#options.microBatches);
    const members = leases.map((lease) => ({
      ...lease,
      machine: defined(machines.get(lease.slot), `machine of slot ${lease.slot}`),
    }));
    const poolOf = (elements: number): BufferPool => this.#poolOf(elements);
    const plan = { mySlot, microBatches, members, buckets };
    return new ExactAllReduce(chunkUpdate === undefined ? plan : { ...plan, update: chunkUpdate }, {
      ...environment,
      poolOf,
    });
  }
}

function payloadBytesOf(frame: AllReduceFrame): number {
  if ('bytes' in frame) return frame.bytes.length;
  return frame.values.length * bytesPerValue(frame.format);
}

/** Below zero: older than the order; zero: of it; above: newer. */
function compareAge(frame: AnnouncedFrame, order: StepOrder): number {
  if (frame.generation !== order.generation) return frame.generation - order.generation;
  if (frame.step !== order.step) return frame.step - order.step;
  return frame.attempt - order.attempt;
}
