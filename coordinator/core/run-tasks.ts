/**
 * The tasks of a run in their order: steps, an evaluation at the end of a phase and of the run, the
 * finish. A run that is to stop goes from the task in flight to its finish. Pure.
 */
import type { RunPlan } from '../../lib/run/plan.ts';
import { CompressionSchedule } from './compression-schedule.ts';
import { EvaluationTask } from './evaluation-task.ts';
import type { CommittedStep } from './events.ts';
import { FinishTask } from './finish-task.ts';
import { StepTask } from './step-task.ts';
import type { Task, TaskSequence } from './task.ts';

type Course =
  { readonly kind: 'training' } | { readonly kind: 'stopping'; readonly reason: string };

export class RunTasks implements TaskSequence {
  readonly #plan: RunPlan;
  readonly #compressions: CompressionSchedule;
  #course: Course = { kind: 'training' };
  #committedSteps = 0;
  #evaluationCount = 0;

  constructor(plan: RunPlan) {
    this.#plan = plan;
    this.#compressions = new CompressionSchedule(plan.communication);
  }

  get committedSteps(): number {
    return this.#committedSteps;
  }

  get areAllCommitted(): boolean {
    return this.#committedSteps >= this.#plan.stepCount;
  }

  /** The run ends with the next finish, for the first reason given. */
  stop(reason: string): void {
    if (this.#course.kind === 'training') this.#course = { kind: 'stopping', reason };
  }

  first(): Task {
    return this.#stepOrFinish();
  }

  finish(): Task {
    return new FinishTask(this);
  }

  afterStep(committed: CommittedStep): Task {
    this.#committedSteps = committed.step + committed.stepCount;
    this.#compressions.observe(committed);
    if (this.#course.kind === 'stopping') return this.finish();
    const phase = this.#plan.phaseOf(committed.step);
    const isEnd = this.areAllCommitted;
    const isPhaseEnd = this.#committedSteps === phase.firstStep + phase.stepCount;
    const isDue = isEnd || (isPhaseEnd && this.#plan.evaluateAtPhaseEnd);
    if (!isDue || this.#plan.validationSampleCount === 0) return this.#stepOrFinish();
    return new EvaluationTask(
      {
        index: this.#evaluationCount++,
        sampleCount: this.#plan.validationSampleCount,
        imageSizePx: isEnd ? this.#plan.finalImageSizePx : phase.imageSizePx,
        committedSteps: this.#committedSteps,
        isFinal: isEnd,
      },
      this,
    );
  }

  afterEvaluation(): Task {
    return this.#course.kind === 'stopping' ? this.finish() : this.#stepOrFinish();
  }

  ending(): { readonly succeeded: boolean; readonly reason: string } {
    return this.#course.kind === 'stopping'
      ? { succeeded: false, reason: this.#course.reason }
      : { succeeded: true, reason: 'all steps are committed' };
  }

  #stepOrFinish(): Task {
    if (this.areAllCommitted) return this.finish();
    return new StepTask(this.#plan, this.#committedSteps, this.#compressions.next(), this);
  }
}
