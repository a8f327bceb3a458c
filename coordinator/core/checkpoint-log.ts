/** Which checkpoints of the run there are, and when the next one is due. Pure. */
import type { Failing, WriteFailure } from './events.ts';

/** Before a checkpoint that failed is tried again. */
const RETRY_MS = 5_000;

export interface CheckpointRules {
  /** Steps between checkpoints; 0: by time. */
  readonly everySteps: number;
  /** Minutes between checkpoints where everySteps is 0; 0: none by time. */
  readonly everyMinutes: number;
}

interface Failures {
  readonly count: number;
  readonly sinceMs: number;
  readonly retryAtMs: number;
  readonly last: WriteFailure | undefined;
}

const NO_FAILURES: Failures = { count: 0, sinceMs: 0, retryAtMs: 0, last: undefined };

export class CheckpointLog {
  readonly #rules: CheckpointRules;
  /** Committed steps of those that are whole, newest first. */
  #whole: readonly number[];
  #beingWritten: number | undefined;
  /** Those that failed since the last success, and when one may be tried again. */
  #failures = NO_FAILURES;
  #unread: (WriteFailure & { readonly sinceMs: number; readonly retryAtMs: number }) | undefined;
  #last: { readonly steps: number; readonly atMs: number } | undefined;

  /** @param whole committed steps of the checkpoints that are there already */
  constructor(rules: CheckpointRules, whole: readonly number[]) {
    this.#rules = rules;
    this.#whole = [...whole].sort((left, right) => right - left);
  }

  /** The newest that holds no more than so many steps; undefined where there is none. */
  newestUpTo(committedSteps: number): number | undefined {
    return this.#whole.find((steps) => steps <= committedSteps);
  }

  /** Whether steps are committed that the newest of them does not hold. */
  isBehind(committedSteps: number): boolean {
    return committedSteps > (this.newestUpTo(committedSteps) ?? 0);
  }

  has(committedSteps: number): boolean {
    return this.#whole.includes(committedSteps);
  }

  get failureCount(): number {
    return this.#failures.count;
  }

  /** Why none could be written, and for how long; undefined while one can, or is being tried. */
  failing(nowMs: number): Failing | undefined {
    const { last, sinceMs } = this.#failures;
    if (last === undefined || this.#beingWritten !== undefined) return undefined;
    return { ...last, forMs: nowMs - sinceMs };
  }

  /** Committed steps of those that are whole, newest first. */
  get whole(): readonly number[] {
    return this.#whole;
  }

  /** Committed steps of the one that is being written; undefined where none is. */
  get beingWritten(): number | undefined {
    return this.#beingWritten;
  }

  /** Whether one that failed may be tried again. */
  mayRetry(nowMs: number): boolean {
    return this.#beingWritten === undefined && nowMs >= this.#failures.retryAtMs;
  }

  /** Whether the state after so many steps is to be written in the background. */
  isDue(committedSteps: number, nowMs: number): boolean {
    if (!this.mayRetry(nowMs) || this.has(committedSteps)) return false;
    const last = this.#last;
    if (last === undefined) return true;
    const { everySteps, everyMinutes } = this.#rules;
    if (everySteps > 0) return committedSteps - last.steps >= everySteps;
    return everyMinutes > 0 && nowMs - last.atMs >= everyMinutes * 60_000;
  }

  begin(committedSteps: number, nowMs: number): void {
    this.#beingWritten = committedSteps;
    // What is lost when it fails is made up by trying again soon, not by the next interval.
    this.#last ??= { steps: committedSteps, atMs: nowMs };
  }

  written(committedSteps: number, nowMs: number): void {
    this.#beingWritten = undefined;
    this.#failures = NO_FAILURES;
    this.#last = { steps: committedSteps, atMs: nowMs };
    const others = this.#whole.filter((steps) => steps !== committedSteps);
    this.#whole = [...others, committedSteps].sort((left, right) => right - left);
  }

  failed(failure: WriteFailure, nowMs: number): void {
    this.#beingWritten = undefined;
    this.#last = undefined;
    const { count, sinceMs } = this.#failures;
    this.#failures = {
      count: count + 1,
      sinceMs: count === 0 ? nowMs : sinceMs,
      retryAtMs: nowMs + RETRY_MS,
      last: failure,
    };
  }

  /** The newest is there, and cannot be read now: it is tried again. */
  unread(failure: WriteFailure, nowMs: number): void {
    const sinceMs = this.#unread?.sinceMs ?? nowMs;
    this.#unread = { ...failure, sinceMs, retryAtMs: nowMs + RETRY_MS };
  }

  /** The newest was read by all who needed it. */
  wasRead(): void {
    this.#unread = undefined;
  }

  /** Whether one that could not be read may be tried again. */
  mayRead(nowMs: number): boolean {
    return this.#unread === undefined || nowMs >= this.#unread.retryAtMs;
  }

  /** Why the newest could not be read, and for how long; undefined where it can be. */
  unreadFor(nowMs: number): Failing | undefined {
    return this.#unread && { ...this.#unread, forMs: nowMs - this.#unread.sinceMs };
  }

  /** A member left that had a part of it: nothing is wrong with the disk, and the next is due. */
  interrupted(): void {
    this.#beingWritten = undefined;
    this.#last = undefined;
  }

  /** It cannot be read: as if it were not there. */
  forget(committedSteps: number): void {
    this.#whole = this.#whole.filter((steps) => steps !== committedSteps);
  }

  /** The run goes on from an earlier state: later checkpoints are of another history. */
  rewindTo(committedSteps: number): void {
    this.#whole = this.#whole.filter((steps) => steps <= committedSteps);
    this.#beingWritten = undefined;
    this.#last = undefined;
  }
}
