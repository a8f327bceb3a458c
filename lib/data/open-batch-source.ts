/** Makes micro-batches from stream positions: chooses, augments and mixes the samples. */
import { CrescendoError, assert } from '../base/errors.ts';
import { permute } from '../base/random.ts';
import type { RunConfig } from '../run/run-config.ts';
import type { MicroBatchInput } from './micro-batch.ts';
import type { PhaseSettings } from '../run/phases.ts';
import { augmentSample, evaluationBox } from './transforms/augment.ts';
import type { BatchSource, EvaluationBatch } from './batch-source.ts';
import { limitedCount } from './dataset.ts';
import type { Dataset, DatasetDescription, DatasetSplit, Sample } from './dataset.ts';
import { openDataset, summaryOf } from './formats/registry.ts';
import type { DatasetSummary } from './formats/format.ts';
import type { OpenDatasetOptions } from './formats/registry.ts';
import { mixMicroBatch } from './transforms/mixing.ts';
import { resample } from './transforms/resample.ts';

/**
 * Opens the run's dataset for a worker, fetching it on first use.
 * @throws CRESCENDO_DATASET_UNKNOWN, CRESCENDO_DATASET_INVALID, CRESCENDO_IMAGE_UNREADABLE,
 * CRESCENDO_LABEL_OUT_OF_RANGE
 */
export async function openBatchSource(
  run: RunConfig,
  options: OpenDatasetOptions = {},
): Promise<BatchSource> {
  return makeBatchSource(run, await openDataset(run.dataset, options));
}

/**
 * Names, classes and counts of the run's dataset, for the coordinator. It loads no pixels and
 * fetches nothing; of an image folder it reads the headers.
 * @throws the same errors as openBatchSource
 */
export async function describeDataset(
  run: RunConfig,
  options: OpenDatasetOptions = {},
): Promise<DatasetDescription> {
  const summary = summaryOf(run.dataset) ?? (await openDataset(run.dataset, options));
  return describe(run, summary);
}

function describe(run: RunConfig, dataset: DatasetSummary): DatasetDescription {
  const { trainSamplesMax, validationSamplesMax } = run.dataset;
  return {
    name: dataset.name,
    classNames: dataset.classNames,
    trainSampleCount: limitedCount(dataset.train.sampleCount, trainSamplesMax),
    validationSampleCount: limitedCount(dataset.validation.sampleCount, validationSamplesMax),
  };
}

/** A batch source over an open dataset. */
export function makeBatchSource(run: RunConfig, dataset: Dataset): BatchSource {
  const { classNames, trainSampleCount, validationSampleCount } = describe(run, dataset);
  return {
    trainSampleCount,
    validationSampleCount,
    classNames,
    microBatch: (_step, microBatch, firstPosition, sampleCount, phase) => {
      const positions = { firstPosition, sampleCount };
      return trainingMicroBatch(
        run,
        dataset,
        trainSampleCount,
        { microBatch, ...positions },
        phase,
      );
    },
    validation: (first, sampleCount, imageSizePx) => {
      assert(
        first >= 0 && first + sampleCount <= validationSampleCount,
        `validation samples ${first} + ${sampleCount} of ${validationSampleCount}`,
      );
      return evaluationBatch(run, dataset, { first, sampleCount }, imageSizePx);
    },
  };
}

/** The sample (0 to sampleCount - 1) at a stream position. */
export function sampleAt(position: number, sampleCount: number, seed: number): number {
  const epoch = Math.floor(position / sampleCount);
  return permute(position - epoch * sampleCount, sampleCount, seed, epoch);
}

