/**
 * `bench checkpoint`: what checkpoints cost a real run. Runs with and without them are made in
 * turns; the first step of each run, and the last, which waits for the end, are not counted.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareTensorflow } from '../lib/tensorflow/load.ts';
import { undoAtExit } from './scaling/at-exit.ts';
import { coresOfWorker, usableCores } from './scaling/core-share.ts';
import { measureRun, type MeasuredStep } from './scaling/measured-run.ts';
import { median } from './statistics.ts';

export interface CheckpointSettings {
  readonly model: string;
  readonly imageSizePx: number;
  readonly workers: number;
  readonly batchPerWorker: number;
  /** Steps between checkpoints. */
  readonly everySteps: number;
  readonly steps: number;
  readonly rounds: number;
}

export interface CheckpointResult extends CheckpointSettings {
  /** Throughput with checkpoints over that without, of all counted steps of all rounds. */
  readonly throughputRatio: number;
  readonly medianStepMs: { readonly with: number; readonly without: number };
  /** The longest step beyond the median one. */
  readonly longestStallMs: { readonly with: number; readonly without: number };
  readonly processor: string;
}

/** @throws the error of a failed run */
export async function benchCheckpoint(
  settings: CheckpointSettings,
  print: (line: string) => void,
): Promise<CheckpointResult> {
  await prepareTensorflow({ onProgress: print });
  const scratch = mkdtempSync(join(tmpdir(), 'crescendo-checkpoint-'));
  const removeScratch = undoAtExit(() => {
    rmSync(scratch, { recursive: true, force: true });
  });
  const [withMs, withoutMs]: [number[], number[]] = [[], []];
  try {
    for (let round = 0; round < settings.rounds; round++) {
      const [first, second] = round % 2 === 0 ? [0, settings.everySteps] : [settings.everySteps, 0];
      for (const everySteps of [first, second]) {
        const steps = await measure(settings, everySteps, scratch);
        (everySteps > 0 ? withMs : withoutMs).push(...steps);
        print(
          `round ${round + 1}/${settings.rounds}, ` +
            `${everySteps > 0 ? `a checkpoint every ${everySteps} steps` : 'no checkpoints'}: ` +
            `${median(steps).toFixed(0)} ms a step`,
        );
      }
    }
  } finally {
    removeScratch();
  }
  return {
    ...settings,
    throughputRatio: round3(sum(withoutMs) / sum(withMs)),
    medianStepMs: { with: Math.round(median(withMs)), without: Math.round(median(withoutMs)) },
    longestStallMs: { with: stallOf(withMs), without: stallOf(withoutMs) },
    processor: cpus()[0]?.model ?? 'unknown',
  };
}

/** @returns milliseconds of each counted step */
async function measure(
  settings: CheckpointSettings,
  everySteps: number,
  scratch: string,
): Promise<number[]> {
  const { workers } = settings;
  const cores = usableCores();
  const coresOf = Array.from({ length: workers }, (_, index) =>
    coresOfWorker(cores, index, workers),
  );
  const run = runFile(settings, everySteps);
  const steps = await measureRun({ coresOf, lab: undefined, run, scratch });
  return steps.slice(2, -1).map(({ stepSeconds }: MeasuredStep) => stepSeconds * 1000);
}

function runFile(settings: CheckpointSettings, everySteps: number): object {
  const { workers, batchPerWorker, imageSizePx: size } = settings;
  const none = { min: 0, max: 0 };
  return {
    model: { name: settings.model },
    dataset: { name: 'fashion-mnist', validationSamplesMax: 16 },
    batch: { globalSize: workers * batchPerWorker, microBatches: workers * 2 },
    training: { steps: settings.steps + 3, learningRate: { peak: 0.01 } },
    schedule: {
      phases: 1,
      imageSizePx: { min: size, max: size },
      randAugmentMagnitude: none,
      mixupAlpha: none,
      cutmixAlpha: none,
    },
    augmentation: { horizontalFlip: true, crop: 'none' },
    evaluation: { imageSizePx: size, atPhaseEnd: false },
    engine: { name: 'tensorflow', intraOpThreads: 1 },
    checkpoint: { everySteps, everyMinutes: 0, keep: 2 },
    cluster: { minWorkers: workers, heartbeatTimeoutMs: 120_000 },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function stallOf(values: readonly number[]): number {
  return Math.round(Math.max(...values) - median(values));
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
