/**
 * One step until its commit, through as many attempts as it takes.
 * With local SGD it is the steps up to the next all-reduce, with the same leases in each of them.
 * When a member is lost, all begin again from the first of these steps. Pure.
 */
import { settingsOf } from '../../lib/run/phases.ts';
import { isLossy, type Compression } from '../../lib/run/run-config.ts';
import type { RunPlan, SampleRange } from '../../lib/run/plan.ts';
import type { StepOrder, StepReduced } from '../../proto/generated/messages.ts';
import { NONFINITE_NAMED_MAX } from '../../proto/limits.ts';
import type { CommittedStep, Effect, Move, NonfiniteSource, TaskReport } from './events.ts';
import { Audits } from './audits.ts';
import { mayFeed } from './feeding.ts';
import { Leases } from './leases.ts';
import { failure } from './task.ts';
import type { Awaited, Completion, Ordering, PartLeft, Task } from './task.ts';
import type { Divisible, TaskMember, TaskSequence, Verdict } from './task.ts';
import { awaitedInStep } from './wait-for-graph.ts';

/** What is decided for all attempts of a step. */
export interface StepSettings {
  readonly compression: Compression;
  /** Relative speeds of members by slot; empty where all count as equal. */
  readonly speeds: ReadonlyMap<number, number>;
}

export class StepTask implements Task, Divisible {
  readonly kind = 'step';
  /** The first of its steps. */
  readonly #step: number;
  readonly #stepCount: number;
  readonly #compression: Compression;
  readonly #plan: RunPlan;
  readonly #sequence: TaskSequence;
  readonly #leases: Leases;
  readonly #audits: Audits;
  readonly #reports = new Map<number, StepReduced>();
  /** Whether the division among members is part of what the sum comes to. */
  readonly #isLeafPerMember: boolean;
  #attempt = -1;
  #generation = 0;
  #startedMs = 0;

  /** @param step the first of its steps */
  constructor(
    plan: RunPlan,
    step: number,
    { compression, speeds }: StepSettings,
    sequence: TaskSequence,
  ) {
    this.#compression = compression;
    this.#plan = plan;
    this.#sequence = sequence;
    this.#step = step;
    this.#stepCount = plan.orderedSteps(step);
    this.#isLeafPerMember = plan.mode.leaves === 'members' || isLossy(compression);
    this.#leases = new Leases(plan.microBatches, this.#isLeafPerMember ? new Map() : speeds);
    this.#audits = new Audits(plan.audit, step, plan.microBatches);
  }

