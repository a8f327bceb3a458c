/** The update of the toy model where owners make it: SGD with momentum. Pure. */
import type { UpdateSettings } from '../base/update-settings.ts';

export function sgdSettings(learningRate: number, sampleCount: number): UpdateSettings {
  return {
    kind: 0,
    scale: 1 / sampleCount,
    learningRate,
    momentum: 0.75,
    nesterov: false,
    decay: 0,
    epsilon: 0,
    beta1: 0,
    beta2: 0,
    correction1: 1,
    correction2: 1,
    weightDecay: 0,
    clipNorm: 0,
    emaKeep: 0,
  };
}
