/** The run file's content after defaults: what to train, on what, how. Never changed during a run. */
import type { PhaseKnob, Range } from './phase-knobs.ts';

export interface RunConfig {
  readonly seed: number;
  /**
   * Whose rules hold where a paper and its released code differ (docs/models.md lists where): the
   * paper's, or those of google/automl.
   */
  readonly recipe: Recipe;
  /** Weights file (safetensors of this project) to start from; relative to the run file. */
  readonly initialWeights?: string;
  /** SHA-256 (hex) of that file: as the run file pins it, else taken when the run file is read. */
  readonly initialWeightsSha256?: string;
  readonly model: ModelConfig;
  readonly dataset: DatasetConfig;
  readonly batch: BatchConfig;
  readonly training: TrainingConfig;
  readonly schedule: ScheduleConfig;
  readonly augmentation: AugmentationConfig;
  readonly evaluation: EvaluationConfig;
  readonly engine: EngineConfig;
  readonly communication: CommunicationConfig;
  readonly cluster: ClusterConfig;
}

export type Recipe = 'paper' | 'automl';

export interface ModelConfig {
  /** Such as `efficientnetv2-b0` or `efficientnetv2-s`. */
  readonly name: string;
  /** Channel multiplier on top of the variant's own, 0.1 to 4. */
  readonly widthMultiplier: number;
  /** Layer-count multiplier on top of the variant's own, 0.1 to 4. */
  readonly depthMultiplier: number;
  /** Survival probability of the last block's residual branch is 1 - this (0 to 0.9). */
  readonly stochasticDepthRate: number;
  /** Weight of the old value when a batch-norm moving average advances, 0 to 0.9999. */
  readonly batchNormMomentum: number;
  /** For CoAtNet only. */
  readonly coatnet: CoAtNetConfig;
}

/** Where the published descriptions of CoAtNet differ; the defaults are closest to the paper. */
export interface CoAtNetConfig {
  /** Image size that the relative-bias tables are made for; other sizes resize them. */
  readonly tableImageSizePx: number;
  /** How feature maps are halved: the paper's `max`, or MaxViT's `avg`. */
  readonly pool: 'max' | 'avg';
  /** Whether MBConv widens four times from its `output` channels or from its `input`. */
  readonly expandFrom: 'output' | 'input';
  /** Which convolution of MBConv halves: the first (`expand`), or the `depthwise` one. */
  readonly stride: 'expand' | 'depthwise';
  /** A `hidden` tanh layer before the classifier, or a `linear` head. */
  readonly head: 'hidden' | 'linear';
}

export interface DatasetConfig {
  /** `fashion-mnist`, `mnist` or `image-folder`. */
  readonly name: string;
  /** Folder of an image-folder dataset; relative paths are taken from the run file's folder. */
  readonly path?: string;
  /** Names of the classes to use, in the order of their labels; all where it is not set. */
  readonly classes?: readonly string[];
  /** Use only the first so many training samples (in the dataset's own order); 0 = all. */
  readonly trainSamplesMax: number;
  /** Likewise for validation. */
  readonly validationSamplesMax: number;
  /** What the recipe was made for, to plan with where the images are not there; 0 = not stated. */
  readonly expected: ExpectedDataset;
}

export interface ExpectedDataset {
  readonly trainSampleCount: number;
  readonly validationSampleCount: number;
  readonly classCount: number;
}

export interface BatchConfig {
  /** Samples per optimizer step over the whole cluster. */
  readonly globalSize: number;
  /** V: into how many micro-batches the global batch is cut; divides globalSize. */
  readonly microBatches: number;
}

export interface TrainingConfig {
  /** Passes over the training samples; may be fractional. */
  readonly epochs: number;
  /** Length in optimizer steps, in place of epochs; 0 = as epochs say. */
  readonly steps: number;
  /** softmax: one class per image; sigmoid: each class on its own, summed over the classes. */
  readonly loss: 'softmax' | 'sigmoid';
  readonly optimizer: OptimizerConfig;
  readonly learningRate: LearningRateConfig;
  /** A loss term 0.5 * weightDecay * |w|^2, or with adamw and lamb decoupled from the gradient. */
  readonly weightDecay: number;
  /** Patterns of parameters without weight decay; * stands for any characters. */
  readonly weightDecayExclude: readonly string[];
  /**
   * Patterns of parameters that keep their values. A batch norm whose scale is frozen keeps its
   * moving statistics too, and normalizes with them.
   */
  readonly freeze: readonly string[];
  /** Learning-rate factor per layer from the classifier (1) down to the stem; 1 = the same for all. */
  readonly layerDecay: number;
  /** Largest norm of the whole gradient, weight decay included; 0 turns clipping off. */
  readonly clipNorm: number;
  /**
   * e of 0 to below 1: targets t become t (1 - e) + e / K with softmax over K classes, and
   * t (1 - e) + e / 2 with sigmoid, where each class is a question of its own.
   */
  readonly labelSmoothing: number;
  /** EMA decay d; effective min(d, (1+n)/(10+n)) at update n; 0 turns EMA off. */
  readonly emaDecay: number;
  readonly localSgd: LocalSgdConfig;
}

/**
 * For slow links: workers take steps of their own and join their weights now and then (Stich,
 * "Local SGD Converges Fast and Communicates Little", 2019; Douillard et al., "DiLoCo", 2023).
 */
export interface LocalSgdConfig {
  /** H: steps between two all-reduces; 0 turns it off, and workers all-reduce in every step. */
  readonly innerSteps: number;
  /** Of the outer SGD on the mean of what the workers' weights moved; 1 takes their mean weights. */
  readonly outerLearningRate: number;
  readonly outerMomentum: number;
  readonly outerNesterov: boolean;
}

