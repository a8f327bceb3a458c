/** The whole run, known before it starts: steps, sample positions, phases, learning rates. Pure. */
import type { CommunicationConfig, RunConfig } from './run-config.ts';
import { learningRateAt } from './learning-rate.ts';
import { phaseAt, planPhases, type Phase } from './phases.ts';
import { microBatchRange, planLength } from './length.ts';

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
  readonly finalImageSizePx: number;
  readonly evaluateAtPhaseEnd: boolean;
  readonly validationSampleCount: number;
  readonly communication: CommunicationConfig;
  /** Whether the optimizer state is sharded. */
  readonly isSharded: boolean;
  phaseOf(step: number): Phase;
  /** Whether workers take steps by themselves between all-reduces (docs/local-sgd.md). */
  readonly isLocal: boolean;
  /** Steps from `step` on that one order covers: local SGD's inner steps, within a phase; else 1. */
  orderedSteps(step: number): number;
  learningRateOf(step: number): number;
  /** The samples of a step. */
  samplesOf(step: number): SampleRange;
  /** Likewise of one of its micro-batches. */
  microBatchOf(step: number, microBatch: number): SampleRange;
}

/** @param trainSampleCount after trainSamplesMax, at least 1 */
export function planRun(
  run: RunConfig,
  trainSampleCount: number,
  validationSampleCount: number,
): RunPlan {
  const length = planLength(trainSampleCount, run.training, run.batch.globalSize);
  const { innerSteps } = run.training.localSgd;
  const phases = planPhases(run.schedule, length.stepCount, run.recipe);
  return {
    ...length,
    microBatches: run.batch.microBatches,
    globalSize: run.batch.globalSize,
    communication: run.communication,
    isSharded: run.training.optimizer.sharded,
    phases,
    finalImageSizePx: run.evaluation.imageSizePx,
    evaluateAtPhaseEnd: run.evaluation.atPhaseEnd,
    validationSampleCount,
    phaseOf: (step) => phaseAt(phases, step),
    isLocal: innerSteps > 0,
    orderedSteps: (step) => {
      const { firstStep, stepCount } = phaseAt(phases, step);
      return innerSteps === 0 ? 1 : Math.min(innerSteps, firstStep + stepCount - step);
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
