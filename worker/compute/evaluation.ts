/** Evaluates batches of the validation samples on the compute thread. */
import type {
  BatchSource,
  EvaluationBatch as ValidationBatch,
} from '../../lib/data/batch-source.ts';
import type { Engine, EvaluationCounts } from '../../lib/engine/engine.ts';
import type { EvaluationBatch } from '../../proto/generated/messages.ts';
import { UNREADABLE_CHARACTERS_MAX, UNREADABLE_NAMED_MAX } from '../../proto/limits.ts';

export interface EvaluationRequest {
  /** Batch i has the samples from i * batchSamples on. */
  readonly batches: readonly number[];
  readonly batchSamples: number;
  readonly imageSizePx: number;
}

/** Counts where no image of a batch could be decoded. */
const NOTHING: EvaluationCounts = { sampleCount: 0, top1Count: 0, top5Count: 0, lossSum: 0 };

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
  const read = (index: number): Promise<ValidationBatch> => {
    const first = index * batchSamples;
    const count = Math.min(batchSamples, source.validationSampleCount - first);
    const batch = source.validation(first, count, imageSizePx);
    // A failure is reported when the batch is asked for.
    batch.catch(() => undefined);
    return batch;
  };
  let ahead: Promise<ValidationBatch> | undefined;
  for (const [place, index] of batches.entries()) {
    if (!isWanted()) return;
    const { unreadable, ...samples } = await (ahead ?? read(index));
    const next = batches[place + 1];
    ahead = next === undefined ? undefined : read(next);
    const { pixels, labels, sampleCount } = samples;
    const evaluate = async (weights: 'raw' | 'ema'): Promise<EvaluationCounts> =>
      sampleCount === 0
        ? NOTHING
        : engine.evaluate(pixels, labels, sampleCount, imageSizePx, weights);
    const raw = await evaluate('raw');
    const ema = await evaluate('ema');
    yield {
      index,
      sampleCount,
      top1Count: raw.top1Count,
      top5Count: raw.top5Count,
      lossSum: raw.lossSum,
      emaTop1Count: ema.top1Count,
      emaTop5Count: ema.top5Count,
      emaLossSum: ema.lossSum,
      unreadableCount: unreadable.length,
      unreadable: unreadable
        .slice(0, UNREADABLE_NAMED_MAX)
        .map((text) => text.slice(0, UNREADABLE_CHARACTERS_MAX)),
    };
  }
}
