/** Learning rate as a pure function of the step. */
import type { LearningRateConfig } from './run-config.ts';

/**
 * Learning rate of a 0-based step: a linear rise from 0 during warm-up, then the decay. By default
 * that counts from step 0, not from the end of warm-up, as in EfficientNetV2's released code; with
 * `decayFrom: warmup-end` it begins at the peak, as Keras's CosineDecay with warm-up does.
 * @param stepsPerEpoch may be fractional
 */
export function learningRateAt(
  step: number,
  config: LearningRateConfig,
  stepsPerEpoch: number,
  totalSteps: number,
): number {
  const warmupSteps = warmupStepsOf(config, stepsPerEpoch);
  if (step < warmupSteps) return (config.peak * step) / warmupSteps;
  const skipped = config.decayFrom === 'warmup-end' ? Math.min(warmupSteps, totalSteps - 1) : 0;
  return decayed(step - skipped, totalSteps - skipped, config, stepsPerEpoch);
}

/** Steps of warm-up; whole ones, as in the released code. */
function warmupStepsOf(config: LearningRateConfig, stepsPerEpoch: number): number {
  return config.warmupSteps > 0
    ? config.warmupSteps
    : Math.floor(config.warmupEpochs * stepsPerEpoch);
}

function decayed(
  step: number,
  totalSteps: number,
  config: LearningRateConfig,
  stepsPerEpoch: number,
): number {
  const { peak, minimum } = config;
  switch (config.decay) {
    case 'cosine':
      return minimum + 0.5 * (peak - minimum) * (1 + Math.cos((Math.PI * step) / totalSteps));
    case 'linear':
      return minimum + (peak - minimum) * (1 - step / totalSteps);
    case 'exponential': {
      const periods = Math.floor(step / (config.decayEpochs * stepsPerEpoch));
      return Math.max(minimum, peak * Math.pow(config.decayRate, periods));
    }
    case 'constant':
      return peak;
  }
}