/** Most inner steps: their learning rates travel in one order. */
export const INNER_STEPS_MAX = 10_000;

export interface OptimizerConfig {
  /**
   * `sgd`, `rmsprop` (TF1 form: mean square starts at one), `rmsprop-keras` (starts at zero),
   * `adamw` or `lamb`.
   */
  readonly name: 'sgd' | 'rmsprop' | 'rmsprop-keras' | 'adamw' | 'lamb';
  readonly momentum: number;
  readonly nesterov: boolean;
  /** RMSProp's decay (rho). */
  readonly decay: number;
  readonly epsilon: number;
  /** Adam's decays of the mean gradient and of the mean square (adamw, lamb). */
  readonly beta1: number;
  readonly beta2: number;
  /**
   * Whether its state is sharded: each keeps that of its part of the weights and
   * of another's, and steps those, in place of all. The same bytes either way.
   */
  readonly sharded: boolean;
}

export interface LearningRateConfig {
  readonly peak: number;
  /** Linear rise from 0, in epochs or in steps: one of the two. */
  readonly warmupEpochs: number;
  readonly warmupSteps: number;
  /** After warm-up: `cosine` or `linear` to the minimum, `exponential` staircase, or `constant`. */
  readonly decay: 'cosine' | 'linear' | 'exponential' | 'constant';
  /** Whether the decay counts from step 0, so that warm-up hides its beginning, or after warm-up. */
  readonly decayFrom: 'start' | 'warmup-end';
  /** What cosine and linear end at, and exponential does not fall below. */
  readonly minimum: number;
  /** Exponential only: factor per period. */
  readonly decayRate: number;
  readonly decayEpochs: number;
}

/** Most micro-batches of a global batch. */
export const MICRO_BATCHES_MAX = 4096;

/** Progressive learning (EfficientNetV2, Algorithm 1): linear from min to max over the phases. */
export interface ScheduleConfig extends Readonly<Record<PhaseKnob, Range>> {
  readonly phases: number;
}

export interface AugmentationConfig {
  readonly horizontalFlip: boolean;
  /** `none`, `pad` (shift by up to 1/8 of the side), or `resized` (random area and aspect). */
  readonly crop: 'none' | 'pad' | 'resized';
  /** Half the side of an erased square, as a share of the image's side; 0 = nothing is erased. */
  readonly cutoutRatio: number;
}

export interface EvaluationConfig {
  /** Image size of the final evaluation; phase ends are evaluated at the phase's size. */
  readonly imageSizePx: number;
  /**
   * `none`: the whole image, squashed; `center`: a square of S / (S + 32) of the short side for S
   * pixels; `center-below-320`: that below 320 px and none from there on.
   */
  readonly crop: 'none' | 'center' | 'center-below-320';
  readonly atPhaseEnd: boolean;
}

export interface EngineConfig {
  /** `tensorflow` or `js` (pure JavaScript, for tests of everything else; never chosen silently). */
  readonly name: 'tensorflow' | 'js';
  /** Fixed, because the thread count decides the order of sums inside TensorFlow's kernels. */
  readonly intraOpThreads: number;
  /**
   * Of products and convolutions; weights and sums stay in float32. bfloat16 is for processors,
   * float16, with dynamic loss scaling, for GPUs.
   */
  readonly precision: 'float32' | 'bfloat16' | 'float16';
  /** Compiles clusters of ops with XLA. */
  readonly xla: boolean;
  /** Whether NVIDIA GPUs round the inputs of float32 products to 10 bits of mantissa. */
  readonly tf32: boolean;
  /** Only kernels that give the same bits each time; what equal weight bytes rest on. */
  readonly deterministic: boolean;
}

/** How gradients may be packed while they travel (docs/compression.md), the exact ones first. */
export const COMPRESSIONS = [
  'float32',
  'bfloat16',
  'float16',
  'int8',
  'top-k',
  'power-sgd',
] as const;
export type Compression = (typeof COMPRESSIONS)[number];
/** Those with error feedback: sums depend on the number of workers. */
export type LossyCompression = Exclude<Compression, ExactFormat>;
type ExactFormat = 'float32' | 'bfloat16' | 'float16';

/** A factor of a matrix that is sent has so many columns at most. */
export const POWER_SGD_RANK_MAX = 64;

export interface CommunicationConfig {
  /**
   * With `float32`, `bfloat16` and `float16` any number of workers gives the same weight bytes: they
   * are what every addition is rounded to. `auto`: the coordinator chooses among `allowed`.
   */
  readonly compression: Compression | 'auto';
  /** top-k: share of a piece's values that is kept, in (0, 1]. */
  readonly topKFraction: number;
  readonly powerSgdRank: number;
  /** For `auto`: `float32`, then lossy ones, the most exact first. */
  readonly allowed: readonly Compression[];
  /** With lossy compression: every so many steps one bucket travels as float32 too; 0: never. */
  readonly guardEverySteps: number;
  /** For `auto`: least cosine similarity of that bucket's two sums, below which it steps back. */
  readonly guardSimilarityMin: number;
}

export function isLossy(compression: string): compression is LossyCompression {
  return compression === 'int8' || compression === 'top-k' || compression === 'power-sgd';
}

/** What sums are rounded to at every addition. */
export function valueFormatOf({ compression }: CommunicationConfig): ExactFormat {
  return compression === 'bfloat16' || compression === 'float16' ? compression : 'float32';
}

export interface ClusterConfig {
  /** Training starts when so many workers have joined. */
  readonly minWorkers: number;
  readonly heartbeatIntervalMs: number;
  /** A worker silent for so long has left. */
  readonly heartbeatTimeoutMs: number;
}
