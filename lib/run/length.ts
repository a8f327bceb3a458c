/** How long a run is, and which samples each micro-batch takes from the stream. Pure. */
import type { BatchConfig, TrainingConfig } from './run-config.ts';

export interface TrainingLength {
  /** Samples in the whole run; the last step takes what is left. */
  readonly totalSamples: number;
  readonly stepCount: number;
  /** Possibly fractional. */
  readonly stepsPerEpoch: number;
}

export function planLength(
  trainSampleCount: number,
  { epochs, steps }: Pick<TrainingConfig, 'epochs' | 'steps'>,
  globalBatch: number,
): TrainingLength {
  const totalSamples =
    steps > 0 ? steps * globalBatch : Math.max(1, Math.round(epochs * trainSampleCount));
  return {
    totalSamples,
    stepCount: Math.ceil(totalSamples / globalBatch),
    stepsPerEpoch: trainSampleCount / globalBatch,
  };
}

/** Stream positions of a micro-batch; the last step's may hold fewer samples, or none. */
export function microBatchRange(
  step: number,
  microBatch: number,
  batch: BatchConfig,
  totalSamples: number,
): { firstPosition: number; sampleCount: number } {
  const size = batch.globalSize / batch.microBatches;
  const firstPosition = step * batch.globalSize + microBatch * size;
  return {
    firstPosition,
    sampleCount: Math.max(0, Math.min(size, totalSamples - firstPosition)),
  };
}
