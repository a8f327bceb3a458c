/** Gathers what summary.json says from the events of a run. */
import type { RunPlan } from '../../lib/run/plan.ts';
import { settingsOf, type Phase, type PhaseSettings } from '../../lib/run/phases.ts';
import { badSamplesOf } from '../core/bad-samples.ts';
import type { CommittedStep, EvaluationResult, JournalRecord, RunOutcome } from '../core/events.ts';
import { EvaluationHistory } from '../core/evaluation-history.ts';
import type { RunObserver } from '../core/ports.ts';
import type { CoreStatus } from '../core/state.ts';

export interface PhaseSummary extends PhaseSettings {
  readonly steps: number;
  readonly imagesPerSecond: number;
  /** Evaluation at the phase's end; absent when the run file turned it off. */
  readonly valTop1?: number;
}

export interface RunSummary {
  readonly runId: string;
  readonly succeeded: boolean;
  /** `stopped`: as asked, before its last step. */
  readonly ending: RunOutcome['ending'];
  readonly reason: string;
  readonly model: string;
  readonly dataset: string;
  readonly engine: string;
  readonly workers: number;
  readonly phases: readonly PhaseSummary[];
  readonly valTop1: number | null;
  readonly valTop5: number | null;
  readonly emaValTop1: number | null;
  /** Validation images that could not be decoded and were left out; null without evaluation. */
  readonly valUnreadable: number | null;
  /** Training samples that could not be read, and whose places others took. */
  readonly badSamples: number;
  /** Steps after which an evaluation was best by checkpoint.keepBest; null where none was. */
  readonly bestSteps: number | null;
  /** Its accuracy ratio, or its loss. */
  readonly bestValue: number | null;
  readonly stepsCommitted: number;
  readonly samplesCommitted: number;
  readonly stepsSkipped: number;
  /** For which images were waited for: of each step of this process the slowest worker's wait. */
  readonly inputWaitSeconds: number;
  readonly generations: number;
  readonly weightsSha256: string;
  /** URLs of the weights files in checkpoint.store; empty without one. */
  readonly uploadedWeights: readonly string[];
  readonly wallSeconds: number;
}

export class SummaryBuilder implements RunObserver {
  readonly #plan: RunPlan;
  readonly #evaluations: EvaluationHistory;
  readonly #startedMs = performance.now();
  readonly #byPhase = new Map<number, { steps: number; samples: number; durationMs: number }>();
  readonly #phaseTop1 = new Map<number, number>();
  #lastPhase = 0;
  #engine = '';
  #workersMax = 0;
  #stepsCommitted = 0;
  #stepsSkipped = 0;
  #inputWaitSeconds = 0;
  #generations = 0;
  #badSamples = 0;
  #final: EvaluationResult | undefined;

  /** @param records what the journal says of the run before this process */
  constructor(plan: RunPlan, records: readonly JournalRecord[]) {
    this.#plan = plan;
    this.#evaluations = new EvaluationHistory(plan, []);
    for (const record of records) this.#recall(record);
    this.#badSamples = badSamplesOf(records).length;
  }

  onPrepared(_slot: number, prepared: { readonly engineDescription: string }): void {
    this.#engine = prepared.engineDescription;
  }

  /** The run may have gone back to a checkpoint. */
  onGeneration(
    generation: number,
    _reason: string,
    { members, committedSteps }: Pick<CoreStatus, 'members' | 'committedSteps'>,
  ): void {
    this.#generations = generation;
    this.#goBackTo(committedSteps);
    this.#workersMax = Math.max(this.#workersMax, members.length);
  }

  onStep(committed: CommittedStep): void {
    const phase = this.#byPhase.get(committed.phaseIndex) ?? {
      steps: 0,
      samples: 0,
      durationMs: 0,
    };
    phase.steps += committed.stepCount;
    phase.samples += committed.sampleCount;
    phase.durationMs += committed.durationMs;
    this.#byPhase.set(committed.phaseIndex, phase);
    this.#lastPhase = committed.phaseIndex;
    this.#stepsCommitted = committed.step + committed.stepCount;
    if (committed.skipped) this.#stepsSkipped += committed.stepCount;
    const waits = committed.reports.map(({ inputSeconds }) => inputSeconds);
    this.#inputWaitSeconds += Math.max(0, ...waits);
  }

  onEvaluation(result: EvaluationResult): void {
    this.#phaseTop1.set(this.#lastPhase, result.top1);
    if (result.isFinal) this.#final = result;
    this.#evaluations.add(result);
  }

  onBadSamples(count: number): void {
    this.#badSamples = count;
  }

  #goBackTo(committedSteps: number): void {
    this.#stepsCommitted = committedSteps;
    this.#evaluations.rewindTo(committedSteps);
  }

  #recall(record: JournalRecord): void {
    if (record.kind === 'generation') {
      this.#generations = record.generation;
      this.#workersMax = Math.max(this.#workersMax, record.slots.length);
    } else if (record.kind === 'committed') {
      this.#stepsCommitted = record.step + record.stepCount;
    } else if (record.kind === 'restored') {
      this.#goBackTo(record.toSteps);
    } else if (record.kind === 'nonfinite' && record.isSkipped) {
      this.#stepsSkipped++;
    } else if (record.kind === 'evaluated') this.onEvaluation(record.result);
  }

  build(run: {
    readonly runId: string;
    readonly model: string;
    readonly dataset: string;
    readonly outcome: RunOutcome;
    readonly uploadedWeights: readonly string[];
  }): RunSummary {
    return {
      runId: run.runId,
      succeeded: run.outcome.ending === 'completed',
      ending: run.outcome.ending,
      reason: run.outcome.reason,
      model: run.model,
      dataset: run.dataset,
      engine: this.#engine,
      workers: this.#workersMax,
      phases: this.#plan.phases.map((phase) => this.#phaseSummary(phase)),
      valTop1: this.#final?.top1 ?? null,
      valTop5: this.#final?.top5 ?? null,
      emaValTop1: this.#final?.emaTop1 ?? null,
      valUnreadable: this.#final?.unreadableCount ?? null,
      badSamples: this.#badSamples,
      bestSteps: this.#evaluations.best?.steps ?? null,
      bestValue: this.#evaluations.best?.value ?? null,
      stepsCommitted: this.#stepsCommitted,
      samplesCommitted: this.#samplesCommitted(),
      stepsSkipped: this.#stepsSkipped,
      inputWaitSeconds: Math.round(this.#inputWaitSeconds * 100) / 100,
      generations: this.#generations,
      weightsSha256: run.outcome.weightsSha256,
      uploadedWeights: run.uploadedWeights,
      wallSeconds: Math.round((performance.now() - this.#startedMs) / 10) / 100,
    };
  }

  /** Each sample of a committed step counts once, also where a step was done again. */
  #samplesCommitted(): number {
    if (this.#stepsCommitted === 0) return 0;
    const { firstPosition, sampleCount } = this.#plan.samplesOf(this.#stepsCommitted - 1);
    return firstPosition + sampleCount;
  }

  #phaseSummary(phase: Phase): PhaseSummary {
    const seen = this.#byPhase.get(phase.index);
    const valTop1 = this.#phaseTop1.get(phase.index);
    return {
      ...settingsOf(phase),
      steps: seen?.steps ?? 0,
      imagesPerSecond:
        seen === undefined ? 0 : Math.round((seen.samples / seen.durationMs) * 10_000) / 10,
      ...(valTop1 === undefined ? {} : { valTop1 }),
    };
  }
}
