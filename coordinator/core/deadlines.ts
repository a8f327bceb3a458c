/**
 * Which members are late. A member that goes on is not, however long its part takes: each finished
 * unit of compute (a micro-batch, an evaluation batch, a weights file) and each byte that it sends
 * begins its time anew. The time that it is given follows what its units took before. Pure.
 */
import type { RunPlan } from '../../lib/run/plan.ts';
import type { Heartbeat } from '../../proto/generated/messages.ts';
import type { Move, TaskReport } from './events.ts';
import { Steals } from './steals.ts';
import type { Awaited, Divisible, Task, TaskMember } from './task.ts';

/** So many times the median of what a unit took is too long. */
const FACTOR = 10;
/** Units that the median is of. */
const RECENT = 15;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
/** Shortest times: files, memory and links may stall for a while. */
const COMPUTE_MS_MIN = 30 * SECOND_MS;
const ALL_REDUCE_MS_MIN = MINUTE_MS;
/** Who stands still for so long is named. */
const NAMED_AFTER_MS = 10 * SECOND_MS;
/** Heartbeats that a member may take to say that it goes on. */
const BEATS_MIN = 3;
/** For all members that stand still together: what they wait for may be a file server. */
const TOGETHER_MS_MIN = 10 * MINUTE_MS;
/** Where others have done a part of this kind, which may begin with compiling it. */
const FIRST_MS_MIN = 10 * MINUTE_MS;
/** Where nobody has. */
const UNMEASURED_MS = 60 * MINUTE_MS;
const ALL_REDUCE_UNMEASURED_MS = 10 * MINUTE_MS;

/** What of a task the deadlines depend on. */
export type TimedTask = Pick<Task, 'unit' | 'describe' | 'awaited'>;

export interface Late {
  readonly slots: readonly number[];
  /** In words. */
  readonly reason: string;
  /**
   * Whether the same processes may join again: not one whose computing hangs while that of others
   * goes on. Those that stood still together come back once their compute threads answer.
   */
  readonly mayReturn: boolean;
}

/** A member that others wait for. */
interface Standing {
  readonly slot: number;
  readonly stage: Awaited['stage'];
  readonly pace: Pace;
}

/** What is known of one member. */
interface Pace {
  /** When it last went on. */
  sinceMs: number;
  /** When its part of the task at hand was ordered, or it reported some of it. */
  begunMs: number;
  /** Whether its part of the task at hand is done. */
  isPartDone: boolean;
  progress: number;
  bytesSent: number;
  /** What units took, in ms, by kind of unit; newest last. */
  readonly unitMs: Map<string, number[]>;
  readonly allReduceMs: number[];
}

export class Deadlines {
  readonly #samplesPerMicroBatch: number;
  readonly #beatsMs: number;
  readonly #paces = new Map<number, Pace>();
  readonly #steals = new Steals();
  /** How long members needed for what they did first of each kind of unit, in ms. */
  readonly #firstMs = new Map<string, number[]>();
  #unit = '';
  #waitsFor: string | undefined;

  /** @param heartbeatIntervalMs between two signs of a member that it goes on */
  constructor(
    { globalSize, microBatches }: Pick<RunPlan, 'globalSize' | 'microBatches'>,
    heartbeatIntervalMs: number,
  ) {
    this.#samplesPerMicroBatch = globalSize / microBatches;
    this.#beatsMs = BEATS_MIN * heartbeatIntervalMs;
  }

