/**
 * `crescendo train --dry-run`: what a run would do, computed and measured before it starts. The
 * plan is the coordinator's own; times come from one micro-batch per image size on this machine.
 */
import { existsSync } from 'node:fs';
import { CrescendoError } from '../base/errors.ts';
import { guardBytes, lossyBytes, type LossyShape } from '../collective/all-reduce/lossy-bytes.ts';
import type { PlannedBytes } from '../collective/all-reduce/planned-bytes.ts';
import { planBuckets } from '../collective/buckets.ts';
import { TAIL_ELEMENTS } from '../collective/step-vector.ts';
import { isLossy, valueFormatOf, type RunConfig } from '../run/run-config.ts';
import { planRun, type RunPlan } from '../run/plan.ts';
import { limitedCount } from '../data/dataset.ts';
import { describeDataset } from '../data/open-batch-source.ts';
import { FlatLayout } from '../optim/flat-layout.ts';
import type { CostShape } from '../optim/modes/costs.ts';
import { modeOf } from '../optim/modes/registry.ts';
import { heldSections } from '../optim/state-sections.ts';
import type { Network } from '../models/network.ts';
import { buildNetwork, countParameters } from '../models/registry.ts';
import type { Phase } from '../run/phases.ts';
import { checkAgainstModel } from './check-run.ts';
import type { Measurement } from './measure-phases.ts';
import { noticesOf } from './run-notices.ts';

export interface PlannedPhase extends Phase {
  readonly samples: number;
  readonly firstLearningRate: number;
  readonly lastLearningRate: number;
  /** Seconds of one micro-batch on this machine; null where nothing was measured, like the next. */
  readonly microBatchSeconds: number | null;
  /** Most memory that this process has held up to and in this phase. */
  readonly peakMemoryBytes: number | null;
  readonly hours: number | null;
}

export interface DryRun {
  readonly model: string;
  readonly trainableParameters: number;
  readonly dataset: string;
  /** False when its folder is not there and the counts are those that the run file expects. */
  readonly isDatasetPresent: boolean;
  readonly classCount: number;
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
  readonly workers: number;
  readonly steps: number;
  readonly samples: number;
  readonly epochs: number;
  readonly globalSize: number;
  readonly microBatches: number;
  readonly microBatchSamples: number;
  /** What the worker with most to send sends, without frame headers, as the run's mean. */
  readonly sentBytesPerStep: number;
  readonly receivedBytesPerStep: number;
  /**
   * Sent, and received, on top in a step in which a bucket travels as float32 too
   * (communication.guardEverySteps): of the largest one. 0 where none does.
   */
  readonly guardBytes: number;
  /**
   * Weights, statistics, moments and EMA, and what the training mode needs, on the worker that
   * holds most.
   */
  readonly stateBytes: number;
  /** One gradient vector; a worker holds about log2(micro-batches) + 2 of them. */
  readonly vectorBytes: number;
  readonly phases: readonly PlannedPhase[];
  /** What a person should know of the run before it begins. */
  readonly warnings: readonly string[];
  /** What measured; null when nothing was. */
  readonly engine: string | null;
  /** Computing alone: without all-reduce, evaluation, and waiting for images. */
  readonly hours: number | null;
}

export interface DatasetCounts {
  /** Absent where the images are. */
  readonly classNames?: readonly string[];
  readonly isPresent: boolean;
  readonly classCount: number;
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
}

/**
 * The dataset's counts, or those that the run file expects where its folder is not there.
 * @throws CRESCENDO_CONFIG_INVALID when there is neither
 */
export async function datasetCounts(
  run: RunConfig,
  print: (line: string) => void,
): Promise<DatasetCounts> {
  const { path, expected, trainSamplesMax, validationSamplesMax } = run.dataset;
  if (path === undefined || existsSync(path)) {
    const dataset = await describeDataset(run, { onProgress: print });
    return { ...dataset, isPresent: true, classCount: dataset.classNames.length };
  }
  if (expected.trainSampleCount === 0 || expected.classCount === 0) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `there is no folder ${path} (dataset.path), and the run file does not say what would be in ` +
        'it: set dataset.expected.trainSampleCount and classCount to plan without the images',
    );
  }
  print(`there is no folder ${path}: planning with the counts of dataset.expected`);
  return {
    isPresent: false,
    classCount: expected.classCount,
    trainSampleCount: limitedCount(expected.trainSampleCount, trainSamplesMax),
    validationSampleCount: limitedCount(expected.validationSampleCount, validationSamplesMax),
  };
}

/**
 * Checks what training would refuse. Initial weights may lack, for a plan does without.
 * @throws what checkAgainstModel throws
 */
export async function checkPlan(
  run: RunConfig,
  counts: DatasetCounts,
  print: (line: string) => void,
): Promise<void> {
  const network = buildNetwork(run.model, counts.classCount);
  const { initialWeights, ...rest } = run;
  const isAbsent = initialWeights !== undefined && !existsSync(initialWeights);
  if (isAbsent) {
    print(
      `there is no file ${initialWeights} (initialWeights): planning without; training needs it`,
    );
  }
  await checkAgainstModel(isAbsent ? rest : run, network, counts.classNames);
}

/** Length of the vector that a step sums: gradient, batch-norm statistics, loss and counts. */
export function vectorElements({ parameters, statistics }: Network): number {
  return new FlatLayout(parameters).elements + new FlatLayout(statistics).elements + TAIL_ELEMENTS;
}

