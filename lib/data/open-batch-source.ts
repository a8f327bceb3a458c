/** Makes micro-batches from stream positions: chooses, augments and mixes the samples. */
import { CrescendoError, assert } from '../base/errors.ts';
import { permute } from '../base/random.ts';
import type { BadSample } from '../../proto/generated/messages.ts';
import type { RunConfig } from '../run/run-config.ts';
import type { MicroBatchInput } from './micro-batch.ts';
import type { PhaseSettings } from '../run/phases.ts';
import { drawAugmentation, evaluationPlan } from './transforms/augment.ts';
import type { BatchSource, EvaluationBatch } from './batch-source.ts';
import { limitedCount } from './dataset.ts';
import type { Dataset, DatasetDescription, DatasetSplit, StoredImage } from './dataset.ts';
import { isUnreadable, type Renderer, type RenderTask } from './renderer.ts';
import { renderTraining } from './bad-samples.ts';
import { unreadable as unreadableError } from './decode-image.ts';
import { openDataset, summaryOf } from './formats/registry.ts';
import type { DatasetSummary } from './formats/format.ts';
import type { OpenDatasetOptions } from './formats/registry.ts';
import { PixelBuffers } from './pixel-buffers.ts';
import { isMixing, mixMicroBatch } from './transforms/mixing.ts';
import { INTERPOLATION_FILTERS } from './transforms/resample.ts';

/** Told of training samples that others replace, of each once. */
type BadSampleListener = (samples: readonly BadSample[]) => void;

/**
 * Opens the run's dataset for a worker, fetching it on first use.
 * @throws CRESCENDO_DATASET_UNKNOWN, CRESCENDO_DATASET_INVALID, CRESCENDO_IMAGE_UNREADABLE,
 * CRESCENDO_LABEL_OUT_OF_RANGE
 */
export async function openBatchSource(
  run: RunConfig,
  renderer: Renderer,
  options: OpenDatasetOptions = {},
  onBadSamples: BadSampleListener = () => undefined,
): Promise<BatchSource> {
  const { mapFile } = renderer;
  const dataset = await openDataset(run.dataset, { mapFile, ...options });
  return makeBatchSource(run, dataset, renderer, onBadSamples);
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
    filesSha256: dataset.filesSha256 ?? '',
  };
}

/** A batch source over an open dataset. */
export function makeBatchSource(
  run: RunConfig,
  dataset: Dataset,
  renderer: Renderer,
  onBadSamples: BadSampleListener = () => undefined,
): BatchSource {
  const description = describe(run, dataset);
  const { classNames, trainSampleCount, validationSampleCount, filesSha256 } = description;
  const buffers = new PixelBuffers();
  const onBad = onceEach(onBadSamples);
  return {
    trainSampleCount,
    validationSampleCount,
    classNames,
    filesSha256,
    microBatch: (_step, microBatch, firstPosition, sampleCount, phase) => {
      assert(
        Number.isSafeInteger(firstPosition) && firstPosition >= 0 && sampleCount >= 0,
        `stream positions ${firstPosition} + ${sampleCount}`,
      );
      const shard = { microBatch, firstPosition, sampleCount };
      const indices = Array.from({ length: sampleCount }, (_, offset) =>
        sampleAt(firstPosition + offset, trainSampleCount, run.seed),
      );
      const source = { run, dataset, renderer, sampleCount: trainSampleCount, buffers, onBad };
      return trainingMicroBatch(source, shard, indices, phase);
    },
    recycle: ({ pixels }) => {
      buffers.give(pixels);
    },
    validation: (first, sampleCount, imageSizePx) => {
      assert(
        first >= 0 && first + sampleCount <= validationSampleCount,
        `validation samples ${first} + ${sampleCount} of ${validationSampleCount}`,
      );
      return evaluationBatch(run, dataset, renderer, { first, sampleCount }, imageSizePx);
    },
  };
}

/** The sample (0 to sampleCount - 1) at a stream position. */
export function sampleAt(position: number, sampleCount: number, seed: number): number {
  const epoch = Math.floor(position / sampleCount);
  return permute(position - epoch * sampleCount, sampleCount, seed, epoch);
}

/** Tells of each sample when it is met first. */
function onceEach(listener: BadSampleListener): BadSampleListener {
  const known = new Set<number>();
  return (samples) => {
    const news = samples.filter(({ index }) => !known.has(index));
    for (const { index } of news) known.add(index);
    if (news.length > 0) listener(news);
  };
}

interface TrainingSource {
  readonly run: RunConfig;
  readonly dataset: Dataset;
  readonly renderer: Renderer;
  /** After trainSamplesMax. */
  readonly sampleCount: number;
  readonly buffers: PixelBuffers;
  readonly onBad: BadSampleListener;
}

