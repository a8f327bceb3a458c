/** Keeps decoded validation batches, so that an evaluation costs what its pixels cost. */
import type { BatchSource, EvaluationBatch } from './batch-source.ts';

/**
 * A source that decodes a validation batch once and keeps it, if all images could be read, while
 * all that is kept has at most `bytesMax` bytes. Batches of another image size are let go of.
 */
export function withKeptValidation(source: BatchSource, bytesMax: number): BatchSource {
  const kept = new Map<string, EvaluationBatch>();
  let keptSizePx = 0;
  let keptBytes = 0;
  const validation = async (
    first: number,
    sampleCount: number,
    imageSizePx: number,
  ): Promise<EvaluationBatch> => {
    if (imageSizePx !== keptSizePx) {
      kept.clear();
      keptBytes = 0;
      keptSizePx = imageSizePx;
    }
    const key = `${first} ${sampleCount}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const batch = await source.validation(first, sampleCount, imageSizePx);
    const bytes = batch.pixels.byteLength;
    // Another size may have been asked for meanwhile, or the same batch twice. What could not be
    // read is tried again: the file system may have failed.
    const isWhole = batch.unreadable.length === 0;
    const isWanted = isWhole && imageSizePx === keptSizePx && !kept.has(key);
    if (isWanted && keptBytes + bytes <= bytesMax) {
      kept.set(key, batch);
      keptBytes += bytes;
    }
    return batch;
  };
  return { ...source, validation };
}