  /** A task is ordered, to these members. */
  begin({ unit }: Pick<TimedTask, 'unit'>, slots: readonly number[], nowMs: number): void {
    this.#unit = unit;
    this.#waitsFor = undefined;
    this.#steals.begin(nowMs);
    for (const slot of this.#paces.keys()) if (!slots.includes(slot)) this.#paces.delete(slot);
    for (const slot of slots) {
      const pace = this.#paceOf(slot, nowMs);
      pace.sinceMs = nowMs;
      pace.begunMs = nowMs;
      pace.isPartDone = false;
    }
  }

  heard(slot: number, beat: Heartbeat, nowMs: number): void {
    const pace = this.#paces.get(slot);
    if (pace === undefined) return;
    const goesOn = beat.progress !== pace.progress || beat.allReduceBytesSent !== pace.bytesSent;
    if (goesOn) pace.sinceMs = nowMs;
    pace.progress = beat.progress;
    pace.bytesSent = beat.allReduceBytesSent;
  }

  reported(slot: number, report: TaskReport, nowMs: number): void {
    const pace = this.#paces.get(slot);
    if (pace === undefined) return;
    if (report.kind === 'stepReduced') {
      this.#partDone(slot, nowMs);
      const count = report.samplesComputed / this.#samplesPerMicroBatch;
      if (count > 0) this.#measured(pace, (report.computeSeconds * SECOND_MS) / count);
      keep(pace.allReduceMs, report.allReduceSeconds * SECOND_MS);
    } else if (report.kind === 'evaluationDone' && report.batches.length > 0) {
      this.#measured(pace, (nowMs - pace.begunMs) / report.batches.length);
    }
    pace.sinceMs = nowMs;
    pace.begunMs = nowMs;
  }

  /** The coordinator itself stood still for so long: that was nobody's. */
  forgive(pausedMs: number): void {
    this.#steals.forgive(pausedMs);
    for (const pace of this.#paces.values()) {
      pace.sinceMs += pausedMs;
      pace.begunMs += pausedMs;
    }
  }

  /**
   * What slow members have not begun and others are to do; to be asked several times a second.
   * These are given their time anew.
   */
  steals(task: Divisible, members: readonly TaskMember[], nowMs: number): readonly Move[] {
    const usual = {
      unitMs: (slot: number) => medianOf(this.#paceOf(slot, nowMs).unitMs.get(this.#unit) ?? []),
      orderMs: this.#quickestAllReduceMs(),
    };
    const moves = this.#steals.decide(task.partsLeft(members), usual, nowMs);
    for (const slot of new Set(moves.map(({ to }) => to))) {
      const pace = this.#paceOf(slot, nowMs);
      pace.sinceMs = nowMs;
      pace.begunMs = nowMs;
      pace.isPartDone = false;
    }
    return moves;
  }

  /** For whom the task at hand has waited for long, in words, as late() found it last. */
  get waitsFor(): string | undefined {
    return this.#waitsFor;
  }

  /**
   * Those members whose time is over; to be asked several times a second.
   * @returns undefined where there is none
   */
  late(task: TimedTask, members: readonly TaskMember[], nowMs: number): Late | undefined {
    const { stage, slots } = task.awaited(members);
    for (const { slot } of members) {
      if (stage === 'all-reduce' || !slots.includes(slot)) this.#partDone(slot, nowMs);
    }
    const isTogether = stage === 'compute' && slots.length === members.length;
    const standing = slots.map((slot) => ({ slot, stage, pace: this.#paceOf(slot, nowMs) }));
    const isLate = ({ pace }: Standing): boolean => {
      const givenMs = stage === 'compute' ? this.#computeMs(pace) : this.#allReduceMs(pace);
      return nowMs - pace.sinceMs >= (isTogether ? Math.max(givenMs, TOGETHER_MS_MIN) : givenMs);
    };
    const named = standing.find(({ pace }) => nowMs - pace.sinceMs >= NAMED_AFTER_MS);
    this.#waitsFor = named && this.#describe(task, named, `slot ${named.slot}`, nowMs);
    const late = standing.filter(isLate);
    const [first] = late;
    if (first === undefined) return undefined;
    const reason = `late in ${this.#describe(task, first, 'it', nowMs)}`;
    const mayReturn = stage === 'all-reduce' || isTogether;
    return { slots: late.map(({ slot }) => slot), reason, mayReturn };
  }

  /** Who stands still in what, in words. */
  #describe(task: TimedTask, { stage, pace }: Standing, who: string, nowMs: number): string {
    const seconds = Math.round((nowMs - pace.sinceMs) / SECOND_MS);
    const where = `${task.describe()}: ${who}`;
    if (stage === 'all-reduce') {
      return `${where} has frames that others wait for, and sent none for ${seconds} s`;
    }
    const own = medianOf(pace.unitMs.get(this.#unit) ?? []);
    const usual =
      own === undefined ? '' : ` (one takes ${Number((own / SECOND_MS).toPrecision(2))} s there)`;
    return `${where} finished no ${task.unit} for ${seconds} s${usual}`;
  }

  /** The compute of a member's part is done, though others may keep it from reporting. */
  #partDone(slot: number, nowMs: number): void {
    const pace = this.#paceOf(slot, nowMs);
    if (pace.isPartDone) return;
    pace.isPartDone = true;
    pace.sinceMs = nowMs;
    this.#measuredFirst(pace, nowMs - pace.begunMs);
  }

  /** How long members that did nothing of the kind before needed for what they did first. */
  #measuredFirst(pace: Pace, ms: number): void {
    if (pace.unitMs.has(this.#unit)) return;
    const before = this.#firstMs.get(this.#unit) ?? [];
    keep(before, ms);
    this.#firstMs.set(this.#unit, before);
  }

  #measured(pace: Pace, unitMs: number): void {
    this.#measuredFirst(pace, unitMs);
    const before = pace.unitMs.get(this.#unit) ?? [];
    keep(before, unitMs);
    pace.unitMs.set(this.#unit, before);
  }

  #computeMs(pace: Pace): number {
    const own = medianOf(pace.unitMs.get(this.#unit) ?? []);
    if (own !== undefined) return Math.max(COMPUTE_MS_MIN, this.#beatsMs, FACTOR * own);
    const first = medianOf(this.#firstMs.get(this.#unit) ?? []);
    return first === undefined ? UNMEASURED_MS : Math.max(FIRST_MS_MIN, FACTOR * first);
  }

  #allReduceMs(pace: Pace): number {
    const own = medianOf(pace.allReduceMs);
    if (own === undefined) return ALL_REDUCE_UNMEASURED_MS;
    return Math.max(ALL_REDUCE_MS_MIN, this.#beatsMs, FACTOR * own);
  }

  /** Who computes longest has not waited for others: what its all-reduce took is sending alone. */
  #quickestAllReduceMs(): number {
    const medians = [...this.#paces.values()].flatMap((pace) => medianOf(pace.allReduceMs) ?? []);
    return medians.length === 0 ? 0 : Math.min(...medians);
  }

  #paceOf(slot: number, nowMs: number): Pace {
    const known = this.#paces.get(slot);
    if (known !== undefined) return known;
    const pace: Pace = {
      sinceMs: nowMs,
      begunMs: nowMs,
      isPartDone: false,
      progress: 0,
      bytesSent: 0,
      unitMs: new Map(),
      allReduceMs: [],
    };
    this.#paces.set(slot, pace);
    return pace;
  }
}

function keep(values: number[], newest: number): void {
  values.push(newest);
  if (values.length > RECENT) values.shift();
}

function medianOf(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)];
}