  get feedsJoiners(): boolean {
    return mayFeed(this.#plan);
  }

  describe(): string {
    return `step ${this.#step}`;
  }

  get unit(): string {
    return `micro-batch at ${this.#plan.phaseOf(this.#step).imageSizePx} px`;
  }

  /** Starts an attempt among the members. */
  order({ generation, slots, members, relayedPairs, nowMs }: Ordering): StepOrder {
    if (this.#attempt < 0) this.#startedMs = nowMs;
    this.#attempt++;
    this.#generation = generation;
    this.#reports.clear();
    // No other member has the local steps of a lost one, so all begin again with new leases.
    if (this.#isPerMember) this.#leases.clear();
    const able = members.map(({ slot }) => slot);
    const idle = slots.filter((slot) => !able.includes(slot));
    this.#leases.divide(able, idle);
    this.#audits.divide(this.#leases.list().filter(({ slot }) => able.includes(slot)));
    return {
      kind: 'stepOrder',
      generation,
      step: this.#step,
      attempt: this.#attempt,
      leases: this.#leases.list(),
      audits: this.#audits.list(),
      phase: settingsOf(this.#plan.phaseOf(this.#step)),
      learningRate: this.#plan.learningRateOf(this.#step),
      relayedPairs,
      compression: this.#compression,
      sampleCount: this.#samples().sampleCount,
      innerLearningRates: this.#isPerMember
        ? this.#steps().map((step) => this.#plan.learningRateOf(step))
        : [],
    };
  }

  /** Members whose reduced gradient is another than that of most are evicted. */
  record(slot: number, report: TaskReport): Verdict | undefined {
    if (report.kind !== 'stepReduced' || !this.#leases.has(slot)) return undefined;
    if (report.step !== this.#step || report.attempt !== this.#attempt) return undefined;
    this.#reports.set(slot, report);
    return this.#divergence() ?? this.#auditVerdict();
  }

  isComplete(slots: readonly number[]): boolean {
    const reports = slots.map((slot) => this.#reports.get(slot));
    const [first] = reports;
    const areSame = first !== undefined && reports.every((one) => one?.checksum === first.checksum);
    return areSame && this.#audits.hold(this.#reports);
  }

  awaited(members: readonly TaskMember[]): Awaited {
    const awaited = awaitedInStep(this.#step, members);
    if (awaited.slots.length > 0) return awaited;
    // A joiner that can keep no more updates says nothing before it has the state.
    const unheard = members.map(({ slot }) => slot).filter((slot) => !this.#reports.has(slot));
    return { slots: unheard, stage: awaited.stage };
  }

  get divisible(): Divisible | undefined {
    // Nothing is measured yet of how long audits take beside the leases.
    return this.#isLeafPerMember || this.#audits.areAny ? undefined : this;
  }

  partsLeft(members: readonly TaskMember[]): readonly PartLeft[] {
    return members.flatMap(({ slot, heartbeat }) => {
      const isOfAttempt = heartbeat?.step === this.#step && heartbeat.attempt === this.#attempt;
      if (!isOfAttempt || heartbeat.generation !== this.#generation) return [];
      const lease = this.#leases.of(slot);
      const unbegun = heartbeat.unbegunMicroBatches.filter((one) => lease.includes(one));
      const left = lease.length - unbegun.length;
      if (heartbeat.computeDone) return { slot, finished: left, unbegun: [], at: 'end' };
      if (heartbeat.awaitsInput) return { slot, finished: left, unbegun, at: 'input' };
      return { slot, finished: Math.max(0, left - 1), unbegun, at: 'unit' };
    });
  }

  move(moves: readonly Move[]): void {
    for (const { unit, from, to } of moves) this.#leases.move(unit, from, to);
  }

  forget(slots: readonly number[]): void {
    this.#leases.forget(slots);
    for (const slot of slots) this.#reports.delete(slot);
  }

  abort(reason: string): readonly Effect[] {
    return [{ kind: 'attemptAborted', step: this.#step, reason }];
  }

  /** The commit: its record first, then what observers are told. */
  complete(generation: number, nowMs: number): Completion {
    const committed = this.#committed(nowMs);
    return {
      kind: 'continues',
      effects: [
        this.#commitRecord(generation),
        ...this.#nonfiniteRecord(committed),
        { kind: 'stepCommitted', committed },
      ],
      next: this.#sequence.afterStep(committed, nowMs),
    };
  }

  /**
   * Finds, where there are three members and more, those that hold another reduced gradient than
   * most: what their memory or device made of it is not to be trusted. Without a majority the run
   * ends.
   */
  #divergence(): Verdict | undefined {
    const groups = groupsOf(this.#reports);
    if (groups.length < 2) return undefined;
    const members = this.#leases.list().length;
    const named = groups.map(({ checksum, slots }) => `slot ${slots.join(', ')} has ${checksum}`);
    const reason = `sums of step ${this.#step} differ: ${named.join('; ')}`;
    const most = groups.find(({ slots }) => members > 2 && slots.length > members / 2);
    if (most !== undefined) {
      // The others try again without them, because they may have spoiled the sum of all.
      this.#reports.clear();
      const odd = groups.filter((group) => group !== most).flatMap(({ slots }) => slots);
      return { kind: 'evicts', slots: odd, reason };
    }
    if (members > 2 && this.#reports.size < members) return undefined;
    return { kind: 'ends', outcome: failure('CRESCENDO_DIVERGED', reason) };
  }

  /** Gradients that two members made must be the same; where they are not, a third one is asked. */
  #auditVerdict(): Verdict | undefined {
    const members = this.#leases.list().length;
    if (this.#reports.size < members) return undefined;
    const found = this.#audits.difference(this.#reports);
    if (found === undefined) {
      if (this.#audits.hold(this.#reports)) return undefined;
      const what = `a member has not said the checksums of step ${this.#step} that were asked for`;
      return { kind: 'ends', outcome: failure('CRESCENDO_PROTOCOL_INVALID', what) };
    }
    const { microBatch, reason, wrong, count } = found;
    if (count > 2 && wrong.length > 0) {
      this.#reports.clear();
      return { kind: 'evicts', slots: wrong, reason };
    }
    if (count > 2 || members < 3) {
      return { kind: 'ends', outcome: failure('CRESCENDO_DIVERGED', reason) };
    }
    this.#audits.dispute(microBatch);
    return { kind: 'repeats', reason: `${reason}; a third worker computes it` };
  }

  /** The report of the lowest slot; it stands for all, whose reduced gradients are the same. */
  #firstReport(): StepReduced {
    const lowest = Math.min(...this.#reports.keys());
    return this.#reports.get(lowest) as StepReduced;
  }

  #commitRecord(generation: number): Effect {
    return {
      kind: 'journal',
      record: {
        kind: 'committed',
        generation,
        step: this.#step,
        stepCount: this.#stepCount,
        attempt: this.#attempt,
        phaseIndex: this.#plan.phaseOf(this.#step).index,
        compression: this.#compression,
        ...this.#samples(),
        checksum: this.#firstReport().checksum,
        leases: this.#leases.list(),
      },
    };
  }

  #committed(nowMs: number): CommittedStep {
    const phase = this.#plan.phaseOf(this.#step);
    const first = this.#firstReport();
    return {
      step: this.#step,
      stepCount: this.#stepCount,
      phaseIndex: phase.index,
      imageSizePx: phase.imageSizePx,
      learningRate: this.#plan.learningRateOf(this.#step + this.#stepCount - 1),
      meanLoss: first.lossSum / first.sampleCount,
      accuracyRatio: first.correctCount / first.sampleCount,
      sampleCount: this.#samples().sampleCount,
      compression: this.#compression,
      cosineSimilarity: first.cosineSimilarity,
      skipped: first.nonfiniteCount > 0 || first.sampleCount === 0,
      nonfinite: this.#nonfinite(),
      durationMs: nowMs - this.#startedMs,
      reports: this.#reportsWithLag(),
    };
  }

  #nonfiniteRecord({ step, skipped, nonfinite }: CommittedStep): Effect[] {
    if (!skipped && nonfinite.length === 0) return [];
    const record = {
      kind: 'nonfinite',
      step,
      isSkipped: skipped,
      microBatches: nonfinite,
    } as const;
    return [{ kind: 'journal', record }];
  }

  /** In the order of micro-batches, without those that their reporter was not leased. */
  #nonfinite(): NonfiniteSource[] {
    const sources = [...this.#reports].flatMap(([slot, report]) =>
      report.nonfinite
        .slice(0, NONFINITE_NAMED_MAX)
        .filter((one) => one.step >= this.#step && one.step < this.#step + this.#stepCount)
        .filter((one) => this.#leases.holds(slot, one.microBatch))
        .map((one) => ({ ...one, slot, ...this.#plan.microBatchOf(one.step, one.microBatch) })),
    );
    return sources.sort(
      (left, right) => left.step - right.step || left.microBatch - right.microBatch,
    );
  }

  /** Lag is by compute time: how much longer than the quickest member with a lease. */
  #reportsWithLag(): CommittedStep['reports'] {
    const reports = [...this.#reports];
    const busy = reports.filter(([, { samplesComputed }]) => samplesComputed > 0);
    const quickest = Math.min(...busy.map(([, report]) => report.computeSeconds));
    return reports.map(([slot, report]) => ({
      ...report,
      slot,
      lagMs: Math.max(0, (report.computeSeconds - quickest) * 1000),
    }));
  }

  /** Whether what a lost member computed is in no sum that others hold. */
  get #isPerMember(): boolean {
    return this.#plan.mode.leaves === 'members';
  }

  #steps(): number[] {
    return Array.from({ length: this.#stepCount }, (_, index) => this.#step + index);
  }

  /** The samples of all its steps together. */
  #samples(): SampleRange {
    const ranges = this.#steps().map((step) => this.#plan.samplesOf(step));
    const sampleCount = ranges.reduce((sum, range) => sum + range.sampleCount, 0);
    return { firstPosition: this.#plan.samplesOf(this.#step).firstPosition, sampleCount };
  }
}

/** Members by what they hold. */
function groupsOf(
  reports: ReadonlyMap<number, StepReduced>,
): { readonly checksum: string; readonly slots: number[] }[] {
  const groups = new Map<string, number[]>();
  for (const [slot, report] of reports) {
    const checksum = report.checksum.toString(16);
    groups.set(checksum, [...(groups.get(checksum) ?? []), slot]);
  }
  return [...groups].map(([checksum, slots]) => ({
    checksum,
    slots: slots.sort((left, right) => left - right),
  }));
}
