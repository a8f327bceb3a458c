/** One evaluation of the validation split; its batches are leased to the members. Pure. */
import { evenPart } from '../../lib/collective/tree.ts';
import { EVALUATION_BATCH_SAMPLES } from '../../lib/run/plan.ts';
import type {
  EvaluationBatch,
  EvaluationLease,
  EvaluationOrder,
} from '../../proto/generated/messages.ts';
import { UNREADABLE_NAMED_MAX } from '../../proto/limits.ts';
import type { Effect, EvaluationResult, Move, TaskReport } from './events.ts';
import type { Awaited, Completion, Ordering, PartLeft } from './task.ts';
import type { Divisible, Task, TaskSequence } from './task.ts';

export interface EvaluationSettings {
  /** Its number in the run, from 0. */
  readonly index: number;
  readonly sampleCount: number;
  readonly imageSizePx: number;
  /** Steps committed when it is made. */
  readonly committedSteps: number;
  /** Whether it is the one at the run's end. */
  readonly isFinal: boolean;
}

export class EvaluationTask implements Task, Divisible {
  readonly kind = 'evaluation';
  readonly #settings: EvaluationSettings;
  readonly #sequence: TaskSequence;
  readonly #batchCount: number;
  readonly #batches = new Map<number, EvaluationBatch>();
  #leases: readonly EvaluationLease[] = [];
  /** Whether the leases are for the next order already. */
  #isDivided = false;

  constructor(settings: EvaluationSettings, sequence: TaskSequence) {
    this.#settings = settings;
    this.#sequence = sequence;
    this.#batchCount = Math.ceil(settings.sampleCount / EVALUATION_BATCH_SAMPLES);
  }

  get unit(): string {
    return `evaluation batch at ${this.#settings.imageSizePx} px`;
  }

  describe(): string {
    return 'evaluation';
  }

  /** Leases the batches that are still missing. */
  order({ generation, members }: Ordering): EvaluationOrder {
    if (!this.#isDivided) this.#divide(members.map(({ slot }) => slot));
    this.#isDivided = false;
    return {
      kind: 'evaluationOrder',
      generation,
      evaluation: this.#settings.index,
      committedSteps: this.#settings.committedSteps,
      imageSizePx: this.#settings.imageSizePx,
      batchSamples: EVALUATION_BATCH_SAMPLES,
      leases: this.#leases.map(({ slot, batches }) => ({ slot, batches: this.#missing(batches) })),
    };
  }

  record(_slot: number, report: TaskReport): undefined {
    if (report.kind !== 'evaluationDone' || report.evaluation !== this.#settings.index) {
      return undefined;
    }
    for (const batch of report.batches) {
      if (batch.index < this.#batchCount) this.#batches.set(batch.index, batch);
    }
    return undefined;
  }

  isComplete(): boolean {
    return this.#batches.size === this.#batchCount;
  }

  awaited(): Awaited {
    const late = this.#leases.filter(({ batches }) => this.#missing(batches).length > 0);
    return { slots: late.map(({ slot }) => slot), stage: 'compute' };
  }

  get divisible(): Divisible {
    return this;
  }

  /** A member does its batches in order, and reports each. */
  partsLeft(): readonly PartLeft[] {
    return this.#leases.map(({ slot, batches }) => {
      const missing = this.#missing(batches);
      return {
        slot,
        finished: batches.length - missing.length,
        unbegun: missing.slice(1),
        at: missing.length > 0 ? 'unit' : 'end',
      };
    });
  }

  move(moves: readonly Move[]): void {
    this.#leases = this.#leases.map(({ slot, batches }) => {
      const gone = new Set(moves.filter(({ from }) => from === slot).map(({ unit }) => unit));
      const come = moves.filter(({ to }) => to === slot).map(({ unit }) => unit);
      return { slot, batches: [...batches.filter((one) => !gone.has(one)), ...come] };
    });
    this.#isDivided = true;
  }

  forget(): void {
    return undefined;
  }

  #divide(slots: readonly number[]): void {
    const all = Array.from({ length: this.#batchCount }, (_, index) => index);
    const missing = this.#missing(all);
    this.#leases = slots.map((slot, index) => ({
      slot,
      batches: evenPart(missing.length, index, slots.length).map((at) => missing[at] as number),
    }));
  }

  #missing(batches: readonly number[]): number[] {
    return batches.filter((index) => !this.#batches.has(index));
  }

  abort(): readonly [] {
    return [];
  }

  complete(_generation: number, nowMs: number): Completion {
    const result = this.#result();
    const { index, committedSteps } = this.#settings;
    const { record, next } = this.#sequence.afterEvaluation(index, result, nowMs);
    const effects: Effect[] = [
      { kind: 'journal', record },
      { kind: 'evaluated', result },
    ];
    if (record.best?.steps === committedSteps) effects.push({ kind: 'exportBest', committedSteps });
    return { kind: 'continues', effects, next };
  }

  /** Sums in the order of batches, so that the result does not depend on who evaluated what. */
  #result(): EvaluationResult {
    const batches = [...this.#batches.values()].sort((left, right) => left.index - right.index);
    const total = (field: Exclude<keyof EvaluationBatch, 'index' | 'unreadable'>): number =>
      batches.reduce((sum, batch) => sum + batch[field], 0);
    const sampleCount = total('sampleCount');
    return {
      steps: this.#settings.committedSteps,
      imageSizePx: this.#settings.imageSizePx,
      isFinal: this.#settings.isFinal,
      sampleCount,
      unreadableCount: total('unreadableCount'),
      unreadable: batches.flatMap(({ unreadable }) => unreadable).slice(0, UNREADABLE_NAMED_MAX),
      top1: total('top1Count') / sampleCount,
      top5: total('top5Count') / sampleCount,
      loss: total('lossSum') / sampleCount,
      emaTop1: total('emaTop1Count') / sampleCount,
      emaTop5: total('emaTop5Count') / sampleCount,
      emaLoss: total('emaLossSum') / sampleCount,
    };
  }
}
