/** The input of an engine for one micro-batch: B samples of S pixels each way, C classes. */
import type { Mixing } from './transforms/mixing.ts';

/** The input of one micro-batch. The caller owns all arrays; the engine keeps none of them. */
export interface MicroBatchInput {
  /** Index of the micro-batch in the step, 0 to V-1. */
  readonly microBatch: number;
  /** B x S x S x 3, augmented; the engine normalizes and mixes them. */
  readonly pixels: Uint8Array;
  /** How images are mixed; undefined in a phase without mixup and CutMix. */
  readonly mixing: Mixing | undefined;
  /** B x C targets: one-hot or mixed, before label smoothing. */
  readonly targets: Float32Array;
  /** B class indices, for the training accuracy. */
  readonly labels: Int32Array;
  /** Stream position of the first sample, so that masks depend on the sample alone. */
  readonly firstPosition: number;
  readonly sampleCount: number;
}
