/**
 * `bench progressive`: whether growing images save time, and what they cost in accuracy. The same
 * network learns CIFAR-10 in the same steps at one image size and in phases that grow to it, in
 * turns; validations are included in both times.
 */
import { cpus } from 'node:os';
import { parseRun } from '../../lib/run/parse.ts';
import { planPhases } from '../../lib/run/phases.ts';
import { prepareTensorflow } from '../../lib/tensorflow/load.ts';
import { median } from '../statistics.ts';
import { finishedRun, type FinishedRun } from './finished-run.ts';

export interface ProgressiveSettings {
  readonly model: string;
  readonly width: number;
  readonly depth: number;
  readonly workers: number;
  readonly epochs: number;
  readonly batch: number;
  readonly phases: number;
  readonly minSize: number;
  readonly maxSize: number;
  /** Runs of each kind, with seeds from 1. */
  readonly seeds: number;
}

export interface ProgressiveResult extends ProgressiveSettings {
  /** Wall time of the growing run over that of the fixed one with the same seed; the median. */
  readonly ratioToFixed: number;
  /** The same ratio of what is computed, by the number of pixels alone. */
  readonly ratioOfPixels: number;
  /** Percentage points of top-1 by which the growing runs are better, as a mean. */
  readonly top1Gain: number;
  readonly growing: readonly FinishedRun[];
  readonly fixed: readonly FinishedRun[];
  readonly processor: string;
}

/** @throws the error of a failed run */
export async function benchProgressive(
  settings: ProgressiveSettings,
  print: (line: string) => void,
): Promise<ProgressiveResult> {
  await prepareTensorflow({ onProgress: print });
  const growing: FinishedRun[] = [];
  const fixed: FinishedRun[] = [];
  for (let seed = 1; seed <= settings.seeds; seed++) {
    const order = seed % 2 === 1 ? [fixed, growing] : [growing, fixed];
    for (const runs of order) {
      const run = await finishedRun(runFile(settings, seed, runs === growing), settings.workers);
      runs.push(run);
      const kind = runs === growing ? `${settings.minSize} to ${settings.maxSize}` : 'all';
      print(
        `seed ${seed}, ${kind} ${settings.maxSize} px: ${run.wallSeconds.toFixed(1)} s, top-1 ` +
          `${(100 * best(run)).toFixed(2)} %`,
      );
    }
  }
  const ratios = growing.map(({ wallSeconds }, at) => wallSeconds / (fixed[at]?.wallSeconds ?? 0));
  const gains = growing.map((run, at) => best(run) - best(fixed[at] ?? run));
  return {
    ...settings,
    ratioToFixed: rounded(median(ratios), 3),
    ratioOfPixels: rounded(ratioOfPixels(runFile(settings, 1, true)), 3),
    top1Gain: rounded((100 * gains.reduce((sum, gain) => sum + gain, 0)) / gains.length, 2),
    growing: growing.map(readable),
    fixed: fixed.map(readable),
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  };
}

/** The better one of the weights and their moving average: which it is differs by schedule. */
function best({ top1, emaTop1 }: FinishedRun): number {
  return Math.max(top1, emaTop1);
}

/** Pixels of the phases of a growing run over those of its last size. */
function ratioOfPixels(growing: object): number {
  const { schedule, recipe } = parseRun(growing, 'the growing run');
  const sizes = planPhases(schedule, schedule.phases, recipe).map((phase) => phase.imageSizePx);
  const sum = sizes.reduce((pixels, size) => pixels + size ** 2, 0);
  return sum / sizes.length / schedule.imageSizePx.max ** 2;
}

function runFile(settings: ProgressiveSettings, seed: number, grows: boolean): object {
  const { minSize, maxSize, phases, batch, workers } = settings;
  const none = { min: 0, max: 0 };
  return {
    seed,
    model: {
      name: settings.model,
      widthMultiplier: settings.width,
      depthMultiplier: settings.depth,
      stochasticDepthRate: 0.05,
    },
    dataset: { name: 'cifar-10' },
    batch: { globalSize: batch, microBatches: workers },
    training: {
      epochs: settings.epochs,
      optimizer: { name: 'sgd', momentum: 0.9, nesterov: true },
      learningRate: {
        peak: 0.1,
        warmupEpochs: 0.5,
        decay: 'linear',
        minimum: 0.01,
      },
      weightDecay: 0.00005,
      labelSmoothing: 0.1,
      emaDecay: 0.99,
    },
    schedule: {
      phases: grows ? phases : 1,
      imageSizePx: { min: grows ? minSize : maxSize, max: maxSize },
      dropoutRate: { min: 0.05, max: 0.05 },
      randAugmentMagnitude: none,
      mixupAlpha: none,
      cutmixAlpha: none,
    },
    augmentation: { horizontalFlip: true, crop: 'none' },
    evaluation: { imageSizePx: maxSize, atPhaseEnd: true },
    engine: { name: 'tensorflow', intraOpThreads: 1 },
  };
}

function readable(run: FinishedRun): FinishedRun {
  return {
    ...run,
    wallSeconds: rounded(run.wallSeconds, 1),
    validationSeconds: rounded(run.validationSeconds, 1),
    dataSeconds: rounded(run.dataSeconds, 1),
    computeSeconds: rounded(run.computeSeconds, 1),
    cpuSeconds: rounded(run.cpuSeconds, 1),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
