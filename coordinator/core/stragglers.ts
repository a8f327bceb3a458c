/**
 * Who holds the others up, and why, by what members measured in the last steps. A member that
 * computes slowly and has fewer micro-batches for it holds up nobody, and is not named. Pure.
 */
import type { Heartbeat } from '../../proto/generated/messages.ts';
import type { CommittedStep } from './events.ts';

/** Steps that are looked at; fewer than STEPS_MIN say nothing. */
const STEPS_KEPT = 8;
const STEPS_MIN = 3;
/** Who holds the others up for this share of the time is named. */
const HELD_UP_RATIO = 0.2;
/** Shorter waits than this in a step bother nobody. */
const HELD_UP_SECONDS_MIN = 0.05;
/** Share of the time in which nobody computes and frames are waited for, to speak of slow links. */
const LINK_RATIO = 0.25;
/** A slow link is that of a member which others wait for so much more than for any other. */
const VOTES_RATIO = 2;
/** What is left of a vote after another step. */
const VOTES_DECAY = 0.8;
/** The log names stragglers when they are others than before, and at most this often. */
const NOTICE_MS = 60_000;

export type StragglerReason = 'computing' | 'input' | 'link';

export interface Straggler {
  readonly slot: number;
  readonly reason: StragglerReason;
  /** Share of the time that the others waited for it, 0 to 1. */
  readonly heldUpRatio: number;
}

/** In seconds. */
interface Measured {
  readonly duration: number;
  readonly lags: readonly {
    readonly slot: number;
    readonly compute: number;
    readonly input: number;
  }[];
  /** What the all-reduce took after the last member had computed its part. */
  readonly exposed: number;
}

export interface StragglerListener {
  readonly changed: (stragglers: readonly Straggler[]) => void;
  readonly notice: (text: string) => void;
}

export class Stragglers {
  readonly #listener: StragglerListener;
  #steps: Measured[] = [];
  /** How much each slot was waited for in all-reduces. */
  readonly #votes = new Map<number, number>();
  #named: readonly Straggler[] = [];
  #noticed = '';
  #sinceNoticeMs = Infinity;

  constructor(listener: StragglerListener) {
    this.#listener = listener;
  }

  /** By slot. */
  get named(): readonly Straggler[] {
    return this.#named;
  }

  onHeartbeat(_slot: number, { computeDone, waitingForSlots }: Heartbeat): void {
    if (!computeDone) return;
    for (const slot of waitingForSlots) {
      this.#votes.set(slot, (this.#votes.get(slot) ?? 0) + 1 / waitingForSlots.length);
    }
  }

  onStep(committed: CommittedStep): void {
    this.#sinceNoticeMs += committed.durationMs;
    this.#steps = [...this.#steps, measured(committed)].slice(-STEPS_KEPT);
    for (const [slot, votes] of this.#votes) this.#votes.set(slot, votes * VOTES_DECAY);
    this.#name(committed.reports.map(({ slot }) => slot));
  }

  /** What was measured of this member says nothing about the next one in its slot. */
  onWorkerLost(slot: number): void {
    this.#votes.delete(slot);
    this.#steps = this.#steps.map(({ lags, ...rest }) => ({
      ...rest,
      lags: lags.filter((one) => one.slot !== slot),
    }));
    this.#name(this.#named.map((one) => one.slot).filter((one) => one !== slot));
  }

  #name(slots: readonly number[]): void {
    const stragglers = this.#steps.length < STEPS_MIN ? [] : this.#find(slots);
    const text = stragglers.map(describe).join('; ');
    const key = stragglers.map(({ slot, reason }) => `${slot} ${reason}`).join();
    const isChanged = stragglers.length > 0 || this.#named.length > 0;
    this.#named = stragglers;
    if (isChanged) this.#listener.changed(stragglers);
    if (key === this.#noticed || this.#sinceNoticeMs < NOTICE_MS) return;
    this.#noticed = key;
    if (stragglers.length === 0) return;
    this.#sinceNoticeMs = 0;
    this.#listener.notice(text);
  }

  #find(slots: readonly number[]): Straggler[] {
    const duration = sum(this.#steps.map((one) => one.duration));
    const exposed = sum(this.#steps.map((one) => one.exposed));
    const ordered = [...slots].sort((left, right) => left - right);
    return ordered.flatMap((slot): Straggler[] => {
      const own = this.#steps.flatMap(({ lags }) => lags.filter((one) => one.slot === slot));
      const compute = sum(own.map((one) => one.compute));
      const heldUpRatio = compute / duration;
      if (heldUpRatio >= HELD_UP_RATIO && compute >= HELD_UP_SECONDS_MIN * this.#steps.length) {
        const isInput = sum(own.map((one) => one.input)) >= compute / 2;
        return [{ slot, reason: isInput ? 'input' : 'computing', heldUpRatio }];
      }
      const isSlow = exposed >= HELD_UP_SECONDS_MIN * this.#steps.length;
      const isLink = isSlow && exposed / duration >= LINK_RATIO && this.#isMostAwaited(slot);
      return isLink ? [{ slot, reason: 'link', heldUpRatio: exposed / duration }] : [];
    });
  }

  /** Two members wait for each other alone: which of them is slow cannot be told. */
  #isMostAwaited(slot: number): boolean {
    const others = [...this.#votes].flatMap(([other, votes]) => (other === slot ? [] : [votes]));
    return (this.#votes.get(slot) ?? 0) > VOTES_RATIO * Math.max(0, ...others);
  }
}

function measured({ durationMs, reports }: CommittedStep): Measured {
  // One without a lease, such as a joiner that has no state yet, says nothing of what is usual.
  const busy = reports.filter(({ samplesComputed }) => samplesComputed > 0);
  const lags = busy.map(({ slot, computeSeconds, inputSeconds }) => {
    const others = busy.filter((one) => one.slot !== slot);
    if (others.length === 0) return { slot, compute: 0, input: 0 };
    const compute = medianOf(others.map((one) => one.computeSeconds));
    const input = medianOf(others.map((one) => one.inputSeconds));
    return {
      slot,
      compute: Math.max(0, computeSeconds - compute),
      input: Math.max(0, inputSeconds - input),
    };
  });
  const exposed = Math.min(...reports.map(({ allReduceSeconds }) => allReduceSeconds));
  return { duration: durationMs / 1000, lags, exposed };
}

/** In words, for a line of the log or of a status. */
export function describe({ slot, reason, heldUpRatio }: Straggler): string {
  const why = { computing: 'computes slowly', input: 'waits for input', link: 'has a slow link' };
  return `slot ${slot} ${why[reason]}: others wait ${Math.round(100 * heldUpRatio)} % of the time`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
