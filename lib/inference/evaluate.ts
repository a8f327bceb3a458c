/** `crescendo evaluate`: a weights file on the validation split, in one process. */
import { CrescendoError } from '../base/errors.ts';
import type { RunConfig } from '../run/run-config.ts';
import { EVALUATION_BATCH_SAMPLES } from '../run/plan.ts';
import { openBatchSource } from '../data/open-batch-source.ts';
import { createEngine } from '../engine/create-engine.ts';
import { createRendererFor } from '../engine/create-renderer.ts';
import type { Engine, EvaluationCounts } from '../engine/engine.ts';
import { countCorrect } from '../engine/model-step.ts';
import type { EvaluationBatch } from '../data/batch-source.ts';
import {
  cropOf,
  isNormalizedByEngine,
  normalize,
  preprocessingOf,
  type Preprocessing,
} from '../data/transforms/preprocessing.ts';
import type { NamedTensor } from '../weights/named-tensor.ts';
import { readWeightsOf, type WeightsFile } from './weights-file.ts';

const CLASSIFIER = 'head.dense.';
/** Class names that an error has of each side. */
const LISTED_MAX = 20;

export interface WeightsEvaluation {
  readonly top1: number;
  readonly top5: number;
  readonly loss: number;
  /** Images that were evaluated; with none of them top1, top5 and loss are NaN. */
  readonly sampleCount: number;
  /** What is wrong with images that could not be decoded and were left out, with their names. */
  readonly unreadable: readonly string[];
  readonly imageSizePx: number;
  /** As the weights need it. */
  readonly preprocessing: Preprocessing;
}

/** @throws CRESCENDO_WEIGHTS_INVALID when the file does not hold this model's tensors */
export async function evaluateWeights(run: RunConfig, path: string): Promise<WeightsEvaluation> {
  const weights = await readWeightsOf(path, run.model, true, { format: 'auto' });
  const { loss, isStated } = weights.description;
  // Weights of a run that says nothing are taken for those of this run file.
  const isOwn = weights.report.format === 'crescendo' && isStated !== true;
  const preprocessing = isOwn
    ? preprocessingOf(run.evaluation.crop)
    : weights.description.preprocessing;
  const interpolation = isOwn ? run.interpolation : weights.description.interpolation;
  const evaluation = { ...run.evaluation, crop: cropOf(preprocessing) };
  const asTrained = { ...run, evaluation, interpolation };
  const source = await openBatchSource(asTrained, await createRendererFor(run.engine));
  const { classNames } = source;
  if (source.validationSampleCount === 0) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `dataset ${run.dataset.name} has no validation images: put some into validation/<class>/, ` +
        'or raise dataset.validationSamplesMax',
    );
  }
  const tensors = inOrderOf(path, weights, classNames);
  const training = { ...run.training, loss: isOwn ? run.training.loss : loss };
  const engine = await createEngine({ ...run, training }, classNames.length);
  engine.importWeights(tensors);
  const imageSizePx = run.evaluation.imageSizePx;
  const total = { top1: 0, top5: 0, loss: 0, samples: 0 };
  const unreadable: string[] = [];
  const count = source.validationSampleCount;
  for (let first = 0; first < count; first += EVALUATION_BATCH_SAMPLES) {
    const size = Math.min(EVALUATION_BATCH_SAMPLES, count - first);
    const batch = await source.validation(first, size, imageSizePx);
    unreadable.push(...batch.unreadable);
    if (batch.sampleCount === 0) continue;
    const result = await evaluateBatch(engine, batch, imageSizePx, preprocessing);
    total.top1 += result.top1Count;
    total.top5 += result.top5Count;
    total.loss += result.lossSum;
    total.samples += batch.sampleCount;
  }
  engine.dispose();
  return {
    top1: total.top1 / total.samples,
    top5: total.top5 / total.samples,
    loss: total.loss / total.samples,
    sampleCount: total.samples,
    unreadable,
    imageSizePx,
    preprocessing,
  };
}

/**
 * The tensors of weights with their classes in the order of a dataset.
 * @throws CRESCENDO_WEIGHTS_INVALID for other classes
 */
function inOrderOf(
  path: string,
  { tensors, network, description }: WeightsFile,
  classNames: readonly string[],
): readonly NamedTensor[] {
  const { classNames: theirs } = description;
  const isOther = theirs?.length === classNames.length && hasOthers(theirs, classNames);
  if (network.classCount !== classNames.length || isOther) {
    const list = (names: readonly string[]): string =>
      names.slice(0, LISTED_MAX).join(', ') + (names.length > LISTED_MAX ? ', ...' : '');
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `${path} tells ${network.classCount} classes apart` +
        (theirs === undefined ? '' : ` (${list(theirs)})`) +
        ` and the dataset has ${classNames.length} (${list(classNames)}): ` +
        'evaluate on the classes that it was trained on (dataset.classes)',
    );
  }
  if (theirs === undefined || theirs.join('\0') === classNames.join('\0')) return tensors;
  const order = classNames.map((name) => theirs.indexOf(name));
  return tensors.map((tensor) =>
    tensor.name.startsWith(CLASSIFIER) ? reordered(tensor, order) : tensor,
  );
}

function hasOthers(theirs: readonly string[], ours: readonly string[]): boolean {
  const known = new Set(theirs);
  return known.size !== theirs.length
    ? theirs.join('\0') !== ours.join('\0')
    : ours.some((name) => !known.has(name));
}

/** A tensor whose last dimension is that of the classes. @param order column i is their order[i] */
function reordered({ name, shape, values }: NamedTensor, order: readonly number[]): NamedTensor {
  const classCount = order.length;
  const moved = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += classCount) {
    for (const [column, from] of order.entries()) {
      moved[row + column] = values[row + from] as number;
    }
  }
  return { name, shape, values: moved };
}

/** Other frameworks' values are made here, where the engine normalizes as this project does. */
async function evaluateBatch(
  engine: Engine,
  { pixels, labels, sampleCount }: EvaluationBatch,
  imageSizePx: number,
  preprocessing: Preprocessing,
): Promise<Pick<EvaluationCounts, 'top1Count' | 'top5Count' | 'lossSum'>> {
  if (isNormalizedByEngine(preprocessing)) {
    return engine.evaluate(pixels, labels, sampleCount, imageSizePx, 'raw');
  }
  const images = new Float32Array(pixels.length);
  normalize(pixels, preprocessing, images);
  const { logits } = await engine.predict(images, sampleCount, imageSizePx, 'raw');
  const classCount = logits.length / sampleCount;
  const correct = (places: number): number =>
    countCorrect(logits, labels, classCount, sampleCount, places);
  const lossSum = labels.reduce((sum, label, at) => {
    return sum + crossEntropy(logits.subarray(at * classCount, (at + 1) * classCount), label);
  }, 0);
  return { top1Count: correct(1), top5Count: correct(5), lossSum };
}

function crossEntropy(logits: Float32Array, label: number): number {
  const largest = logits.reduce((left, right) => Math.max(left, right), -Infinity);
  const sum = logits.reduce((total, value) => total + Math.exp(value - largest), 0);
  return Math.log(sum) + largest - (logits[label] as number);
}
