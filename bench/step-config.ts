/** The step that `bench step` and `bench ops` measure: its run, phase and input. */
import { RandomStream } from '../lib/base/random.ts';
import { parseRunText } from '../lib/run/parse.ts';
import type { EngineConfig, RunConfig } from '../lib/run/run-config.ts';
import type { MicroBatchInput } from '../lib/data/micro-batch.ts';
import { buildNetwork } from '../lib/models/registry.ts';

export const CLASS_COUNT = 1000;

export interface StepSettings {
  readonly model: string;
  readonly batch: number;
  readonly imageSizePx: number;
  readonly threads: number;
  readonly precision: EngineConfig['precision'];
  readonly xla: boolean;
  readonly deterministic: boolean;
}

/** What a measured process of `bench step` is told. */
export interface StepRunnerSettings extends StepSettings {
  readonly engine: 'graph' | 'eager';
}

/** The run whose step is measured. @throws CRESCENDO_CONFIG_INVALID */
export function stepRunConfig(settings: StepSettings): RunConfig {
  const { model, batch, imageSizePx: size, threads } = settings;
  const { precision, xla, deterministic } = settings;
  const config = {
    model: { name: model, stochasticDepthRate: 0 },
    dataset: { name: 'mnist' },
    batch: { globalSize: batch, microBatches: 1 },
    training: {
      optimizer: { name: 'sgd', momentum: 0.9 },
      weightDecay: 0,
      labelSmoothing: 0,
      emaDecay: 0,
    },
    schedule: { phases: 1, imageSizePx: { min: size, max: size } },
    evaluation: { imageSizePx: size },
    engine: { name: 'tensorflow', intraOpThreads: threads, precision, xla, deterministic },
  };
  return parseRunText(JSON.stringify(config), 'bench');
}

/** @throws CRESCENDO_CONFIG_INVALID with the models there are */
export function requireModel(run: RunConfig): void {
  buildNetwork(run.model, CLASS_COUNT);
}

export function makeInput({ batch, imageSizePx }: StepSettings): MicroBatchInput {
  const random = new RandomStream(1, 'bench');
  const values = batch * imageSizePx * imageSizePx * 3;
  const labels = Int32Array.from({ length: batch }, (_, index) => index % CLASS_COUNT);
  const targets = new Float32Array(batch * CLASS_COUNT);
  for (const [row, label] of labels.entries()) targets[row * CLASS_COUNT + label] = 1;
  return {
    microBatch: 0,
    pixels: Uint8Array.from({ length: values }, () => random.below(256)),
    mixing: undefined,
    targets,
    labels,
    firstPosition: 0,
    sampleCount: batch,
  };
}
