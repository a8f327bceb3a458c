/**
 * Which units of a slow member others do in its place, in the same task. A task has an expected
 * time, after what units took before. Once it is over for long enough, units that a slow member has
 * not begun go to those that would be done with them first, where that saves enough of the task's
 * time. What a member has begun stays with it. Pure.
 */
import type { Move } from './events.ts';
import type { PartLeft } from './task.ts';

/** Beyond its expected time a task gets this share of it more, within bounds. */
const SLACK = 0.5;
const SLACK_MS_MIN = 250;
const SLACK_MS_MAX = 30_000;
/** Share of the whole task's time that must be saved. */
const GAIN = 0.1;
/** In one task: what is decided on is an estimate, and each time costs an attempt. */
const STEALS_MAX = 3;
/** What a member said may be so old, and as long may it take until it hears of an order. */
const HEARSAY_MS = 250;

/** What is known of the members' times before the task. */
export interface UsualTimes {
  /** For a unit of the task's kind, in ms; undefined where it was not measured. */
  unitMs(slot: number): number | undefined;
  /** What another order costs all members, in ms. */
  readonly orderMs: number;
}

/** What was seen of one member in the task at hand. */
interface Seen {
  finished: number;
  /** When `finished` became what it is. */
  atMs: number;
  /** Since when it would have been at work, had it never waited for units of others. */
  sinceMs: number;
}

/** What a member has still to do. */
interface Load {
  readonly slot: number;
  /** Until it is done with what it has begun. */
  readonly begunMs: number;
  /** Undefined where nothing says how fast it is; then nothing more is given to it. */
  readonly unitMs: number | undefined;
  /** In order; the last ones go first. */
  readonly unbegun: number[];
  /** So many of these it may have begun before it hears that they have moved. */
  readonly protectedCount: number;
}

export class Steals {
  readonly #seen = new Map<number, Seen>();
  #orderedMs = 0;
  #count = 0;

  /** A task is ordered, first or after a change of the membership. */
  begin(nowMs: number): void {
    this.#seen.clear();
    this.#orderedMs = nowMs;
    this.#count = 0;
  }

  /** The coordinator itself stood still for so long: that was nobody's. */
  forgive(pausedMs: number): void {
    this.#orderedMs += pausedMs;
    for (const seen of this.#seen.values()) {
      seen.atMs += pausedMs;
      seen.sinceMs += pausedMs;
    }
  }

  /**
   * To be asked several times a second.
   * @param parts of members that have said how far they are
   * @returns what is to move now; each time counts as one steal
   */
  decide(parts: readonly PartLeft[], usual: UsualTimes, nowMs: number): readonly Move[] {
    for (const part of parts) this.#see(part, nowMs);
    const expectedMs = this.#expectedMs(parts, usual);
    if (parts.length < 2 || this.#count >= STEALS_MAX || expectedMs === undefined) return [];
    const slackMs = Math.min(Math.max(SLACK * expectedMs, SLACK_MS_MIN), SLACK_MS_MAX);
    const elapsedMs = nowMs - this.#orderedMs;
    if (elapsedMs < expectedMs + slackMs) return [];
    const loads = parts.map((part) => this.#load(part, usual, nowMs));
    const beforeMs = lastMs(loads);
    const moves = movesOf(loads);
    const savedMs = beforeMs - lastMs(loads) - usual.orderMs;
    if (moves.length === 0 || savedMs < GAIN * (elapsedMs + beforeMs)) return [];
    this.#count++;
    for (const { slot, at } of parts) if (at === 'end') this.#endIdling(slot, nowMs);
    return moves;
  }

  #see({ slot, finished }: PartLeft, nowMs: number): void {
    const seen = this.#seenOf(slot);
    if (seen.finished !== finished) seen.atMs = nowMs;
    seen.finished = finished;
  }

  #endIdling(slot: number, nowMs: number): void {
    const seen = this.#seenOf(slot);
    seen.sinceMs += nowMs - seen.atMs;
    seen.atMs = nowMs;
  }

  #seenOf(slot: number): Seen {
    const known = this.#seen.get(slot);
    if (known !== undefined) return known;
    const seen = { finished: 0, atMs: this.#orderedMs, sinceMs: this.#orderedMs };
    this.#seen.set(slot, seen);
    return seen;
  }

  /**
   * What the typical member needs by what its units took before, or by when those are done that did
   * such units for the first time.
   */
  #expectedMs(parts: readonly PartLeft[], usual: UsualTimes): number | undefined {
    const times = parts.flatMap(({ slot, finished, unbegun, at }) => {
      const unitMs = usual.unitMs(slot);
      const count = finished + unbegun.length + (at === 'unit' ? 1 : 0);
      if (unitMs !== undefined) return [unitMs * count];
      return at === 'end' ? [this.#seenOf(slot).atMs - this.#orderedMs] : [];
    });
    times.sort((left, right) => left - right);
    return times[Math.floor((times.length - 1) / 2)];
  }

  #load({ slot, finished, unbegun, at }: PartLeft, usual: UsualTimes, nowMs: number): Load {
    const { atMs, sinceMs } = this.#seenOf(slot);
    const measuredMs = finished > 0 ? (atMs - sinceMs) / finished : undefined;
    const left = { slot, unbegun: [...unbegun] };
    if (at === 'end') {
      return { ...left, begunMs: 0, unitMs: usual.unitMs(slot) ?? measuredMs, protectedCount: 0 };
    }
    const runningMs = Math.max(0, nowMs - atMs - HEARSAY_MS);
    const unitMs = Math.max(measuredMs ?? usual.unitMs(slot) ?? 0, runningMs);
    // Nobody knows how long a unit will take that takes longer than it should.
    const begunMs = at === 'unit' ? Math.max(unitMs - runningMs, runningMs / 2) : 0;
    // Who has waited for an input until now begins nothing at this moment.
    const isWaiting = at === 'input' && runningMs > 0;
    const soon = Math.max(0, HEARSAY_MS - begunMs) / Math.max(1, unitMs);
    return { ...left, begunMs, unitMs, protectedCount: isWaiting ? 0 : Math.ceil(soon) };
  }
}

function doneMs({ begunMs, unitMs = 0, unbegun }: Load, more = 0): number {
  return begunMs + (unbegun.length + more) * unitMs;
}

/** When the last of them is done, from now. */
function lastMs(loads: readonly Load[]): number {
  return Math.max(...loads.map((load) => doneMs(load)));
}

/** Takes one unit after the other from who would be done last, for who would be done first. */
function movesOf(loads: readonly Load[]): Move[] {
  const moves: Move[] = [];
  const takers = loads.filter(({ unitMs }) => unitMs !== undefined);
  for (;;) {
    const from = loads.reduce((last, load) => (doneMs(load) > doneMs(last) ? load : last));
    const [taker] = takers
      .filter((load) => load !== from)
      .sort((left, right) => doneMs(left, 1) - doneMs(right, 1) || left.slot - right.slot);
    const unit = from.unbegun.at(-1);
    if (taker === undefined || unit === undefined) return moves;
    if (from.unbegun.length <= from.protectedCount) return moves;
    if (doneMs(taker, 1) >= doneMs(from)) return moves;
    from.unbegun.pop();
    taker.unbegun.push(unit);
    moves.push({ unit, from: from.slot, to: taker.slot });
  }
}
