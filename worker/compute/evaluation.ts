/** Evaluates batches of the validation samples on the compute thread. */
import type { BatchSource } from '../../lib/data/batch-source.ts';
import type { Engine, EvaluationCounts } from '../../lib/engine/engine.ts';
import type { EvaluationBatch } from '../../proto/generated/messages.ts';

export interface EvaluationRequest {
  /** Batch i has the samples from i * batchSamples on. */
  readonly batches: readonly number[];
  readonly batchSamples: number;
  readonly imageSizePx: number;
}

/** @returns counts of each batch, with the weights and with their EMA */
export async function evaluateBatches(
  engine: Engine,
  source: BatchSource,
  { batches, batchSamples, imageSizePx }: EvaluationRequest,
): Promise<EvaluationBatch[]> {
  const evaluated: EvaluationBatch[] = [];
  for (const index of batches) {
    const first = index * batchSamples;
    const count = Math.min(batchSamples, source.validationSampleCount - first);
    const { images, labels, sampleCount } = await source.validation(first, count, imageSizePx);
    const evaluate = (weights: 'raw' | 'ema'): Promise<EvaluationCounts> =>
      engine.evaluate(images, labels, sampleCount, imageSizePx, weights);
    const raw = await evaluate('raw');
    const ema = await evaluate('ema');
    evaluated.push({
      index,
      sampleCount: count,
      top1Count: raw.top1Count,
      top5Count: raw.top5Count,
      lossSum: raw.lossSum,
      emaTop1Count: ema.top1Count,
      emaTop5Count: ema.top5Count,
      emaLossSum: ema.lossSum,
    });
  }
  return evaluated;
}
