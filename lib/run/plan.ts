/** The whole run, known before it starts: steps, sample positions, phases, learning rates. Pure. */
import type { CommunicationConfig, EvaluationConfig, RunConfig } from './run-config.ts';
import { learningRateAt } from './learning-rate.ts';
import type { ModePlan } from './mode-plan.ts';
import { phaseAt, planPhases, type Phase } from './phases.ts';
import { microBatchRange, planLength, type TrainingLength } from './length.ts';

/** Samples that are evaluated together, so that their sums do not depend on who does it. */
export const EVALUATION_BATCH_SAMPLES = 200;

/** Stream positions [firstPosition, firstPosition + sampleCount). */
export interface SampleRange {
  readonly firstPosition: number;
  readonly sampleCount: number;
}

export interface RunPlan {
  readonly stepCount: number;
  readonly totalSamples: number;
  readonly stepsPerEpoch: number;
  readonly microBatches: number;
  readonly globalSize: number;
  readonly phases: readonly Phase[];
  readonly evaluation: EvaluationConfig;
  /** What evaluations are compared by. */
  readonly keepBest: RunConfig['checkpoint']['keepBest'];
  /** So many skipped steps in a row end the run; 0: never. */
  readonly skippedStepsMax: number;
  /** Share of the micro-batches that are computed twice, and from what they are drawn. */
  readonly audit: { readonly ratio: number; readonly seed: number };
  readonly validationSampleCount: number;
  readonly communication: CommunicationConfig;
  readonly mode: ModePlan;
  phaseOf(step: number): Phase;
  /** Steps from `step` on that one order covers, all of one phase. */
  orderedSteps(step: number): number;
  /** The first step of the order that covers `step`. */
  orderStartOf(step: number): number;
  learningRateOf(step: number): number;
  /** The samples of a step. */
  samplesOf(step: number): SampleRange;
  /** Likewise of one of its micro-batches. */
  microBatchOf(step: number, microBatch: number): SampleRange;
}

/**
 * @param mode of the run, as lib/optim/modes/registry.ts has it
 * @param trainSampleCount after trainSamplesMax, at least 1
 */
export function planRun(
  run: RunConfig,
  mode: ModePlan,
  trainSampleCount: number,
  validationSampleCount: number,
): RunPlan {
  const length = planLength(trainSampleCount, run.training, run.batch.globalSize);
  return planOfLength(run, mode, length, validationSampleCount);
}

/** The plan of a run whose length is known, without its images. */
export function planOfLength(
  run: RunConfig,
  mode: ModePlan,
  length: TrainingLength,
  validationSampleCount: number,
): RunPlan {
  const phases = planPhases(run.schedule, length.stepCount, run.recipe);
  return {
    ...length,
    microBatches: run.batch.microBatches,
    globalSize: run.batch.globalSize,
    communication: run.communication,
    mode,
    phases,
    evaluation: run.evaluation,
    keepBest: run.checkpoint.keepBest,
    skippedStepsMax: run.training.skippedStepsMax,
    audit: { ratio: run.training.audit, seed: run.seed },
    validationSampleCount,
    phaseOf: (step) => phaseAt(phases, step),
    orderedSteps: (step) => {
      const { firstStep, stepCount } = phaseAt(phases, step);
      return Math.min(mode.stepsPerOrder, firstStep + stepCount - step);
    },
    orderStartOf: (step) => {
      const { firstStep } = phaseAt(phases, step);
      return step - ((step - firstStep) % mode.stepsPerOrder);
    },
    learningRateOf: (step) =>
      learningRateAt(step, run.training.learningRate, length.stepsPerEpoch, length.stepCount),
    microBatchOf: (step, microBatch) =>
      microBatchRange(step, microBatch, run.batch, length.totalSamples),
    samplesOf: (step) => {
      const firstPosition = step * run.batch.globalSize;
      return {
        firstPosition,
        sampleCount: Math.min(run.batch.globalSize, length.totalSamples - firstPosition),
      };
    },
  };
}
