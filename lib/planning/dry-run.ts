/**
 * `crescendo train --dry-run`: what a run would do, computed and measured before it starts. The
 * plan is the coordinator's own; times come from one micro-batch per image size on this machine.
 */
import { existsSync } from 'node:fs';
import { CrescendoError, defined } from '../base/errors.ts';
import { int8Compressor } from '../collective/compression/int8.ts';
import { javascriptCompressionKernels } from '../collective/kernels/compression.ts';
import { PowerSgd } from '../collective/compression/power-sgd.ts';
import { topKCompressor } from '../collective/compression/top-k.ts';
import { bytesPerValue, javascriptKernels } from '../collective/kernels/vector.ts';
import {
  CHUNK_ELEMENTS_MAX,
  cutChunks,
  planBuckets,
  type Bucket,
  type Chunk,
} from '../collective/buckets.ts';
import { ShardLayout } from '../collective/shard-layout.ts';
import { packedBuckets } from '../collective/all-reduce/power-sgd.ts';
import { coverNodes, evenPart } from '../collective/tree.ts';
import {
  isLossy,
  valueFormatOf,
  type LossyCompression,
  type RunConfig,
} from '../run/run-config.ts';
import { planRun, type RunPlan } from '../run/plan.ts';
import { limitedCount } from '../data/dataset.ts';
import { describeDataset } from '../data/open-batch-source.ts';
import { TAIL_ELEMENTS } from '../collective/step-vector.ts';
import { LossScale } from '../optim/loss-scale.ts';
import { COUNT_ELEMENTS } from '../optim/update-count.ts';
import { FlatLayout } from '../optim/flat-layout.ts';
import { initialMomentsOf } from '../optim/optimizer.ts';
import { NORM_BLOCK_ELEMENTS, normPieces } from '../optim/update-pieces.ts';
import { updateSegments } from '../optim/update-segments.ts';
import type { ParameterSpec } from '../models/nn/layout.ts';
import type { Network } from '../models/network.ts';
import { buildNetwork, countParameters } from '../models/registry.ts';
import type { Phase } from '../run/phases.ts';
import { checkAgainstModel } from '../launch/check-run.ts';
import type { Measurement } from './measure-phases.ts';

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
  /** Of the worker that has most to send, without frame headers; with local SGD on average. */
  readonly sentBytesPerStep: number;
  readonly receivedBytesPerStep: number;
  /**
   * Sent, and received, on top in a step in which a bucket travels as float32 too
   * (communication.guardEverySteps): of the largest one. 0 where none does.
   */
  readonly guardBytes: number;
  /**
   * Weights, statistics, moments and EMA on each worker, and what local SGD needs; of slots
   * that are sharded the largest share.
   */
  readonly stateBytes: number;
  /** One gradient vector; a worker holds about log2(micro-batches) + 2 of them. */
  readonly vectorBytes: number;
  readonly phases: readonly PlannedPhase[];
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
  const plan = planRun(run, counts.trainSampleCount, counts.validationSampleCount);
  const network = buildNetwork(run.model, counts.classCount);
  const parameters = new FlatLayout(network.parameters);
  const p = parameters.elements;
  const m = new FlatLayout(network.statistics).elements;
  const emaCopies = run.training.emaDecay > 0 ? 1 : 0;
  const slots = initialMomentsOf(run.training.optimizer).length;
  const scale = new LossScale(run);
  const counterElements = scale.export().length + COUNT_ELEMENTS;
  const totalElements = p + m + TAIL_ELEMENTS;
  const buckets = planBuckets(
    {
      tensorBegins: parameters.placed.map(({ begin }) => begin),
      ...{ gradientElements: p, totalElements },
    },
    valueFormatOf(run.communication),
  );
  const shardsOfOne = Math.ceil(plan.microBatches / workers);
  const phases = plan.phases.map((phase) => plannedPhase(plan, phase, shardsOfOne, measurement));
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
    ...allReduceBytesPerStep(run, plan, workers, buckets, parameters),
    guardBytes: guardBytes(run, workers, buckets, p),
    stateBytes:
      4 * (p * (1 + emaCopies) + m * (1 + emaCopies) + counterElements) +
      (plan.isSharded ? shardBytes(buckets, p, slots, workers) : 4 * p * slots) +
      (plan.isLocal ? localSgdBytes(p, m, slots) : 0),
    vectorBytes: 4 * totalElements,
    phases,
    engine: measurement?.engine ?? null,
    hours:
      measurement === undefined ? null : phases.reduce((sum, one) => sum + (one.hours ?? 0), 0),
  };
}

