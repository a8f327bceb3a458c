/** Makes small image files and run configurations for tests of the data side. */
import { parseRunText } from '../../lib/run/parse.ts';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type {
  AugmentationConfig,
  DatasetConfig,
  EvaluationConfig,
  Recipe,
  RunConfig,
} from '../../lib/run/run-config.ts';
import type { Dataset, DatasetSplit, EncodedImage, PixelImage } from '../../lib/data/dataset.ts';
import { PIXEL_PADDING_BYTES } from '../../lib/data/decode-image.ts';
import { barePhase, type PhaseSettings } from '../../lib/run/phases.ts';
import { bareSchedule } from './schedule.ts';

/** Runs `body` with a fresh folder that is removed afterwards. */
export async function withTemporaryFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'crescendo-test-'));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes an image of one color; the extension gives the format. */
export async function writeImage(
  path: string,
  options: { widthPx?: number; heightPx?: number; color?: string } = {},
): Promise<void> {
  const { widthPx = 6, heightPx = 5, color = '#204060' } = options;
  await mkdir(dirname(path), { recursive: true });
  const create = { width: widthPx, height: heightPx, channels: 3, background: color } as const;
  await sharp({ create }).toFile(path);
}

/** Writes any file, with the folders above it. */
export async function writeTextFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

const DEFAULTS = parseRunText('model: { name: efficientnetv2-b0 }', 'test');

/** One epoch of SGD in which nothing else is on. */
const PLAIN_TRAINING: RunConfig['training'] = {
  ...DEFAULTS.training,
  epochs: 1,
  steps: 0,
  loss: 'softmax',
  optimizer: {
    name: 'sgd',
    momentum: 0,
    nesterov: false,
    decay: 0.9,
    epsilon: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    sharded: false,
  },
  learningRate: {
    peak: 0.1,
    warmupEpochs: 0,
    warmupSteps: 0,
    decay: 'constant',
    decayFrom: 'start',
    minimum: 0,
    decayRate: 1,
    decayEpochs: 1,
  },
  weightDecay: 0,
  weightDecayExclude: [],
  freeze: [],
  layerDecay: 1,
  learningRateFactors: {},
  clipNorm: 0,
  labelSmoothing: 0,
  emaDecay: 0,
  localSgd: {
    innerSteps: 0,
    outerLearningRate: 0.7,
    outerMomentum: 0.9,
    outerNesterov: true,
  },
};

export const PLAIN_AUGMENTATION: AugmentationConfig = {
  horizontalFlip: false,
  crop: 'none',
  cutoutRatio: 0,
  padRatio: 0.125,
  autoAugment: 'none',
  erasingFill: 'gray',
};

/** A run configuration with the parts that the data side reads. */
export function dataRun(
  parts: {
    seed?: number;
    recipe?: Recipe;
    interpolation?: RunConfig['interpolation'];
    dataset?: Partial<DatasetConfig>;
    augmentation?: Partial<AugmentationConfig>;
    evaluation?: Partial<EvaluationConfig>;
  } = {},
): RunConfig {
  return {
    seed: parts.seed ?? 7,
    recipe: parts.recipe ?? 'paper',
    interpolation: parts.interpolation ?? 'bilinear',
    model: DEFAULTS.model,
    dataset: {
      name: 'fashion-mnist',
      badSamples: 'fail',
      trainSamplesMax: 0,
      validationSamplesMax: 0,
      expected: { trainSampleCount: 0, validationSampleCount: 0, classCount: 0 },
      ...parts.dataset,
    },
    communication: {
      compression: 'float32',
      topKFraction: 0.01,
      powerSgdRank: 4,
      allowed: ['float32'],
      guardEverySteps: 0,
      guardSimilarityMin: 0.98,
    },
    batch: { globalSize: 8, microBatches: 2 },
    training: PLAIN_TRAINING,
    schedule: bareSchedule(8),
    augmentation: {
      ...PLAIN_AUGMENTATION,
      horizontalFlip: true,
      crop: 'resized',
      ...parts.augmentation,
    },
    evaluation: {
      ...DEFAULTS.evaluation,
      imageSizePx: 8,
      crop: 'none',
      atPhaseEnd: true,
      ...parts.evaluation,
    },
    checkpoint: DEFAULTS.checkpoint,
    engine: {
      name: 'js',
      intraOpThreads: 1,
      precision: 'float32',
      xla: false,
      tf32: true,
      deterministic: true,
    },
    cluster: DEFAULTS.cluster,
  };
}

/** A phase of `imageSizePx` without regularization but for what `parts` says. */
export function dataPhase(imageSizePx: number, parts: Partial<PhaseSettings> = {}): PhaseSettings {
  return { ...barePhase(imageSizePx), ...parts };
}

/** A gray or color image from its pixels, row by row, `offset` bytes from an array's begin. */
export function makeImage(
  widthPx: number,
  heightPx: number,
  pixels: ArrayLike<number>,
  offset = 0,
): PixelImage {
  const channels = pixels.length === widthPx * heightPx ? 1 : 3;
  const bytes = new Uint8Array(offset + pixels.length + PIXEL_PADDING_BYTES);
  bytes.set(pixels, offset);
  return { kind: 'pixels', bytes, offset, widthPx, heightPx, channels };
}

/** The pixels of an image. */
export function pixelsOf({ bytes, offset, widthPx, heightPx, channels }: PixelImage): Uint8Array {
  return bytes.slice(offset, offset + widthPx * heightPx * channels);
}

/** An image file that is nothing but a plain JPEG image, unless told otherwise. */
export function makeEncoded(
  path: string,
  widthPx: number,
  heightPx: number,
  isPlainJpeg = true,
): EncodedImage {
  return { kind: 'encoded', path, offset: 0, length: 0, widthPx, heightPx, isPlainJpeg };
}

/** A dataset in memory: sample i is 4 x 4 gray pixels from 16 * i upwards (modulo 251). */
export function countingDataset(
  trainSampleCount: number,
  validationSampleCount: number,
  classCount: number,
): Dataset {
  const split = (sampleCount: number): DatasetSplit => ({
    sampleCount,
    labelOf: (index) => index % classCount,
    imageOf: (index) =>
      makeImage(
        4,
        4,
        Array.from({ length: 16 }, (_, at) => (index * 16 + at) % 251),
      ),
  });
  return {
    name: 'counting',
    classNames: Array.from({ length: classCount }, (_, label) => `class-${label}`),
    train: split(trainSampleCount),
    validation: split(validationSampleCount),
  };
}
