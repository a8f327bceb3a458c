/**
 * Whether the coordinator can be reached, and when to try again; and whether this worker is fit to
 * be a member again. Pure.
 *
 *   up -> dialing -> greeting -> up ...
 *
 * greeting: a connection is there again, and the coordinator has not answered to the hello.
 */
import { CrescendoError } from '../../lib/base/errors.ts';

const PAUSE_MS_FIRST = 250;
const PAUSE_MS_MAX = 4_000;
/** After so many missed beats of its own the worker stood still itself. */
const OWN_GAP_BEATS = 4;

/** A compute thread that finishes nothing for so long does not come back. */
const HANG_MS = 3_600_000;

/** What to do about a coordinator that cannot be reached. */
export type Attempt =
  | { readonly kind: 'dial'; readonly delayMs: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'give up' };

export class Contact {
  #phase: 'up' | 'dialing' | 'greeting' = 'up';
  #heardAtMs = 0;
  #beatAtMs = 0;
  /** Since the connection was lost. */
  #down = { sinceMs: 0, pauseMs: PAUSE_MS_FIRST };
  #awaitsSinceMs: number | undefined;

  get isUp(): boolean {
    return this.#phase === 'up';
  }

  /** The coordinator said something. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
  }

  /**
   * This worker beats.
   * @returns for how long the coordinator was silent, but for what this worker slept itself, in ms
   */
  beat(nowMs: number, intervalMs: number): number {
    const gapMs = nowMs - this.#beatAtMs;
    if (this.#beatAtMs > 0 && gapMs > OWN_GAP_BEATS * intervalMs) this.#heardAtMs += gapMs;
    this.#beatAtMs = nowMs;
    return nowMs - this.#heardAtMs;
  }

  /** A connection is there again. */
  connected(nowMs: number): void {
    this.#phase = 'greeting';
    this.#heardAtMs = nowMs;
  }

  /** The coordinator is there and wants to be asked again then. */
  heldOff(untilMs: number): void {
    this.#phase = 'dialing';
    this.#down = { sinceMs: untilMs, pauseMs: PAUSE_MS_FIRST };
  }

  /** The connection is lost. @param limitMs after which the coordinator is given up */
  lost(nowMs: number, limitMs: number): Attempt {
    // What the end of an old connection says while another one is made is no news.
    if (this.#phase === 'dialing') return { kind: 'wait' };
    if (this.#phase === 'up') this.#down = { sinceMs: nowMs, pauseMs: PAUSE_MS_FIRST };
    return this.#dial(nowMs, limitMs);
  }

  /** No connection could be made. */
  dialFailed(nowMs: number, limitMs: number): Attempt {
    return this.#phase === 'dialing' ? this.#dial(nowMs, limitMs) : { kind: 'wait' };
  }

  /** The coordinator has welcomed this worker. */
  restored(nowMs: number): void {
    this.#phase = 'up';
    this.#heardAtMs = nowMs;
  }

  /**
   * This worker came back, and waits for a sign of its compute thread before it says that it is
   * prepared: one that hangs may be why the coordinator dropped it, and would hold others up again.
   */
  awaitCompute(nowMs: number): void {
    this.#awaitsSinceMs = nowMs;
  }

  /** The compute thread has finished something. @returns whether that was awaited */
  computes(): boolean {
    const isAwaited = this.#awaitsSinceMs !== undefined && this.isUp;
    if (isAwaited) this.#awaitsSinceMs = undefined;
    return isAwaited;
  }

  /** Whether it has been awaited for so long that it will not come. */
  isHung(nowMs: number): boolean {
    return this.#awaitsSinceMs !== undefined && nowMs - this.#awaitsSinceMs >= HANG_MS;
  }

  #dial(nowMs: number, limitMs: number): Attempt {
    this.#phase = 'dialing';
    const { sinceMs, pauseMs } = this.#down;
    if (nowMs - sinceMs >= limitMs) return { kind: 'give up' };
    this.#down.pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2);
    return { kind: 'dial', delayMs: pauseMs };
  }
}

export function unreachable(reason: string): CrescendoError {
  return new CrescendoError(
    'CRESCENDO_COORDINATOR_UNREACHABLE',
    `the connection to the coordinator is lost: ${reason}`,
  );
}