function plannedPhase(
  plan: RunPlan,
  phase: Phase,
  shardsOfOne: number,
  measurement: Measurement | undefined,
): PlannedPhase {
  const end = phase.firstStep + phase.stepCount;
  const measured = measurement?.bySizePx.get(phase.imageSizePx);
  const stepSeconds =
    measured === undefined
      ? null
      : measured.microBatchSeconds * shardsOfOne + (measurement?.updateSeconds ?? 0);
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
function allReduceBytesPerStep(
  run: RunConfig,
  plan: RunPlan,
  workers: number,
  buckets: readonly Bucket[],
  parameters: FlatLayout<ParameterSpec>,
): ReturnType<typeof allReduceBytes> {
  const { compression, allowed } = run.communication;
  const choices = compression === 'auto' ? allowed : [compression];
  const lossy = workers > 1 ? choices.filter(isLossy) : [];
  const each = lossy.map((one) => codedBytes(run, one, buckets, parameters, workers));
  if (lossy.length < choices.length) {
    each.push(exactBytesPerStep(run, plan, workers, buckets, parameters));
  }
  return {
    sentBytesPerStep: Math.max(...each.map((one) => one.sentBytesPerStep)),
    receivedBytesPerStep: Math.max(...each.map((one) => one.receivedBytesPerStep)),
  };
}

/** With local SGD members are the leaves of the tree, and one all-reduce is for several steps. */
function exactBytesPerStep(
  run: RunConfig,
  plan: RunPlan,
  workers: number,
  buckets: readonly Bucket[],
  parameters: FlatLayout<ParameterSpec>,
): ReturnType<typeof allReduceBytes> {
  if (plan.isSharded) return shardedBytes(run, plan, workers, buckets, parameters);
  if (!plan.isLocal) return allReduceBytes(buckets, plan.microBatches, workers);
  const { innerSteps } = run.training.localSgd;
  const allReduces = plan.phases.reduce(
    (sum, { stepCount }) => sum + Math.ceil(stepCount / innerSteps),
    0,
  );
  const each = allReduceBytes(buckets, workers, workers);
  const perStep = (bytes: number): number => Math.round((bytes * allReduces) / plan.stepCount);
  return {
    sentBytesPerStep: perStep(each.sentBytesPerStep),
    receivedBytesPerStep: perStep(each.receivedBytesPerStep),
  };
}

/** Owners send weights, and squares for the norm; to their backups sums in place of weights. */
function shardedBytes(
  run: RunConfig,
  plan: RunPlan,
  workers: number,
  buckets: readonly Bucket[],
  parameters: FlatLayout<ParameterSpec>,
): ReturnType<typeof allReduceBytes> {
  const { segments } = updateSegments(parameters, run.training);
  const bytes = allReduceBytes(buckets, plan.microBatches, workers, {
    alignmentElements: NORM_BLOCK_ELEMENTS,
    resultBytesOf: ({ offset, length }) => {
      const squares = normPieces(segments, offset, offset + length).length / 3;
      return length * 4 + squares * Float64Array.BYTES_PER_ELEMENT;
    },
    backupSavedBytesOf: ({ bucket, length }) =>
      length * (4 - bytesPerValue(defined(buckets[bucket], 'bucket').format)),
  });
  // With each member's squares goes a count.
  const counts = Float64Array.BYTES_PER_ELEMENT * (workers - 1);
  return {
    sentBytesPerStep: bytes.sentBytesPerStep + counts,
    receivedBytesPerStep: bytes.receivedBytesPerStep + counts,
  };
}

/** With lossy compression members are the leaves of the tree; top-k's pieces at their longest. */
function codedBytes(
  { communication, seed }: RunConfig,
  compression: LossyCompression,
  buckets: readonly Bucket[],
  parameters: FlatLayout,
  workers: number,
): ReturnType<typeof allReduceBytes> {
  const kernels = { vectors: javascriptKernels, compressions: javascriptCompressionKernels };
  if (compression === 'power-sgd') {
    const sizes = new PowerSgd(kernels, {
      ...{
        rank: communication.powerSgdRank,
        seed,
        elements: Math.max(...buckets.map((b) => b.end)),
      },
      parameters: parameters.placed.map(({ entry, begin }) => {
        return { offset: begin, shape: entry.shape };
      }),
    });
    return allReduceBytes(packedBuckets(sizes), workers, workers);
  }
  const settings = { fraction: communication.topKFraction, elementsMax: CHUNK_ELEMENTS_MAX };
  const pieces =
    compression === 'int8'
      ? int8Compressor(kernels.compressions)
      : topKCompressor(kernels, settings);
  return allReduceBytes(buckets, workers, workers, {
    bytesOf: ({ offset, length }) =>
      offset < parameters.elements ? pieces.encodedBytesMax(length) : length * 4,
  });
}

/** Of the largest bucket of gradients, once more as float32 (lib/collective/all-reduce/lossy.ts). */
function guardBytes(
  { communication }: RunConfig,
  workers: number,
  buckets: readonly Bucket[],
  gradientElements: number,
): number {
  const { compression, allowed, guardEverySteps } = communication;
  const mayBeLossy = isLossy(compression) || (compression === 'auto' && allowed.some(isLossy));
  if (!mayBeLossy || guardEverySteps === 0) return 0;
  const guarded = buckets.filter(({ end }) => end <= gradientElements);
  const bytes = guarded.map(({ begin, end }) => {
    const exact: Bucket = { begin: 0, end: end - begin, format: 'float32' };
    const { sentBytesPerStep, receivedBytesPerStep } = allReduceBytes([exact], workers, workers);
    return Math.max(sentBytesPerStep, receivedBytesPerStep);
  });
  return Math.max(0, ...bytes);
}

/** The largest shard of the optimizer state (lib/optim/modes/sharded/optimizer-shards.ts) on one machine. */
function shardBytes(
  buckets: readonly Bucket[],
  gradientElements: number,
  slots: number,
  workers: number,
): number {
  const members = Array.from({ length: workers }, (_, slot) => ({ slot, machine: '' }));
  const ofGradient = buckets.filter(({ begin }) => begin < gradientElements);
  const layout = new ShardLayout(members, ofGradient, NORM_BLOCK_ELEMENTS);
  const elements = members.map(({ slot }) =>
    layout.rangesOf(slot).reduce((sum, { begin, end }) => sum + end - begin, 0),
  );
  return 4 * Math.max(...elements) * (1 + 2 * slots);
}

/** The anchor, the momentum of the outer step and its count (lib/optim/modes/local-sgd/local-sgd.ts). */
function localSgdBytes(p: number, m: number, slots: number): number {
  return 4 * (p * (2 + slots) + m + COUNT_ELEMENTS);
}

/** How much of a chunk travels; by default it and its result in the format of its bucket. */
interface ChunkBytes {
  readonly bytesOf?: (chunk: Chunk) => number;
  readonly resultBytesOf?: (chunk: Chunk) => number;
  /** By how much less goes to the owner's backup than to others. */
  readonly backupSavedBytesOf?: (chunk: Chunk) => number;
  /** See cutChunks(). */
  readonly alignmentElements?: number;
}

/**
 * Payload that the busiest worker sends and receives in a step (lib/collective/all-reduce/all-reduce.ts), where each
 * worker has a machine of its own.
 */
export function allReduceBytes(
  buckets: readonly Bucket[],
  microBatches: number,
  workers: number,
  chunkBytes: ChunkBytes = {},
): Pick<DryRun, 'sentBytesPerStep' | 'receivedBytesPerStep'> {
  const {
    bytesOf = ({ bucket, length }: Chunk) =>
      length * bytesPerValue(defined(buckets[bucket], 'bucket').format),
    resultBytesOf = bytesOf,
    backupSavedBytesOf = () => 0,
  } = chunkBytes;
  const members = Array.from({ length: workers }, (_, index) => {
    const share = new Set(evenPart(microBatches, index, workers));
    return { own: 0, results: 0, backupSaved: 0, sums: coverNodes(share, microBatches).length };
  });
  for (const chunk of cutChunks(buckets, workers, chunkBytes.alignmentElements)) {
    const owner = defined(members[chunk.owner], 'owner');
    owner.own += bytesOf(chunk);
    owner.results += resultBytesOf(chunk);
    owner.backupSaved += backupSavedBytesOf(chunk);
  }
  const sumOf = (part: (member: Owned) => number): number =>
    members.reduce((sum, member) => sum + part(member), 0);
  const most = (part: (member: Owned, index: number) => number): number =>
    Math.max(...members.map(part));
  const total = sumOf(({ own }) => own);
  const allSums = sumOf(({ sums }) => sums);
  const allResults = sumOf(({ results }) => results);
  if (workers === 1) return { sentBytesPerStep: 0, receivedBytesPerStep: 0 };
  return {
    sentBytesPerStep: most(
      ({ own, sums, results, backupSaved }) =>
        sums * (total - own) + results * (workers - 1) - backupSaved,
    ),
    receivedBytesPerStep: most(
      ({ own, sums, results }, index) =>
        (allSums - sums) * own + allResults - results - (members.at(index - 1)?.backupSaved ?? 0),
    ),
  };
}

/** Of a worker: bytes of the sums that it owns, and of their results; how many sums it has itself. */
interface Owned {
  readonly own: number;
  readonly results: number;
  readonly backupSaved: number;
  readonly sums: number;
}