async function trainingMicroBatch(
  run: RunConfig,
  dataset: Dataset,
  trainSampleCount: number,
  shard: Pick<MicroBatchInput, 'microBatch' | 'firstPosition' | 'sampleCount'>,
  phase: PhaseSettings,
): Promise<MicroBatchInput> {
  const { firstPosition, sampleCount } = shard;
  assert(
    Number.isSafeInteger(firstPosition) && firstPosition >= 0 && sampleCount >= 0,
    `stream positions ${firstPosition} + ${sampleCount}`,
  );
  const classCount = dataset.classNames.length;
  const sidePx = phase.imageSizePx;
  const settings = {
    seed: run.seed,
    recipe: run.recipe,
    sidePx,
    augmentation: run.augmentation,
    randAugmentMagnitude: phase.randAugmentMagnitude,
  };
  const imageFloats = sidePx * sidePx * 3;
  const images = new Float32Array(sampleCount * imageFloats);
  const targets = new Float32Array(sampleCount * classCount);
  const labels = new Int32Array(sampleCount);
  const indices = Array.from({ length: sampleCount }, (_, offset) =>
    sampleAt(firstPosition + offset, trainSampleCount, run.seed),
  );
  const use = (sample: Sample, at: number): void => {
    const label = checkedLabel(sample.label, classCount, dataset.name);
    const position = firstPosition + at;
    labels[at] = label;
    targets[at * classCount + label] = 1;
    const offset = at * imageFloats;
    augmentSample(sample, settings, position, images, offset);
  };
  await readAll(dataset.train, indices, sidePx, use, rethrow);
  const { mixupAlpha, cutmixAlpha } = phase;
  const mixing = { seed: run.seed, recipe: run.recipe, mixupAlpha, cutmixAlpha };
  mixMicroBatch({ images, targets, sidePx }, firstPosition, mixing);
  return { ...shard, images, targets, labels };
}

async function evaluationBatch(
  run: RunConfig,
  dataset: Dataset,
  { first, sampleCount }: { readonly first: number; readonly sampleCount: number },
  sidePx: number,
): Promise<EvaluationBatch> {
  const imageFloats = sidePx * sidePx * 3;
  const images = new Float32Array(sampleCount * imageFloats);
  const labels = new Int32Array(sampleCount);
  const indices = Array.from({ length: sampleCount }, (_, offset) => first + offset);
  const unreadable = new Map<number, string>();
  const use = (sample: Sample, at: number): void => {
    labels[at] = checkedLabel(sample.label, dataset.classNames.length, dataset.name);
    const box = evaluationBox(sample, run.evaluation.crop, sidePx);
    resample(sample, box, false, sidePx, images, at * imageFloats);
  };
  await readAll(dataset.validation, indices, sidePx, use, (error, at) => {
    if (!isUnreadable(error)) throw error;
    unreadable.set(at, error.message);
  });
  // In the order of the samples, whichever was decoded first.
  const places = [...unreadable.keys()].sort((left, right) => left - right);
  const kept = sampleCount - places.length;
  closeGaps(images, imageFloats, places);
  closeGaps(labels, 1, places);
  return {
    images: images.subarray(0, kept * imageFloats),
    labels: labels.subarray(0, kept),
    sampleCount: kept,
    unreadable: places.map((at) => unreadable.get(at) as string),
  };
}

function isUnreadable(error: unknown): error is CrescendoError {
  return error instanceof CrescendoError && error.code === 'CRESCENDO_IMAGE_UNREADABLE';
}

/** Moves rows of so many values over those at `gaps`, which are ascending. */
function closeGaps(
  values: Float32Array | Int32Array,
  rowValues: number,
  gaps: readonly number[],
): void {
  for (const [index, gap] of gaps.entries()) {
    const end = gaps[index + 1] ?? values.length / rowValues;
    values.copyWithin((gap - index) * rowValues, (gap + 1) * rowValues, end * rowValues);
  }
}

/**
 * Calls `use` for every sample with its place in `indices`; several are decoded at once.
 * @param onFailed told of a sample that cannot be read; what it throws ends the reading
 */
async function readAll(
  split: DatasetSplit,
  indices: readonly number[],
  sidePx: number,
  use: (sample: Sample, at: number) => void,
  onFailed: (error: unknown, at: number) => void,
): Promise<void> {
  const { readNow } = split;
  if (readNow !== null) {
    indices.forEach((index, at) => use(readNow(index), at));
    return;
  }
  await Promise.all(
    indices.map(async (index, at) => {
      let sample: Sample;
      try {
        sample = await split.read(index, sidePx);
      } catch (error) {
        onFailed(error, at);
        return;
      }
      use(sample, at);
    }),
  );
}

function rethrow(error: unknown): never {
  throw error;
}

function checkedLabel(label: number, classCount: number, datasetName: string): number {
  if (label >= 0 && label < classCount) return label;
  throw new CrescendoError(
    'CRESCENDO_LABEL_OUT_OF_RANGE',
    `dataset ${datasetName} has a sample of class ${label}, but only ${classCount} classes; ` +
      'correct its labels',
  );
}
