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

/**
 * Yields counts of each batch as soon as it is done, with the weights and with their EMA.
 * @param isWanted asked before each batch; once it is false, the rest is left
 */
export async function* evaluateBatches(
  engine: Engine,
  source: BatchSource,
  { batches, batchSamples, imageSizePx }: EvaluationRequest,
  isWanted: () => boolean,
): AsyncGenerator<EvaluationBatch> {
  for (const index of batches) {
    if (!isWanted()) return;
    const first = index * batchSamples;
    const count = Math.min(batchSamples, source.validationSampleCount - first);
    const { images, labels, sampleCount } = await source.validation(first, count, imageSizePx);
    const evaluate = (weights: 'raw' | 'ema'): Promise<EvaluationCounts> =>
      engine.evaluate(images, labels, sampleCount, imageSizePx, weights);
    const raw = await evaluate('raw');
    const ema = await evaluate('ema');
    yield {
      index,
      sampleCount: count,
      top1Count: raw.top1Count,
      top5Count: raw.top5Count,
      lossSum: raw.lossSum,
      emaTop1Count: ema.top1Count,
      emaTop5Count: ema.top5Count,
      emaLossSum: ema.lossSum,
      unreadableCount: 0,
      unreadable: [],
    };
  }
}
