/**
 * What `bench scaling` makes of the steps it measured: medians, efficiency, exposed communication.
 */
import { median } from '../statistics.ts';
import type { Link } from './link-lab.ts';
import type { MeasuredStep } from './measured-run.ts';

export interface ScalingPoint {
  readonly workers: number;
  readonly link: Link;
}

/** One round of a point; warm-up is cut off already. */
export interface MeasuredRound {
  readonly steps: readonly MeasuredStep[];
  /** Steps of as many one-worker runs at the same time. */
  readonly sideBySide: readonly (readonly MeasuredStep[])[] | undefined;
}

/** One result line. Seconds and rates are medians over the steps of all rounds. */
export interface MeasuredLine extends LineHead {
  /** Images per second of each of as many one-worker runs at once, added; absent with links. */
  readonly sideBySideImagesPerSecond?: number;
  readonly rounds: number;
  readonly steps: number;
  readonly imagesPerSecond: number;
  /**
   * Over workers times one worker's, in the same bench on as many cores a worker; at most about 1.
   */
  readonly efficiency: number;
  readonly efficiencyByRound: readonly number[];
  /** Mean share of a step in which a worker neither computes nor applies. */
  readonly communicationExposedRatio: number;
  /** The part of it that quicker workers wait for the slowest to have computed. */
  readonly imbalanceRatio: number;
  readonly stepSeconds: number;
  /** Computing of the slowest worker of each step; applySeconds likewise. */
  readonly computeSeconds: number;
  readonly applySeconds: number;
  /** From offering sums to holding the whole sum, of the worker that offers last: no waiting. */
  readonly allReduceSeconds: number;
  /** Standard deviation over mean of one worker's compute time. */
  readonly computeVariation: number;
}

export interface SkippedLine extends LineHead {
  readonly skipped: string;
}

export type ScalingLine = MeasuredLine | SkippedLine;

interface LineHead {
  readonly workers: number;
  /** null: no limit. */
  readonly linkGbitPerSecond: number | null;
  readonly delayMs: number;
  readonly compression: string;
  readonly optimizer: string;
  /** Whether the optimizer state was sharded over the workers. */
  readonly sharded: boolean;
  readonly coresPerWorker: number;
  readonly model: string;
  readonly imageSizePx: number;
  readonly batchPerWorker: number;
  readonly microBatchesPerWorker: number;
  /** Length of the vector that is summed, in float32. */
  readonly vectorBytes: number;
  readonly processor: string;
}

export interface ResultFacts extends Pick<
  LineHead,
  | 'compression'
  | 'optimizer'
  | 'sharded'
  | 'model'
  | 'imageSizePx'
  | 'batchPerWorker'
  | 'microBatchesPerWorker'
  | 'vectorBytes'
  | 'processor'
> {
  readonly coresPerWorker: (workers: number) => number;
  /** Why lines with links were skipped. */
  readonly obstacle: string | undefined;
}

/** @param points the first is one worker without a link */
export function summarize(
  points: readonly ScalingPoint[],
  rounds: ReadonlyMap<ScalingPoint, readonly MeasuredRound[]>,
  facts: ResultFacts,
): ScalingLine[] {
  const { coresPerWorker, obstacle, ...shared } = facts;
  const base = (rounds.get(points[0] as ScalingPoint) ?? []).map((one) => one.steps);
  const coresOfOne = coresPerWorker(1);
  return points.map((point) => {
    const head = {
      workers: point.workers,
      linkGbitPerSecond: point.link.gbitPerSecond,
      delayMs: point.link.delayMs,
      ...shared,
      coresPerWorker: coresPerWorker(point.workers),
    };
    const measured = rounds.get(point) ?? [];
    if (measured.length === 0) return { ...head, skipped: obstacle ?? 'not measured' };
    // A worker with half a core is held against half of what a whole core does.
    const idealWorkers = point.workers * Math.min(1, head.coresPerWorker / coresOfOne);
    const efficiencyOf = (steps: readonly MeasuredStep[], alone: readonly MeasuredStep[]): number =>
      imagesPerSecond(steps) / (idealWorkers * imagesPerSecond(alone));
    const steps = measured.flatMap((one) => one.steps);
    return {
      ...head,
      ...sideBySideOf(measured),
      rounds: measured.length,
      steps: steps.length,
      imagesPerSecond: round(imagesPerSecond(steps), 2),
      efficiency: round(efficiencyOf(steps, base.flat()), 3),
      efficiencyByRound: measured.map((one, index) =>
        round(efficiencyOf(one.steps, base[index] ?? []), 3),
      ),
      ...timesOf(steps),
    };
  });
}

function sideBySideOf(
  rounds: readonly MeasuredRound[],
): Pick<MeasuredLine, 'sideBySideImagesPerSecond'> {
  const sums = rounds.flatMap(({ sideBySide }) =>
    sideBySide === undefined
      ? []
      : [sideBySide.map(imagesPerSecond).reduce((sum, one) => sum + one, 0)],
  );
  return sums.length === 0 ? {} : { sideBySideImagesPerSecond: round(median(sums), 2) };
}

function imagesPerSecond(steps: readonly MeasuredStep[]): number {
  return median(steps.map((step) => step.samples / step.stepSeconds));
}

function timesOf(
  steps: readonly MeasuredStep[],
): Pick<
  MeasuredLine,
  | 'communicationExposedRatio'
  | 'imbalanceRatio'
  | 'stepSeconds'
  | 'computeSeconds'
  | 'applySeconds'
  | 'allReduceSeconds'
  | 'computeVariation'
> {
  const seconds = (valueOf: (step: MeasuredStep) => number): number =>
    round(median(steps.map(valueOf)), 4);
  const slowest = (part: keyof MeasuredStep['workers'][number]): number =>
    seconds((step) => Math.max(...step.workers.map((worker) => worker[part])));
  return {
    communicationExposedRatio: seconds(exposedRatio),
    imbalanceRatio: seconds(imbalanceRatio),
    stepSeconds: seconds((step) => step.stepSeconds),
    computeSeconds: slowest('computeSeconds'),
    applySeconds: slowest('applySeconds'),
    allReduceSeconds: seconds((step) =>
      Math.min(...step.workers.map((worker) => worker.allReduceSeconds)),
    ),
    computeVariation: round(computeVariation(steps), 4),
  };
}

function exposedRatio({ stepSeconds, workers }: MeasuredStep): number {
  const busy = mean(workers.map((worker) => worker.computeSeconds + worker.applySeconds));
  return Math.max(0, 1 - busy / stepSeconds);
}

function imbalanceRatio({ stepSeconds, workers }: MeasuredStep): number {
  const compute = workers.map((worker) => worker.computeSeconds);
  return (Math.max(...compute) - mean(compute)) / stepSeconds;
}

/** Each worker on its own, so that a slower core does not count as variation in time. */
function computeVariation(steps: readonly MeasuredStep[]): number {
  const workers = steps[0]?.workers.length ?? 0;
  const variations = Array.from({ length: workers }, (_, index) => {
    const times = steps.map((step) => step.workers[index]?.computeSeconds ?? 0);
    const average = mean(times);
    return Math.sqrt(mean(times.map((time) => (time - average) ** 2))) / average;
  });
  return mean(variations);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length;
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
