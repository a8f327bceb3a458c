/** `crescendo evaluate`: a weights file on the validation split, in one process. */
import { CrescendoError } from '../base/errors.ts';
import type { RunConfig } from '../run/run-config.ts';
import { EVALUATION_BATCH_SAMPLES } from '../run/plan.ts';
import { openBatchSource } from '../data/open-batch-source.ts';
import { createEngine } from '../engine/create-engine.ts';
import { createRendererFor } from '../engine/create-renderer.ts';
import { readWeightsOf } from './weights-file.ts';

export interface WeightsEvaluation {
  readonly top1: number;
  readonly top5: number;
  readonly loss: number;
  /** Images that were evaluated; with none of them top1, top5 and loss are NaN. */
  readonly sampleCount: number;
  /** What is wrong with images that could not be decoded and were left out, with their names. */
  readonly unreadable: readonly string[];
  readonly imageSizePx: number;
}

/** @throws CRESCENDO_WEIGHTS_INVALID when the file does not hold this model's tensors */
export async function evaluateWeights(run: RunConfig, path: string): Promise<WeightsEvaluation> {
  const { network, tensors } = await readWeightsOf(path, run.model, true, { format: 'auto' });
  const source = await openBatchSource(run, await createRendererFor(run.engine));
  const { length: classCount } = source.classNames;
  if (network.classCount !== classCount) {
    throw new CrescendoError(
      'CRESCENDO_WEIGHTS_INVALID',
      `${path} tells ${network.classCount} classes apart and the dataset has ${classCount}: ` +
        'evaluate on the classes that it was trained on (dataset.classes)',
    );
  }
  const engine = await createEngine(run, classCount);
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
    const result = await engine.evaluate(
      batch.pixels,
      batch.labels,
      batch.sampleCount,
      imageSizePx,
      'raw',
    );
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
  };
}