/** @param measurement of planned phases, by image size; undefined when nothing is measured */
export function planDryRun(
  run: RunConfig,
  counts: DatasetCounts,
  workers: number,
  measurement: Measurement | undefined,
): DryRun {
  const mode = modeOf(run);
  const plan = planRun(run, mode.plan, counts.trainSampleCount, counts.validationSampleCount);
  const network = buildNetwork(run.model, counts.classCount);
  const shape = costShapeOf(run, plan, network, workers);
  const microBatchesOfOne = Math.ceil(plan.microBatches / workers);
  const phases = plan.phases.map((phase) =>
    plannedPhase(plan, phase, microBatchesOfOne, measurement),
  );
  return {
    model: run.model.name,
    trainableParameters: countParameters(network).trainable,
    dataset: run.dataset.name,
    isDatasetPresent: counts.isPresent,
    classCount: counts.classCount,
    trainSampleCount: counts.trainSampleCount,
    validationSampleCount: counts.validationSampleCount,
    workers,
    steps: plan.stepCount,
    samples: plan.totalSamples,
    epochs: plan.totalSamples / counts.trainSampleCount,
    globalSize: plan.globalSize,
    microBatches: plan.microBatches,
    microBatchSamples: plan.globalSize / plan.microBatches,
    ...allReduceBytesPerStep(run, shape),
    guardBytes: guardBytesOf(run, shape),
    stateBytes: sectionBytes(run, shape) + mode.costs.memoryBytes(shape),
    vectorBytes: 4 * vectorElements(network),
    phases,
    warnings: noticesOf(plan),
    engine: measurement?.engine ?? null,
    hours:
      measurement === undefined ? null : phases.reduce((sum, one) => sum + (one.hours ?? 0), 0),
  };
}

function costShapeOf(run: RunConfig, plan: RunPlan, network: Network, workers: number): CostShape {
  const parameters = new FlatLayout(network.parameters);
  const vector = {
    tensorBegins: parameters.placed.map(({ begin }) => begin),
    gradientElements: parameters.elements,
    totalElements: vectorElements(network),
  };
  return {
    plan,
    workers,
    parameters,
    statisticElements: new FlatLayout(network.statistics).elements,
    buckets: planBuckets(vector, valueFormatOf(run.communication)),
  };
}

/** The sections of the training state that each worker holds whole, in bytes. */
function sectionBytes(run: RunConfig, { parameters, statisticElements }: CostShape): number {
  const sizes = heldSections(run, modeOf(run).state, parameters.elements, statisticElements);
  return 4 * sizes.reduce((sum, { elements }) => sum + elements, 0);
}

function plannedPhase(
  plan: RunPlan,
  phase: Phase,
  microBatchesOfOne: number,
  measurement: Measurement | undefined,
): PlannedPhase {
  const end = phase.firstStep + phase.stepCount;
  const measured = measurement?.bySizePx.get(phase.imageSizePx);
  const stepSeconds =
    measured === undefined
      ? null
      : measured.microBatchSeconds * microBatchesOfOne + (measurement?.updateSeconds ?? 0);
  return {
    ...phase,
    samples: Math.min(plan.totalSamples, end * plan.globalSize) - phase.firstStep * plan.globalSize,
    firstLearningRate: plan.learningRateOf(phase.firstStep),
    lastLearningRate: plan.learningRateOf(Math.max(phase.firstStep, end - 1)),
    microBatchSeconds: measured?.microBatchSeconds ?? null,
    peakMemoryBytes: measured?.peakMemoryBytes ?? null,
    hours: stepSeconds === null ? null : (stepSeconds * phase.stepCount) / 3600,
  };
}

/** With the compression; `auto`: the most that one of those that it chooses from takes. */
function allReduceBytesPerStep(run: RunConfig, shape: CostShape): PlannedBytes {
  const { compression, allowed } = run.communication;
  const choices = compression === 'auto' ? allowed : [compression];
  const lossy = shape.workers > 1 ? choices.filter(isLossy) : [];
  const each = lossy.map((one) => lossyBytes(one, lossyShapeOf(run, shape), shape.workers));
  if (lossy.length < choices.length) each.push(modeOf(run).costs.bytesPerStep(shape));
  return {
    sentBytesPerStep: Math.max(...each.map((one) => one.sentBytesPerStep)),
    receivedBytesPerStep: Math.max(...each.map((one) => one.receivedBytesPerStep)),
  };
}

function guardBytesOf(run: RunConfig, shape: CostShape): number {
  const { compression, allowed, guardEverySteps } = run.communication;
  const mayBeLossy = isLossy(compression) || (compression === 'auto' && allowed.some(isLossy));
  if (!mayBeLossy || guardEverySteps === 0) return 0;
  return guardBytes(lossyShapeOf(run, shape), shape.workers);
}

function lossyShapeOf(
  { communication }: RunConfig,
  { buckets, parameters }: CostShape,
): LossyShape {
  return {
    buckets,
    parameters: parameters.placed.map(({ entry, begin }) => ({
      offset: begin,
      shape: entry.shape,
    })),
    gradientElements: parameters.elements,
    topKFraction: communication.topKFraction,
    powerSgdRank: communication.powerSgdRank,
  };
}
