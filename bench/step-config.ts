/** What the measured processes of `bench step` are told. */
import { parseRunText } from '../config/parse-run-file.ts';
import type { RunConfig } from '../config/run-config.ts';

export interface StepRunnerSettings {
  readonly engine: 'graph' | 'eager';
  readonly model: string;
  readonly batch: number;
  readonly imageSizePx: number;
  readonly threads: number;
}

/** The run whose step is measured. @throws CRESCENDO_CONFIG_INVALID */
export function stepRunConfig(settings: StepRunnerSettings): RunConfig {
  const { model, batch, imageSizePx: size, threads } = settings;
  const config = {
    model: { name: model, stochasticDepthRate: 0 },
    dataset: { name: 'mnist' },
    batch: { globalSize: batch, microShards: 1 },
    training: {
      optimizer: { name: 'sgd', momentum: 0.9 },
      weightDecay: 0,
      labelSmoothing: 0,
      emaDecay: 0,
    },
    schedule: { phases: 1, imageSizePx: { min: size, max: size } },
    evaluation: { imageSizePx: size },
    engine: { name: 'tensorflow', intraOpThreads: threads },
  };
  return parseRunText(JSON.stringify(config), 'bench');
}
