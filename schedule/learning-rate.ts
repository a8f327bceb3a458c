/** Learning rate as a pure function of the step. */
import type { LearningRateConfig } from '../config/run-config.ts';

/**
 * Learning rate of a 0-based step. Warm-up rises linearly from 0 over `warmupEpochs`; the decays
 * count from step 0, not from the end of warm-up, as in EfficientNetV2's released code.
 * @param stepsPerEpoch may be fractional
 */
export function learningRateAt(
  step: number,
  config: LearningRateConfig,
  stepsPerEpoch: number,
  totalSteps: number,
): number {
  const warmupSteps = Math.floor(config.warmupEpochs * stepsPerEpoch);
  if (step < warmupSteps) return (config.peak * step) / warmupSteps;
  switch (config.decay) {
    case 'cosine':
      return 0.5 * config.peak * (1 + Math.cos((Math.PI * step) / totalSteps));
    case 'exponential': {
      const periods = Math.floor(step / (config.decayEpochs * stepsPerEpoch));
      return config.peak * Math.pow(config.decayRate, periods);
    }
    case 'constant':
      return config.peak;
  }
}
