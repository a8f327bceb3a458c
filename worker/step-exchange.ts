/**
 * The exchange of the step at hand: pairs the compute thread's sums with the peers' frames, across
 * rounds. A frame that comes before its order waits on its link, and so does one that there is no
 * memory for yet; those of earlier rounds are dropped.
 */
import { CrescendoError, defined } from '../base/errors.ts';
import { BufferPool } from '../collective/buffer-pool.ts';
import { DISCARD, type FrameSink } from '../collective/frame-sink.ts';
import type { CodedRound } from '../collective/coded-round.ts';
import type { ExchangeKernels } from '../collective/codecs/codec.ts';
import { Exchange } from '../collective/exchange.ts';
import { bytesPerValue } from '../collective/kernels.ts';
import type { Bucket } from '../collective/layout.ts';
import type {
  ExchangeFrame,
  RoundEnvironment,
  RoundExchange,
  RoundFrame,
} from '../collective/round-exchange.ts';
import type { UpdateSettings } from '../engine/native/native.ts';
import type { StepOrder } from '../proto/control.ts';
import type { AnnouncedFrame, DataFrame } from '../proto/data-frame.ts';
import type { SharedSum } from './compute-messages.ts';
import { LossyCoding, type LossySettings } from './lossy-coding.ts';
import type { OptimizerShards } from './optimizer-shards.ts';
import { exchangeLeaves, lossyCodecOf } from './step-order.ts';

export interface StepExchangeOptions {
  readonly mySlot: number;
  readonly microShards: number;
  readonly buckets: readonly Bucket[];
  readonly kernels: ExchangeKernels;
  readonly lossy: LossySettings;
  /** Where the optimiser's state is shared out. */
  readonly shards: OptimizerShards | undefined;
  readonly send: (order: StepOrder, frame: RoundFrame) => void;
  /** Frames that were to come later may be asked for again. */
  readonly retry: () => void;
  /** The sum is whole. */
  readonly onComplete: (order: StepOrder, sum: ReducedSum) => void;
}

export interface ReducedSum {
  readonly values: Float32Array;
  /** Equal on all members, or their sums differ. */
  readonly checksum: number;
  /** Also micro-shards that are finite may add up to what is not. */
  readonly isFinite: boolean;
  /** Sent by this member in the round. */
  readonly payloadBytes: number;
  /** Of encoding and decoding with a lossy codec. */
  readonly codingSeconds: number;
  /** For how long its own sums were becoming final, from the first bucket to the last. */
  readonly overlapSeconds: number;
  /** Where owners have made weights of it; else NaN. */
  readonly gradientNorm: number;
  /** Of a bucket's coded and exact sum; NaN where it was not measured. */
  readonly similarity: number;
}

interface Round {
  readonly order: StepOrder;
  readonly exchange: RoundExchange;
  /** The same, where it codes. */
  readonly coded: CodedRound | undefined;
  /** Of each chunk, in order. */
  readonly checksums: Uint32Array;
  payloadBytes: number;
  /** When the first buckets were offered, and the last; NaN before. */
  offeredAtMs: number;
  allOfferedAtMs: number;
  result: Float32Array | undefined;
  /** Whether all values of the chunks so far are. */
  isFinite: boolean;
  isReported: boolean;
}

export class StepExchange {
  readonly #options: StepExchangeOptions;
  readonly #vectorBytes: number;
  readonly #coding: LossyCoding;
  /** Relayed frames that came before their order. */
  #early: DataFrame[] = [];
  #earlyBytes = 0;
  #order: StepOrder | undefined;
  #round: Round | undefined;
  #pool: BufferPool | undefined;
  #hasWaiting = false;
  #hasProgressed = false;
  #isRetrying = false;
  /** Frames dropped because they belonged to an earlier generation, step or round. */
  staleFrameCount = 0;

  constructor(options: StepExchangeOptions) {
    this.#options = options;
    this.#coding = new LossyCoding(options.lossy, options.buckets, options.kernels);
    this.#vectorBytes = options.buckets.reduce((sum, { begin, end }) => sum + (end - begin) * 4, 0);
  }

