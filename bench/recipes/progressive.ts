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
  /** Sizes between the two are rounded to a multiple of so many pixels. */
  readonly multiple: number;
  /** When runs of both kinds are evaluated, at the size of the phase; all are at their end. */
  readonly validations: 'epochs' | 'phases' | 'end';
  /** One run of each kind for each seed. */
  readonly seeds: readonly number[];
}

export interface ProgressiveResult extends ProgressiveSettings {
  /** Wall time of the growing run over that of the fixed one with the same seed; the median. */
  readonly ratioToFixed: number;
  /** The same of processor time, start and end of the processes included. */
  readonly cpuRatioToFixed: number;
  /** The same of what the slowest worker of each step computed. */
  readonly computeRatioToFixed: number;
  /** Image sides of the phases of the growing runs. */
  readonly sizesPx: readonly number[];
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
  for (const seed of settings.seeds) {
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
  const ratioOf = (part: 'wallSeconds' | 'cpuSeconds' | 'computeSeconds'): number =>
    rounded(median(growing.map((run, at) => run[part] / (fixed[at]?.[part] ?? 0))), 3);
  const sizesPx = sizesOf(runFile(settings, 1, true));
  const gains = growing.map((run, at) => best(run) - best(fixed[at] ?? run));
  return {
    ...settings,
    ratioToFixed: ratioOf('wallSeconds'),
    cpuRatioToFixed: ratioOf('cpuSeconds'),
    computeRatioToFixed: ratioOf('computeSeconds'),
    sizesPx,
    ratioOfPixels: rounded(ratioOfPixels(sizesPx), 3),
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

/** Image sides of the phases of a growing run. */
function sizesOf(growing: object): number[] {
  const { schedule, recipe } = parseRun(growing, 'the growing run');
  return planPhases(schedule, schedule.phases, recipe).map((phase) => phase.imageSizePx);
}

/** Pixels of all phases over those of as many phases at the last size. */
function ratioOfPixels(sizesPx: readonly number[]): number {
  const sum = sizesPx.reduce((pixels, size) => pixels + size ** 2, 0);
  return sum / sizesPx.length / (sizesPx.at(-1) ?? 1) ** 2;
}

function runFile(settings: ProgressiveSettings, seed: number, grows: boolean): object {
  const { minSize, maxSize, phases, batch, workers, validations } = settings;
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
        // Falls slowly, so that the last phase, of the largest images, is learned from too.
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
      sizeMultiplePx: settings.multiple,
      imageSizePx: { min: grows ? minSize : maxSize, max: maxSize },
      dropoutRate: { min: 0.05, max: 0.05 },
      randAugmentMagnitude: none,
      mixupAlpha: none,
      cutmixAlpha: none,
    },
    augmentation: { horizontalFlip: true, crop: 'none' },
    evaluation: {
      imageSizePx: maxSize,
      atPhaseEnd: validations === 'phases',
      everyEpochs: validations === 'epochs' ? 1 : 0,
    },
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
    restSeconds: rounded(run.restSeconds, 1),
    cpuSeconds: rounded(run.cpuSeconds, 1),
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
