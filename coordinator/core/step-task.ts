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
import type { CommittedStep, Effect, NonfiniteSource, RunOutcome, TaskReport } from './events.ts';
import { Leases } from './leases.ts';
import { failure } from './task.ts';
import type { Completion, Ordering, Task, TaskMember, TaskSequence } from './task.ts';
import { lateInStep } from './wait-for-graph.ts';

/** What is decided for all attempts of a step. */
export interface StepSettings {
  readonly compression: Compression;
  /** Relative speeds of members by slot; empty where all count as equal. */
  readonly speeds: ReadonlyMap<number, number>;
}

export class StepTask implements Task {
  readonly kind = 'step';
  /** The first of its steps. */
  readonly #step: number;
  readonly #stepCount: number;
  readonly #compression: Compression;
  readonly #plan: RunPlan;
  readonly #sequence: TaskSequence;
  readonly #leases: Leases;
  readonly #reports = new Map<number, StepReduced>();
  #attempt = -1;
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
    // Where each member is a leaf, the division among them is part of what the sum comes to.
    const isPerMember = plan.mode.leaves === 'members' || isLossy(compression);
    this.#leases = new Leases(plan.microBatches, isPerMember ? new Map() : speeds);
  }

  describe(): string {
    return `step ${this.#step}`;
  }

  /** With local SGD it covers several steps. */
  timeoutMs(stepTimeoutMs: number): number {
    return stepTimeoutMs * this.#stepCount;
  }

  /** Starts an attempt among the members. */
  order({ generation, slots, relayedPairs, nowMs }: Ordering): StepOrder {
    if (this.#attempt < 0) this.#startedMs = nowMs;
    this.#attempt++;
    this.#reports.clear();
    // No other member has the local steps of a lost one, so all begin again with new leases.
    if (this.#isPerMember) this.#leases.clear();
    this.#leases.divide(slots);
    return {
      kind: 'stepOrder',
      generation,
      step: this.#step,
      attempt: this.#attempt,
      leases: this.#leases.list(),
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

  /** Reduced gradients that differ between members end the run. */
  record(slot: number, report: TaskReport): RunOutcome | undefined {
    if (report.kind !== 'stepReduced' || !this.#leases.has(slot)) return undefined;
    if (report.step !== this.#step || report.attempt !== this.#attempt) return undefined;
    this.#reports.set(slot, report);
    return this.#divergence();
  }

  isComplete(slots: readonly number[]): boolean {
    return this.#attempt >= 0 && slots.every((slot) => this.#reports.has(slot));
  }

  lateSlots(members: readonly TaskMember[]): readonly number[] {
    return lateInStep(this.#step, members);
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

  /** Names the members that hold another reduced gradient than the rest. */
  #divergence(): RunOutcome | undefined {
    const bySum = new Map<number, number[]>();
    for (const [slot, report] of this.#reports) {
      bySum.set(report.checksum, [...(bySum.get(report.checksum) ?? []), slot]);
    }
    if (bySum.size < 2) return undefined;
    const groups = [...bySum].map(
      ([checksum, slots]) => `slot ${slots.join(', ')} has ${checksum.toString(16)}`,
    );
    const message = `sums of step ${this.#step} differ: ${groups.join('; ')}`;
    return failure('CRESCENDO_DIVERGED', message);
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

  /** Lag is by compute time: how much longer than the quickest member each one computed. */
  #reportsWithLag(): CommittedStep['reports'] {
    const reports = [...this.#reports];
    const quickest = Math.min(...reports.map(([, report]) => report.computeSeconds));
    return reports.map(([slot, report]) => ({
      ...report,
      slot,
      lagMs: (report.computeSeconds - quickest) * 1000,
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
