/**
 * Workers that are lost again and again soon after they came: each time costs the others an
 * attempt, so they are let in after pauses that grow. Pure.
 */
import { CrescendoError } from '../../lib/base/errors.ts';
import { WORKERS_MAX } from '../../proto/limits.ts';

/** A member that lived for so many committed steps is lost as for the first time. */
const STEADY_STEPS = 100;
const PAUSE_MS_FIRST = 1_000;
/** A worker asks again at least so often: a run that waits for workers lets it in at once. */
const RETRY_MS_MAX = 15_000;

/** Where workers come from: a process that is started again is another worker, at the same seat. */
export interface Seat {
  readonly machine: string;
  readonly slot: number;
}

/** A seat whose next worker is not let in yet. */
export interface HeldOff extends Seat {
  /** Losses in a row, each within 100 committed steps. */
  readonly losses: number;
  readonly forMs: number;
}

interface Losses extends Seat {
  count: number;
  untilMs: number;
}

/** Why a worker is not let in yet; the worker asks again after `retryAfterMs`. */
export class HeldOffError extends CrescendoError {
  readonly retryAfterMs: number;

  constructor({ losses, forMs }: HeldOff) {
    const seconds = Math.ceil(forMs / 1_000);
    super(
      'CRESCENDO_WORKER_HELD_OFF',
      `the worker in this place was lost ${losses} times, each within ${STEADY_STEPS} committed ` +
        `steps: it is held off for ${seconds} s more (cluster.holdOffSecondsMax), and asks again ` +
        'by itself',
    );
    this.retryAfterMs = Math.min(Math.ceil(forMs), RETRY_MS_MAX);
  }
}

export class HoldOff {
  readonly #pauseMsMax: number;
  readonly #seats = new Map<string, Losses>();

  /** @param pauseMsMax 0: nobody is held off */
  constructor(pauseMsMax: number) {
    this.#pauseMsMax = pauseMsMax;
  }

  /**
   * A member is lost.
   * @param memberSteps steps that were committed while it was one
   * @returns what a person should know, where its seat is held off
   */
  lost(seat: Seat, memberSteps: number, nowMs: number): string | undefined {
    const key = keyOf(seat);
    const before = memberSteps < STEADY_STEPS ? (this.#seats.get(key)?.count ?? 0) : 0;
    this.#seats.delete(key);
    const [oldest] = this.#seats.keys();
    if (this.#seats.size >= WORKERS_MAX && oldest !== undefined) this.#seats.delete(oldest);
    // A first loss happens to everybody.
    const pauseMs = before === 0 ? 0 : PAUSE_MS_FIRST * 2 ** Math.min(before - 1, 30);
    const forMs = Math.min(pauseMs, this.#pauseMsMax);
    const count = before + 1;
    this.#seats.set(key, { ...seat, count, untilMs: nowMs + forMs });
    if (forMs === 0) return undefined;
    return (
      `slot ${seat.slot} on ${seat.machine} was lost ${count} times soon after it joined: ` +
      `workers there are held off for ${forMs / 1_000} s`
    );
  }

  /** @throws HeldOffError where the next worker of a seat comes too early */
  check(seat: Seat, nowMs: number): void {
    const losses = this.#seats.get(keyOf(seat));
    if (losses !== undefined && nowMs < losses.untilMs) throw new HeldOffError(held(losses, nowMs));
  }

  /** Those that are held off now. */
  list(nowMs: number): HeldOff[] {
    return [...this.#seats.values()]
      .filter(({ untilMs }) => nowMs < untilMs)
      .map((losses) => held(losses, nowMs));
  }
}

function keyOf({ machine, slot }: Seat): string {
  return `${slot} ${machine}`;
}

function held({ machine, slot, count, untilMs }: Losses, nowMs: number): HeldOff {
  return { machine, slot, losses: count, forMs: untilMs - nowMs };
}
