/**
 * The tasks of a run in their order: steps, evaluations, the finish. What follows depends on the
 * steps that are committed and the evaluations that were made of them, so a run that is resumed
 * goes on as if it had not stopped; only evaluations by time depend on the clock. A run that is to
 * stop goes from the task in flight to its finish. Pure.
 */
import type { RunPlan } from '../../lib/run/plan.ts';
import { CompressionSchedule } from './compression-schedule.ts';
import { EvaluationHistory } from './evaluation-history.ts';
import { isEvaluationDue } from './evaluation-schedule.ts';
import { EvaluationTask } from './evaluation-task.ts';
import type {
  BestEvaluation,
  CommittedStep,
  EvaluationRecord,
  EvaluationResult,
  RunOutcome,
} from './events.ts';
import { FinishTask } from './finish-task.ts';
import type { Progress } from './progress.ts';
import { Speeds } from './speeds.ts';
import { StepTask } from './step-task.ts';
import { failure, type Task, type TaskSequence } from './task.ts';

type Course =
  | { readonly kind: 'training' }
  | {
      readonly kind: 'stopping';
      readonly reason: string;
      readonly ending: 'stopped' | 'failed';
    };

export class RunTasks implements TaskSequence {
  readonly #plan: RunPlan;
  readonly #compressions: CompressionSchedule;
  readonly #speeds: Speeds;
  readonly #evaluations: EvaluationHistory;
  #course: Course = { kind: 'training' };
  #committedSteps: number;
  #skippedInARow: number;
  #nextEvaluation: number;
  /** When the last evaluation was over, or the first step began; undefined before that. */
  #evaluatedAtMs: number | undefined;
  /** Steps after which an evaluation is due by time. */
  #dueByTimeAt = -1;

  /** @param progress where the run is, as progressOf() has it from a journal */
  constructor(plan: RunPlan, progress: Progress) {
    this.#plan = plan;
    this.#compressions = new CompressionSchedule(plan.communication);
    this.#speeds = new Speeds(plan.microBatches);
    this.#evaluations = new EvaluationHistory(plan, progress.evaluations);
    this.#committedSteps = progress.committedSteps;
    this.#skippedInARow = progress.skippedInARow;
    this.#nextEvaluation = progress.nextEvaluation;
  }

  get committedSteps(): number {
    return this.#committedSteps;
  }

  /** Whether no step follows: the last one is committed, or there was no gain for too long. */
  get isTrained(): boolean {
    return this.#committedSteps >= this.#plan.stepCount || this.#evaluations.isWithoutGain;
  }

  /** The best evaluation so far, by `checkpoint.keepBest`. */
  get best(): BestEvaluation | undefined {
    return this.#evaluations.best;
  }

  /** The outcome of a run that is to stop and has nobody to finish with. */
  get stopped(): RunOutcome | undefined {
    return this.#course.kind === 'stopping' ? { ...this.ending(), weightsSha256: '' } : undefined;
  }

  /** The run ends with the next finish, for the first reason given. */
  stop(reason: string, ending: 'stopped' | 'failed' = 'stopped'): void {
    if (this.#course.kind === 'training') this.#course = { kind: 'stopping', reason, ending };
  }

  /** The run goes on from an earlier state; what was evaluated of later ones is forgotten. */
  rewindTo(committedSteps: number): void {
    this.#committedSteps = committedSteps;
    this.#skippedInARow = 0;
    this.#dueByTimeAt = -1;
    this.#evaluations.rewindTo(committedSteps);
  }

  /** The task with which the run goes on from where it is. */
  next(): Task {
    if (this.#course.kind === 'stopping') return this.finish();
    const evaluation = this.#dueEvaluation();
    if (evaluation !== undefined) return evaluation;
    if (this.isTrained) return this.finish();
    const settings = { compression: this.#compressions.next(), speeds: this.#speeds.inForce };
    return new StepTask(this.#plan, this.#committedSteps, settings, this);
  }

  finish(): Task {
    return new FinishTask(this);
  }

  afterStep(committed: CommittedStep, nowMs: number): Task {
    this.#committedSteps = committed.step + committed.stepCount;
    this.#compressions.observe(committed);
    this.#speeds.observe(committed);
    this.#countSkipped(committed);
    const { everyMinutes } = this.#plan.evaluation;
    this.#evaluatedAtMs ??= nowMs - committed.durationMs;
    if (everyMinutes > 0 && nowMs - this.#evaluatedAtMs >= everyMinutes * 60_000) {
      this.#dueByTimeAt = this.#committedSteps;
    }
    return this.next();
  }

  afterEvaluation(
    index: number,
    result: EvaluationResult,
    nowMs: number,
  ): { readonly record: EvaluationRecord; readonly next: Task } {
    this.#evaluations.add(result);
    this.#evaluatedAtMs = nowMs;
    const { best, withoutGain } = this.#evaluations;
    const record = { kind: 'evaluated', index, result, withoutGain } as const;
    return {
      record: best === undefined ? record : { ...record, best },
      next: this.next(),
    };
  }

  ending(): Pick<RunOutcome, 'ending' | 'reason'> {
    const course = this.#course;
    if (course.kind === 'stopping') return { ending: course.ending, reason: course.reason };
    const areAllCommitted = this.#committedSteps >= this.#plan.stepCount;
    const reason = areAllCommitted ? 'all steps are committed' : this.#withoutGainReason();
    return { ending: 'completed', reason };
  }

  /** A run of skipped steps leaves the weights as they are, for ever: it ends. */
  #countSkipped({ skipped, step, stepCount }: CommittedStep): void {
    this.#skippedInARow = skipped ? this.#skippedInARow + stepCount : 0;
    const { skippedStepsMax } = this.#plan;
    if (skippedStepsMax === 0 || this.#skippedInARow < skippedStepsMax) return;
    const why =
      `the ${this.#skippedInARow} steps up to step ${step + stepCount - 1} were all skipped, ` +
      `because their sums were infinite or NaN (training.skippedStepsMax is ${skippedStepsMax}): ` +
      'lower training.learningRate.peak, set training.clipNorm, or look at the micro-batches ' +
      'that the journal names';
    this.stop(failure('CRESCENDO_STEPS_SKIPPED', why).reason, 'failed');
  }

  #dueEvaluation(): EvaluationTask | undefined {
    const { validationSampleCount, evaluation } = this.#plan;
    const committedSteps = this.#committedSteps;
    if (validationSampleCount === 0 || committedSteps === 0) return undefined;
    const made = this.#evaluations.at(committedSteps);
    const isFinal = this.isTrained;
    const isDue =
      isFinal ||
      committedSteps === this.#dueByTimeAt ||
      isEvaluationDue(this.#plan, committedSteps);
    const isMade = made !== undefined && (made.isFinal || !isFinal);
    if (!isDue || isMade) return undefined;
    const phase = this.#plan.phaseOf(committedSteps - 1);
    return new EvaluationTask(
      {
        index: this.#nextEvaluation++,
        sampleCount: validationSampleCount,
        imageSizePx: isFinal ? evaluation.imageSizePx : phase.imageSizePx,
        committedSteps,
        isFinal,
      },
      this,
    );
  }

  #withoutGainReason(): string {
    const { keepBest } = this.#plan;
    const { best, withoutGain } = this.#evaluations;
    const was = best === undefined ? '' : `; it was best (${best.value}) after ${best.steps} steps`;
    return (
      `stopped early after ${this.#committedSteps} steps: ${withoutGain} evaluations brought no ` +
      `gain of ${keepBest}${was}`
    );
  }
}
