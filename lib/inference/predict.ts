/** `crescendo predict`: what a model says of images, in one process. */
import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, relative } from 'node:path';
import { stringify } from 'yaml';
import { CrescendoError, assert, messageOf } from '../base/errors.ts';
import type { NpyArray } from '../weights/npy.ts';
import { parseRunText } from '../run/parse.ts';
import type { RunConfig } from '../run/run-config.ts';
import { decodeImage } from '../data/decode-image.ts';
import { listImages } from '../data/formats/folder-listing.ts';
import {
  preprocess,
  type Interpolation,
  type Preprocessing,
} from '../data/transforms/preprocessing.ts';
import { createEngine } from '../engine/create-engine.ts';
import type { Engine, Prediction } from '../engine/engine.ts';
import type { LossKind } from '../engine/loss.ts';
import type { WeightsFile } from './weights-file.ts';

/** Samples of one forward pass. */
const CHUNK_SAMPLES = 16;
const TOP_CLASSES = 5;
const IMAGE_SIZE_MAX_PX = 4096;

export interface RankedClass {
  readonly index: number;
  /** The index again where names are not known. */
  readonly name: string;
  /** Softmax over all classes; with weights of `loss: sigmoid` that of the class on its own. */
  readonly probability: number;
}

export interface ImagePrediction {
  readonly path: string;
  /** The most probable first. */
  readonly top: readonly RankedClass[];
}

/** The model with its weights, ready to predict; the caller disposes it. */
export async function predictingEngine(
  weights: WeightsFile,
  engineName: RunConfig['engine']['name'],
): Promise<Engine> {
  const run = parseRunText(
    stringify({
      model: weights.model,
      // Nothing is trained: no slots, no averages.
      training: { optimizer: { name: 'sgd', momentum: 0 }, emaDecay: 0 },
      engine: { name: engineName, intraOpThreads: availableParallelism() },
    }),
    'predict',
  );
  const engine = await createEngine(run, weights.network.classCount);
  engine.importWeights(weights.tensors);
  return engine;
}

/**
 * Predicts for an array [B, S, S, 3] that is normalized already.
 * @throws CRESCENDO_ARRAY_INVALID for another shape
 */
export async function predictArray(engine: Engine, array: NpyArray): Promise<Prediction> {
  const [count, sizePx, widthPx, channels] = array.shape;
  const isImages =
    array.shape.length === 4 &&
    channels === 3 &&
    sizePx === widthPx &&
    sizePx !== undefined &&
    sizePx >= 1 &&
    sizePx <= IMAGE_SIZE_MAX_PX;
  if (!isImages || count === undefined || count < 1) {
    throw new CrescendoError(
      'CRESCENDO_ARRAY_INVALID',
      `the input has the shape [${array.shape.join(', ')}]; images are [count, size, size, 3], ` +
        `1 to ${IMAGE_SIZE_MAX_PX} px`,
    );
  }
  const imageFloats = sizePx * sizePx * 3;
  const chunks: Prediction[] = [];
  for (let first = 0; first < count; first += CHUNK_SAMPLES) {
    const size = Math.min(CHUNK_SAMPLES, count - first);
    const images = array.values.subarray(first * imageFloats, (first + size) * imageFloats);
    chunks.push(await engine.predict(images, size, sizePx, 'raw'));
  }
  return {
    logits: joined(chunks.map((chunk) => chunk.logits)),
    features: joined(chunks.map((chunk) => chunk.features)),
  };
}

export interface ImagePredictions {
  readonly predictions: readonly ImagePrediction[];
  /** What is wrong with images that cannot be decoded, with their names. */
  readonly unreadable: readonly string[];
}

/**
 * Predicts for an image file, or for each image below a folder, with the weights' preprocessing.
 * @throws CRESCENDO_DATASET_INVALID for a folder without images
 */
export async function predictImages(
  engine: Engine,
  place: string,
  options: {
    readonly sizePx: number;
    readonly preprocessing: Preprocessing;
    readonly interpolation: Interpolation;
    readonly classNames: readonly string[] | undefined;
    readonly classCount: number;
    readonly loss: LossKind;
  },
): Promise<ImagePredictions> {
  const { sizePx, classCount, classNames, loss } = options;
  const isFile = statSync(place).isFile();
  const root = isFile ? dirname(place) : place;
  const paths = isFile ? [place] : await listImages(place);
  if (paths.length === 0) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `${place} holds no images (jpg, jpeg, png, webp or gif)`,
    );
  }
  const imageFloats = sizePx * sizePx * 3;
  const predictions: ImagePrediction[] = [];
  const unreadable: string[] = [];
  for (let first = 0; first < paths.length; first += CHUNK_SAMPLES) {
    const images = new Float32Array(CHUNK_SAMPLES * imageFloats);
    const decoded: string[] = [];
    for (const path of paths.slice(first, first + CHUNK_SAMPLES)) {
      const image = await decodeImage(path).catch((error: unknown) => messageOf(error));
      if (typeof image === 'string') {
        unreadable.push(image);
        continue;
      }
      const at = decoded.length * imageFloats;
      const target = images.subarray(at, at + imageFloats);
      preprocess(image, options.preprocessing, sizePx, target, options.interpolation);
      decoded.push(path);
    }
    if (decoded.length === 0) continue;
    const inputs = images.subarray(0, decoded.length * imageFloats);
    const { logits } = await engine.predict(inputs, decoded.length, sizePx, 'raw');
    for (const [at, path] of decoded.entries()) {
      const row = logits.subarray(at * classCount, (at + 1) * classCount);
      predictions.push({ path: relative(root, path), top: ranked(row, classNames, loss) });
    }
  }
  return { predictions, unreadable };
}

/** The most probable classes of one row of logits. */
export function ranked(
  logits: Float32Array,
  classNames: readonly string[] | undefined,
  loss: LossKind,
): RankedClass[] {
  const probabilities = loss === 'sigmoid' ? sigmoid(logits) : softmax(logits);
  const order = [...logits.keys()].sort((left, right) => {
    return (logits[right] as number) - (logits[left] as number) || left - right;
  });
  return order.slice(0, TOP_CLASSES).map((index) => ({
    index,
    name: classNames?.[index] ?? String(index),
    probability: probabilities[index] as number,
  }));
}

function softmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((left, right) => Math.max(left, right), -Infinity);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((left, right) => left + right, 0);
  return powers.map((power) => power / sum);
}

function sigmoid(logits: Float32Array): Float64Array {
  return Float64Array.from(logits, (value) => 1 / (1 + Math.exp(-value)));
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const whole = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  assert(offset === whole.length, 'parts are of another length');
  return whole;
}