  /** Memory for sums under way and for relayed frames that wait, in bytes; kept for later rounds. */
  get bytesHeld(): number {
    const coded = this.#round?.coded?.waitingBytesPeak ?? 0;
    return (this.#pool?.bytesHeld ?? 0) + coded + this.#earlyBytes;
  }

  /**
   * Starts a round; frames that waited for it are taken in.
   * @param nodes names of the members' machines
   */
  start(order: StepOrder, nodes: ReadonlyMap<number, string>): void {
    const { vectors } = this.#options.kernels;
    const environment: RoundEnvironment = {
      kernels: vectors,
      send: (frame) => {
        round.payloadBytes += payloadBytesOf(frame) * frame.targetSlots.length;
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
        const { checksum, isFinite } = vectors.inspect(values);
        round.checksums[chunk] = checksum;
        // Whether weights are finite is not asked without shares either.
        if (isMade !== true) round.isFinite &&= isFinite;
      },
      onNonfinite: () => {
        round.isFinite = false;
      },
    };
    const coded = this.#codedRound(order, environment);
    const exchange = coded ?? this.#exactRound(order, nodes, environment);
    const round: Round = {
      ...{ order, exchange, coded, checksums: new Uint32Array(exchange.chunkCount) },
      ...{ payloadBytes: 0, offeredAtMs: Number.NaN, allOfferedAtMs: Number.NaN },
      ...{ result: undefined, isFinite: true, isReported: false },
    };
    this.#order = order;
    this.#round = round;
    // Relayed frames that came early count as waiting.
    this.#hasWaiting ||= this.#early.length > 0;
    this.#progress();
  }

  /** The step of the last round is committed. @param isFinite whether `sum`, its result, is applied */
  commit(isFinite: boolean, sum: Float32Array): void {
    this.#coding.commit(isFinite);
    if (isFinite) this.#options.shards?.commit(sum);
  }

  /** Ends the present round without a result: a new membership is being formed. */
  abandon(): void {
    this.#round = undefined;
    this.#progress();
  }

  /**
   * Gives this member's own sums of the round; `result` receives the sum of all.
   * @param settings what to step with, where the optimiser's state is shared out
   */
  begin(sums: readonly SharedSum[], result: Float32Array, settings?: UpdateSettings): void {
    if (this.#round === undefined) return;
    if (settings !== undefined) this.#options.shards?.begin(settings);
    this.#round.exchange.begin(sums, result);
    this.#round.result = result;
  }

  /** The first `buckets` buckets of the own sums are final. */
  offer(buckets: number): void {
    const round = this.#round;
    if (round !== undefined) {
      const nowMs = performance.now();
      if (Number.isNaN(round.offeredAtMs)) round.offeredAtMs = nowMs;
      if (buckets >= this.#options.buckets.length) round.allOfferedAtMs = nowMs;
      round.exchange.offer(buckets);
    }
    this.#progress();
  }

  /** @throws CRESCENDO_PROTOCOL_INVALID when the frame fits no plan */
  accept(frame: AnnouncedFrame): FrameSink | 'later' {
    const age = this.#order === undefined ? 1 : compareAge(frame, this.#order);
    const round = this.#round;
    if (age < 0 || (age === 0 && round === undefined)) {
      this.staleFrameCount++;
      return DISCARD;
    }
    const sink =
      age > 0 || round === undefined
        ? 'later'
        : round.exchange.accept(
            frame.sourceSlot,
            frame as AnnouncedFrame & ExchangeFrame,
            frame.payloadBytes,
          );
    if (sink === 'later') {
      this.#hasWaiting = true;
      return sink;
    }
    return {
      // What arrives for a round that was abandoned meanwhile goes nowhere.
      write: (bytes) => {
        if (this.#round === round) sink.write(bytes);
      },
      end: () => {
        if (this.#round !== round) return;
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
    const bound = this.#vectorBytes * (1 + Math.ceil(this.#options.microShards / 2));
    if (this.#earlyBytes > bound) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `relayed frames of ${this.#earlyBytes} bytes came before their order; at most ${bound} may wait`,
      );
    }
    this.#early.push(frame);
  }

  /** Slots whose frames are still missing once this member has done its part. */
  waitingFor(): number[] {
    return this.#round?.result === undefined ? [] : this.#round.exchange.waitingFor();
  }

  /** That of earlier rounds, unless one that was abandoned still uses it. */
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
    const round = this.#round;
    if (round?.result === undefined || round.isReported || !round.exchange.isComplete()) return;
    round.isReported = true;
    const { vectors } = this.#options.kernels;
    const { checksum } = vectors.inspect(new Float32Array(round.checksums.buffer));
    this.#options.onComplete(round.order, {
      values: round.result,
      checksum,
      isFinite: round.isFinite,
      payloadBytes: round.payloadBytes,
      overlapSeconds: (round.allOfferedAtMs - round.offeredAtMs) / 1000,
      similarity: round.coded?.similarity() ?? Number.NaN,
      codingSeconds: this.#coding.codingSeconds,
      gradientNorm: this.#options.shards?.norm ?? Number.NaN,
    });
  }

  #codedRound(order: StepOrder, environment: RoundEnvironment): CodedRound | undefined {
    const codec = lossyCodecOf(order);
    if (codec === undefined) return undefined;
    const slots = order.leases.map(({ slot }) => slot).sort((left, right) => left - right);
    const { mySlot } = this.#options;
    return this.#coding.begin(codec, order, { mySlot, slots }, environment);
  }

  #exactRound(
    order: StepOrder,
    nodes: ReadonlyMap<number, string>,
    environment: RoundEnvironment,
  ): Exchange {
    this.#coding.beginExact();
    const { mySlot, buckets } = this.#options;
    const { shards } = this.#options;
    shards?.enter(order.generation);
    const { microShards, leases } = exchangeLeaves(order, this.#options.microShards);
    const members = leases.map((lease) => ({
      ...lease,
      node: defined(nodes.get(lease.slot), `node of slot ${lease.slot}`),
    }));
    const poolOf = (elements: number): BufferPool => this.#poolOf(elements);
    const plan = { mySlot, microShards, members, buckets };
    return new Exchange(shards === undefined ? plan : { ...plan, update: shards }, {
      ...{ ...environment, poolOf },
    });
  }
}

function payloadBytesOf(frame: RoundFrame): number {
  if ('bytes' in frame) return frame.bytes.length;
  return frame.values.length * bytesPerValue(frame.format);
}

/** Below zero: older than the order; zero: of it; above: newer. */
function compareAge(frame: AnnouncedFrame, order: StepOrder): number {
  if (frame.generation !== order.generation) return frame.generation - order.generation;
  if (frame.step !== order.step) return frame.step - order.step;
  return frame.round - order.round;
}
