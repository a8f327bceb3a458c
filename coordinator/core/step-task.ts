/**
 * One step until its commit: who holds which micro-batches, through as many attempts as it takes.
 * A survivor keeps what it was leased; what the lost held is sharded among the survivors.
 * With local SGD it is the steps up to the next all-reduce, with the same leases in each of them; then
 * a lost member's samples are in no sum yet, and all begin again from the first of them. Pure.
 */
import { evenPart } from '../../lib/collective/tree.ts';
import type { Compression } from '../../lib/run/run-config.ts';
import type { RelayedPair, StepOrder, StepReduced } from '../../proto/control.ts';
import { NONFINITE_NAMED_MAX } from '../../proto/limits.ts';
import type { CommittedStep, Effect, NonfiniteSource } from './events.ts';
import type { RunPlan, SampleRange } from '../../lib/run/plan.ts';

export class StepTask {
  /** The first of them. */
  readonly step: number;
  readonly stepCount: number;
  readonly #compression: Compression;
  readonly #plan: RunPlan;
  readonly #held = new Map<number, number[]>();
  readonly #reports = new Map<number, { report: StepReduced; atMs: number }>();
  #attempt = -1;
  #startedMs = 0;

  /** @param compression of all its rounds */
  constructor(plan: RunPlan, step: number, compression: Compression) {
    this.#compression = compression;
    this.#plan = plan;
    this.step = step;
    this.stepCount = plan.orderedSteps(step);
  }

  /** Starts a attempt among `slots` (ascending) and returns its order. */
  order(
    generation: number,
    slots: readonly number[],
    relayedPairs: readonly RelayedPair[],
    nowMs: number,
  ): StepOrder {
    if (this.#attempt < 0) this.#startedMs = nowMs;
    this.#attempt++;
    this.#reports.clear();
    this.#lease(slots);
    const phase = this.#plan.phaseOf(this.step);
    return {
      kind: 'stepOrder',
      generation,
      step: this.step,
      attempt: this.#attempt,
      leases: this.#leases(),
      phaseIndex: phase.index,
      imageSizePx: phase.imageSizePx,
      dropoutRate: phase.dropoutRate,
      randAugmentMagnitude: phase.randAugmentMagnitude,
      mixupAlpha: phase.mixupAlpha,
      cutmixAlpha: phase.cutmixAlpha,
      learningRate: this.#plan.learningRateOf(this.step),
      relayedPairs,
      compression: this.#compression,
      sampleCount: this.#samples().sampleCount,
      innerLearningRates: this.#plan.isLocal
        ? this.#steps().map((step) => this.#plan.learningRateOf(step))
        : [],
    };
  }

  /** Takes a member's report of this attempt; false when it is of another step or attempt. */
  record(slot: number, report: StepReduced, nowMs: number): boolean {
    if (report.step !== this.step || report.attempt !== this.#attempt) return false;
    if (!this.#held.has(slot)) return false;
    this.#reports.set(slot, { report, atMs: nowMs });
    return true;
  }

  isReducedBy(slots: readonly number[]): boolean {
    return this.#attempt >= 0 && slots.every((slot) => this.#reports.has(slot));
  }

  /** In words, which members hold another sum than the rest; undefined when all agree. */
  divergedSlots(): string | undefined {
    const bySum = new Map<number, number[]>();
    for (const [slot, { report }] of this.#reports) {
      bySum.set(report.checksum, [...(bySum.get(report.checksum) ?? []), slot]);
    }
    if (bySum.size < 2) return undefined;
    const groups = [...bySum].map(
      ([checksum, slots]) => `slot ${slots.join(', ')} has ${checksum.toString(16)}`,
    );
    return `sums of step ${this.step} differ: ${groups.join('; ')}`;
  }

  /** The commit's effects: record first, then metrics. */
  commit(generation: number, nowMs: number): Effect[] {
    const phase = this.#plan.phaseOf(this.step);
    const samples = this.#samples();
    const reports = [...this.#reports].sort(([left], [right]) => left - right);
    const first = reports[0]?.[1].report as StepReduced;
    const committed: CommittedStep = {
      step: this.step,
      stepCount: this.stepCount,
      phaseIndex: phase.index,
      imageSizePx: phase.imageSizePx,
      learningRate: this.#plan.learningRateOf(this.step + this.stepCount - 1),
      meanLoss: first.lossSum / first.sampleCount,
      accuracyRatio: first.correctCount / first.sampleCount,
      sampleCount: samples.sampleCount,
      compression: this.#compression,
      cosineSimilarity: first.cosineSimilarity,
      skipped: first.nonfiniteCount > 0 || first.sampleCount === 0,
      nonfinite: this.#nonfinite(),
      durationMs: nowMs - this.#startedMs,
      reports: this.#reportsWithLag(),
    };
    const record = {
      kind: 'committed',
      generation,
      step: this.step,
      stepCount: this.stepCount,
      attempt: this.#attempt,
      compression: this.#compression,
      ...samples,
      checksum: first.checksum,
      leases: this.#leases(),
    } as const;
    return [
      { kind: 'journal', record },
      ...this.#nonfiniteRecord(committed),
      { kind: 'stepCommitted', committed },
    ];
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

  /** In order of micro-batches. One that is not leased to who names it is left out. */
  #nonfinite(): NonfiniteSource[] {
    const sources = [...this.#reports].flatMap(([slot, { report }]) =>
      report.nonfinite
        .slice(0, NONFINITE_NAMED_MAX)
        .filter((one) => one.step >= this.step && one.step < this.step + this.stepCount)
        .filter((one) => this.#held.get(slot)?.includes(one.microBatch) === true)
        .map((one) => ({ ...one, slot, ...this.#plan.microBatchOf(one.step, one.microBatch) })),
    );
    return sources.sort(
      (left, right) => left.step - right.step || left.microBatch - right.microBatch,
    );
  }

  /** Lag is by compute time: how much longer than the quickest member each one computed. */
  #reportsWithLag(): CommittedStep['reports'] {
    const quickest = Math.min(
      ...[...this.#reports.values()].map((one) => one.report.computeSeconds),
    );
    return [...this.#reports].map(([slot, { report }]) => ({
      ...report,
      slot,
      lagMs: (report.computeSeconds - quickest) * 1000,
    }));
  }

  #steps(): number[] {
    return Array.from({ length: this.stepCount }, (_, index) => this.step + index);
  }

  /** Of all its steps together. */
  #samples(): SampleRange {
    const ranges = this.#steps().map((step) => this.#plan.samplesOf(step));
    const sampleCount = ranges.reduce((sum, range) => sum + range.sampleCount, 0);
    return { firstPosition: this.#plan.samplesOf(this.step).firstPosition, sampleCount };
  }

  #lease(slots: readonly number[]): void {
    if (this.#plan.isLocal) this.#held.clear();
    for (const slot of [...this.#held.keys()]) {
      if (!slots.includes(slot)) this.#held.delete(slot);
    }
    const leased = new Set([...this.#held.values()].flat());
    const orphans: number[] = [];
    for (let shard = 0; shard < this.#plan.microBatches; shard++) {
      if (!leased.has(shard)) orphans.push(shard);
    }
    for (const [index, slot] of slots.entries()) {
      const share = evenPart(orphans.length, index, slots.length).map(
        (at) => orphans[at] as number,
      );
      this.#held.set(
        slot,
        [...(this.#held.get(slot) ?? []), ...share].sort((a, b) => a - b),
      );
    }
  }

  #leases(): { slot: number; microBatches: number[] }[] {
    return [...this.#held].map(([slot, microBatches]) => ({ slot, microBatches }));
  }
}
