/** What the compute thread needs from the dataset: micro-batches as arrays, by stream position. */
import type { MicroBatchInput } from './micro-batch.ts';
import type { PhaseSettings } from '../run/phases.ts';

export interface EvaluationBatch {
  /** B x S x S x 3 */
  readonly pixels: Uint8Array;
  readonly labels: Int32Array;
  /** B: how many samples could be decoded. */
  readonly sampleCount: number;
  /** What is wrong with each of the others, with its name. */
  readonly unreadable: readonly string[];
}

export interface BatchSource {
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
  readonly classNames: readonly string[];
  /** As of the dataset, or empty. */
  readonly filesSha256: string;

  /**
   * Samples at stream positions [firstPosition, firstPosition + sampleCount). Position p is sample
   * permute(p mod N, N, seed, epoch) of epoch floor(p / N). The result depends only on the run's
   * seed, the positions and the phase. Mixup pairs samples within the micro-batch.
   */
  microBatch(
    step: number,
    microBatch: number,
    firstPosition: number,
    sampleCount: number,
    phase: PhaseSettings,
  ): Promise<MicroBatchInput>;

  /** Takes back the arrays of an input that nobody refers to any more; that is not needed. */
  recycle?(input: MicroBatchInput): void;

  /**
   * Validation samples [first, first + sampleCount) in the dataset's own order, not augmented.
   * Those that cannot be decoded are left out, so that one bad file does not end a run.
   */
  validation(first: number, sampleCount: number, imageSizePx: number): Promise<EvaluationBatch>;
}
