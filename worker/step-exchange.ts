/**
 * The exchange of the step at hand: pairs the compute thread's sums with the peers' frames, across
 * rounds. Frames that arrive before their order wait here, within a bound; stale ones are dropped.
 */
import { CrescendoError } from '../base/errors.ts';
import { Exchange, type ExchangeFrame } from '../collective/exchange.ts';
import type { StepOrder } from '../proto/control.ts';
import type { DataFrame } from '../proto/data-frame.ts';
import type { SharedSum } from './compute-messages.ts';
import { exchangeLeaves } from './step-order.ts';

/** Frames that may wait for their order: what peers can send in one round, and some. */
const EARLY_VECTORS_MAX = 8;

type SendFrame = (
  order: StepOrder,
  targetSlot: number,
  frame: ExchangeFrame,
  values: Float32Array,
) => void;

export class StepExchange {
  readonly #mySlot: number;
  readonly #microShards: number;
  readonly #totalElements: number;
  readonly #send: SendFrame;
  /**
   * By parity of the step: one sum may still be read, to be applied, while the next arrives. (With
   * local SGD parities may be equal, but no sum is made before this worker, too, has contributed.)
   */
  readonly #sums: readonly [Float32Array, Float32Array];
  #early: DataFrame[] = [];
  #earlyBytes = 0;
  #order: StepOrder | undefined;
  #exchange: Exchange | undefined;
  #hasContributed = false;
  /** Frames dropped because they belonged to an earlier generation, step or round. */
  staleFrameCount = 0;

  constructor(mySlot: number, microShards: number, totalElements: number, send: SendFrame) {
    this.#mySlot = mySlot;
    this.#microShards = microShards;
    this.#totalElements = totalElements;
    this.#send = send;
    const vector = (): Float32Array => new Float32Array(new SharedArrayBuffer(totalElements * 4));
    this.#sums = [vector(), vector()];
  }

  /** The sum over the cluster at `step`, in shared memory; overwritten two steps later. */
  sumOf(step: number): Float32Array {
    return this.#sums[(step % 2) as 0 | 1];
  }

  /** Starts a round; what came early for it is taken in. */
  start(order: StepOrder): void {
    this.#order = order;
    this.#hasContributed = false;
    this.#exchange = new Exchange(
      {
        mySlot: this.#mySlot,
        totalElements: this.#totalElements,
        ...exchangeLeaves(order, this.#microShards),
      },
      this.sumOf(order.step),
      (targetSlot, frame, values) => {
        this.#send(order, targetSlot, frame, values);
      },
    );
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    for (const frame of early) this.receive(frame);
  }

  /** Ends the present round without a result: a new membership is being formed. */
  abandon(): void {
    this.#exchange = undefined;
  }

  contribute(sums: readonly SharedSum[]): void {
    this.#hasContributed = true;
    this.#exchange?.contribute(sums);
  }

  /** @throws CRESCENDO_PROTOCOL_INVALID when the frame fits no plan, or too many come early */
  receive(frame: DataFrame): void {
    const order = this.#order;
    const age = order === undefined ? 1 : compareAge(frame, order);
    if (age < 0) {
      this.staleFrameCount++;
    } else if (age > 0 || this.#exchange === undefined) {
      this.#keepEarly(frame);
    } else {
      this.#exchange.receive(frame.sourceSlot, frame as DataFrame & ExchangeFrame, frame.payload);
    }
  }

  isComplete(): boolean {
    return this.#hasContributed && this.#exchange?.isComplete() === true;
  }

  waitingFor(): number[] {
    return this.#hasContributed ? (this.#exchange?.waitingFor() ?? []) : [];
  }

  #keepEarly(frame: DataFrame): void {
    this.#earlyBytes += frame.payload.byteLength;
    const bound = this.#totalElements * 4 * EARLY_VECTORS_MAX;
    if (this.#earlyBytes > bound) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `frames of ${this.#earlyBytes} bytes came before their order; at most ${bound} may wait`,
      );
    }
    this.#early.push(frame);
  }
}

/** Below zero: older than the order; zero: of it; above: newer. */
function compareAge(frame: DataFrame, order: StepOrder): number {
  if (frame.generation !== order.generation) return frame.generation - order.generation;
  if (frame.step !== order.step) return frame.step - order.step;
  return frame.round - order.round;
}
