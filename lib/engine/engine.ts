/**
 * What the worker's compute thread asks of an engine, shaped for one compiled step per phase.
 * Shapes: B samples of a micro-batch, S image side in pixels, C classes, P elements of the flat
 * parameter vector, M elements of the flat moving-statistics vector (batch-norm means, variances).
 */
import type { Snapshot } from '../checkpoint/snapshot.ts';
import type { ParameterPlace } from '../collective/compression/power-sgd.ts';
import type { Bucket } from '../collective/buckets.ts';
import type { Accumulation } from '../collective/partial-sums.ts';
import type { PhaseSettings } from '../run/phases.ts';
import type { TrainingState } from '../optim/training-state.ts';
import type { AppliedStep } from '../optim/applied-step.ts';
import type { VectorLayout } from '../collective/step-vector.ts';
import type { MicroBatchInput } from '../data/micro-batch.ts';
import type { NamedTensor } from '../weights/named-tensor.ts';

export interface EvaluationCounts {
  readonly sampleCount: number;
  readonly top1Count: number;
  readonly top5Count: number;
  readonly lossSum: number;
}

export interface Prediction {
  /** B x C */
  readonly logits: Float32Array;
  /** B x head channels: what the classifier sees. */
  readonly features: Float32Array;
}

export interface Engine {
  readonly layout: VectorLayout;
  /** Where each parameter's gradient lies in the vector. */
  readonly parameters: readonly ParameterPlace[];
  /** How the vector is cut for the all-reduce, in the run's format. */
  readonly buckets: readonly Bucket[];
  /** One line for logs and summary, such as `tensorflow 2.21.0 (cpu, 1 intra-op thread)`. */
  readonly description: string;

  /** What the next step's gradients are multiplied with; 1 unless the precision is float16. */
  readonly lossScale: number;

  /** Weights, statistics, moments and their EMA, which updates change. */
  readonly state: TrainingState;

  /** Prepares for a phase (image size, regularization). Call before its first micro-batch. */
  enterPhase(phase: PhaseSettings): void;

  /** Gets ready for micro-batches of `batch` samples in a phase to come; what it makes is kept. */
  prepare(phase: PhaseSettings, batch: number): void;

  /**
   * Computes one micro-batch at `step`; writes layout.totalElements floats into `output`, whose
   * padding between parameters must be zero and stays so. One call at a time.
   */
  computeMicroBatch(step: number, input: MicroBatchInput, output: Float32Array): Promise<void>;

  /**
   * Computes one micro-batch like the above and adds it to sums, each rounded to its bucket's
   * format.
   * @param onBuckets is told, while the rest is computed, how many of the first buckets are final
   * @returns whether all values of the micro-batch are finite
   */
  accumulateMicroBatch(
    step: number,
    input: MicroBatchInput,
    accumulation: Accumulation,
    onBuckets?: (count: number) => void,
  ): Promise<boolean>;

  /** Applies the cluster's sum for `step` (0-based) at `learningRate`; `sum` is only read. */
  applyUpdate(step: number, learningRate: number, sum: Float32Array): Promise<AppliedStep>;

  /**
   * Forward pass in inference mode on B samples, normalized like those of training; `weights`
   * chooses raw or EMA weights.
   */
  evaluate(
    pixels: Uint8Array,
    labels: Int32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Promise<EvaluationCounts>;

  /** Forward pass in inference mode on B normalized samples without labels. */
  predict(
    images: Float32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Promise<Prediction>;

  /** Everything that a joiner needs; without the moments where these are sharded. */
  exportState(): Snapshot;
  /** Counterpart of exportState. @throws CRESCENDO_WEIGHTS_INVALID when its sections differ. */
  importState(snapshot: Snapshot): void;

  /** Named tensors for a weights file, in layout order: parameters, then moving statistics. */
  exportWeights(weights: 'raw' | 'ema'): NamedTensor[];
  importWeights(tensors: readonly NamedTensor[]): void;

  /** Tensors alive in the engine and their bytes: the leak watch. */
  memory(): { tensorCount: number; bytes: number };

  dispose(): void;
}
