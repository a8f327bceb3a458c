/**
 * Settings that suit a dataset, from its counts and image sizes: where a person begins who has
 * images and no recipe. Each rule says in the run file why it chose what it did. Pure.
 */
import { IMAGE_SIZE_MULTIPLE_PX } from './phase-knobs.ts';

/** What is looked at. */
export interface DatasetFacts {
  readonly classCount: number;
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
  /** Median of the shorter side of the training images. */
  readonly shortSidePx: number;
}

export interface SuitedRun {
  readonly model: string;
  /** Width and depth of the network, as multiples. */
  readonly multiplier: number;
  readonly stemStride: 1 | 2;
  readonly globalSize: number;
  readonly microBatches: number;
  readonly epochs: number;
  readonly stepCount: number;
  readonly peakLearningRate: number;
  readonly warmupEpochs: number;
  readonly decayEpochs: number;
  readonly emaDecay: number;
  readonly phases: number;
  readonly minSizePx: number;
  readonly maxSizePx: number;
  readonly evaluationSizePx: number;
  /** Whether the images are so small that augmentation and network have to be small too. */
  readonly isSmall: boolean;
  readonly crop: 'none' | 'pad' | 'resized';
}

/** Networks by the least number of training images; sizes are the paper's. */
const NETWORKS = [
  { images: 200_000, model: 'efficientnetv2-s', trainPx: 300, evaluationPx: 384 },
  { images: 0, model: 'efficientnetv2-b0', trainPx: 192, evaluationPx: 224 },
] as const;

/** Below it, five halvings of the image leave too little. */
const SMALL_BELOW_PX = 64;
const SMALLEST_PX = 16;
/** A shift by an eighth is four pixels from here on. */
const PAD_FROM_PX = 32;

const BATCH_MIN = 16;
const BATCH_MAX = 256;
/** At least so many steps an epoch, and images in a micro-batch, where there are enough. */
const EPOCH_STEPS_MIN = 16;
const MICRO_BATCH_SAMPLES = 16;
const MICRO_BATCHES_MAX = 8;
const STEPS_WANTED = 3000;
const EPOCHS_MIN = 30;
const EPOCHS_MAX = 100;
const PHASES_MAX = 4;
const PHASE_STEPS_MIN = 10;
/** For 256 images, as in configs/fashion-mnist.yaml; with smaller batches in proportion. */
const PEAK_LEARNING_RATE = 0.05;
const PEAK_LEARNING_RATE_MIN = 0.01;
/** Periods after which the learning rate is multiplied by 0.6. */
const DECAY_PERIODS = 5;

/** @param facts with at least one training image */
export function suitRun(facts: DatasetFacts): SuitedRun {
  const { trainSampleCount: images, shortSidePx } = facts;
  const network = NETWORKS.find((one) => images >= one.images) ?? NETWORKS[1];
  const isSmall = shortSidePx < SMALL_BELOW_PX;
  const largest = Math.max(SMALLEST_PX, wholeSize(shortSidePx));
  const maxSizePx = Math.min(network.trainPx, largest);
  const minSizePx = Math.max(SMALLEST_PX, wholeSize(maxSizePx / 2));
  const globalSize = batchOf(images);
  const epochSteps = images / globalSize;
  const epochs = clamp(Math.ceil(STEPS_WANTED / epochSteps), EPOCHS_MIN, EPOCHS_MAX);
  const stepCount = Math.ceil((epochs * images) / globalSize);
  const peak = (PEAK_LEARNING_RATE * globalSize) / BATCH_MAX;
  return {
    model: isSmall ? 'efficientnetv2-b0' : network.model,
    multiplier: isSmall ? 0.5 : 1,
    stemStride: isSmall ? 1 : 2,
    globalSize,
    microBatches: clamp(
      globalSize / MICRO_BATCH_SAMPLES,
      Math.min(2, globalSize),
      MICRO_BATCHES_MAX,
    ),
    epochs,
    stepCount,
    peakLearningRate: rounded(Math.max(PEAK_LEARNING_RATE_MIN, peak)),
    warmupEpochs: rounded(epochs / 20),
    decayEpochs: rounded(epochs / DECAY_PERIODS),
    emaDecay: clamp(Math.round(1e4 * (1 - 20 / stepCount)) / 1e4, 0.9, 0.9999),
    phases: phasesOf(minSizePx, maxSizePx, stepCount),
    minSizePx,
    maxSizePx,
    evaluationSizePx: clamp(largest, maxSizePx, network.evaluationPx),
    isSmall,
    crop: isSmall ? (maxSizePx < PAD_FROM_PX ? 'none' : 'pad') : 'resized',
  };
}

/** A power of two. */
function batchOf(images: number): number {
  const most = (count: number): number => 2 ** Math.floor(Math.log2(Math.max(1, count)));
  return clamp(most(images / EPOCH_STEPS_MIN), Math.min(BATCH_MIN, most(images)), BATCH_MAX);
}

/** Each has steps, and another size. */
function phasesOf(minSizePx: number, maxSizePx: number, stepCount: number): number {
  const sizes = (maxSizePx - minSizePx) / IMAGE_SIZE_MULTIPLE_PX + 1;
  return clamp(Math.floor(stepCount / PHASE_STEPS_MIN), 1, Math.min(PHASES_MAX, sizes));
}

function wholeSize(px: number): number {
  return Math.floor(px / IMAGE_SIZE_MULTIPLE_PX) * IMAGE_SIZE_MULTIPLE_PX;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value));
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