async function trainingMicroBatch(
  { run, dataset, renderer, sampleCount: ofAll, buffers, onBad }: TrainingSource,
  shard: Pick<MicroBatchInput, 'microBatch' | 'firstPosition' | 'sampleCount'>,
  indices: readonly number[],
  phase: PhaseSettings,
): Promise<MicroBatchInput> {
  const { firstPosition, sampleCount } = shard;
  const { seed, recipe, augmentation } = run;
  const sidePx = phase.imageSizePx;
  const { randAugmentMagnitude, mixupAlpha, cutmixAlpha, erasingRate } = phase;
  const settings = { seed, recipe, sidePx, augmentation, randAugmentMagnitude, erasingRate };
  const labels = new Int32Array(sampleCount);
  const rendering = {
    split: dataset.train,
    sampleCount: ofAll,
    policy: run.dataset.badSamples,
    renderer,
    filter: INTERPOLATION_FILTERS[run.interpolation],
    sidePx,
    planOf: (image: StoredImage, index: number, at: number) => {
      labels[at] = labelOf(dataset, dataset.train, index);
      return drawAugmentation(image, settings, firstPosition + at);
    },
    onBad,
  };
  const pixels = buffers.take(sampleCount * sidePx * sidePx * 3);
  await renderTraining(rendering, indices, pixels);
  const targets = oneHot(labels, dataset.classNames.length);
  const mix = { seed, recipe, mixupAlpha, cutmixAlpha, sidePx };
  const isMixed = isMixing(phase) && sampleCount > 0;
  const mixing = isMixed ? mixMicroBatch(targets, sampleCount, firstPosition, mix) : undefined;
  return { ...shard, pixels, mixing, targets, labels };
}

async function evaluationBatch(
  run: RunConfig,
  dataset: Dataset,
  renderer: Renderer,
  { first, sampleCount }: { readonly first: number; readonly sampleCount: number },
  sidePx: number,
): Promise<EvaluationBatch> {
  const squareBytes = sidePx * sidePx * 3;
  const unreadable: { readonly index: number; readonly text: string }[] = [];
  const indices: number[] = [];
  const tasks: RenderTask[] = [];
  const labels = new Int32Array(sampleCount);
  for (let index = first; index < first + sampleCount; index++) {
    const image = dataset.validation.imageOf(index);
    if (image.kind === 'unreadable') {
      const { message: text } = unreadableError(image.name, image.reason);
      unreadable.push({ index, text });
      continue;
    }
    labels[tasks.length] = labelOf(dataset, dataset.validation, index);
    indices.push(index);
    tasks.push({ image, plan: evaluationPlan(image, run.evaluation.crop, sidePx) });
  }
  const pixels = new Uint8Array(tasks.length * squareBytes);
  const filter = INTERPOLATION_FILTERS[run.interpolation];
  const failures = await renderer.render(tasks, filter, sidePx, pixels);
  for (const { at, error } of failures) {
    if (!isUnreadable(error)) throw error;
    unreadable.push({ index: indices[at] as number, text: error.message });
  }
  const places = failures.map(({ at }) => at);
  const kept = tasks.length - places.length;
  closeGaps(pixels, squareBytes, places);
  closeGaps(labels, 1, places);
  return {
    pixels: pixels.subarray(0, kept * squareBytes),
    labels: labels.subarray(0, kept),
    sampleCount: kept,
    unreadable: unreadable.sort((left, right) => left.index - right.index).map(({ text }) => text),
  };
}

function labelOf({ name, classNames }: Dataset, split: DatasetSplit, index: number): number {
  return checkedLabel(split.labelOf(index), classNames.length, name);
}

function oneHot(labels: Int32Array, classCount: number): Float32Array {
  const targets = new Float32Array(labels.length * classCount);
  for (const [at, label] of labels.entries()) targets[at * classCount + label] = 1;
  return targets;
}

/** Moves rows of so many values over those at `gaps`, which are ascending. */
function closeGaps(
  values: Uint8Array | Int32Array,
  rowValues: number,
  gaps: readonly number[],
): void {
  for (const [index, gap] of gaps.entries()) {
    const end = gaps[index + 1] ?? values.length / rowValues;
    values.copyWithin((gap - index) * rowValues, (gap + 1) * rowValues, end * rowValues);
  }
}

function checkedLabel(label: number, classCount: number, datasetName: string): number {
  if (label >= 0 && label < classCount) return label;
  throw new CrescendoError(
    'CRESCENDO_LABEL_OUT_OF_RANGE',
    `dataset ${datasetName} has a sample of class ${label}, but only ${classCount} classes; ` +
      'correct its labels',
  );
}
