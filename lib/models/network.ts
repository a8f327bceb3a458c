/**
 * What a network of any family offers: parameters by name, in the order of the forward pass, and
 * the forward pass itself. B batch, H height, W width, C channels, F features.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { NetworkTable } from '../run/run-config.ts';
import type { ParameterSpec, StatisticSpec } from './nn/layout.ts';

/** The fields that the spec of every family's networks has. */
export interface NetworkSpec {
  readonly name: string;
  readonly classCount: number;
  /** F: the width of what dropout and the classifier see. */
  readonly featureChannels: number;
  /**
   * Probability that a sample keeps a residual branch in training (stochastic depth; Huang et al.,
   * "Deep Networks with Stochastic Depth", 2016), by branch; 1: always.
   */
  readonly survivalProbabilities: readonly number[];
}

/** A network; `isOf` of family.ts tells whether its spec is that of a given family. */
export interface Network<Spec extends NetworkSpec = NetworkSpec> extends NetworkSpec {
  /** The family's name. */
  readonly family: string;
  readonly spec: Spec;
  /** Trainable, in the order of the forward pass. */
  readonly parameters: readonly ParameterSpec[];
  /** Moving means and variances, in the order of the calls of `batchNorm`. */
  readonly statistics: readonly StatisticSpec[];
  /** [B, F] of images [B, S, S, 3]; without the dropout. */
  features(images: tf.Tensor4D, context: ForwardContext): tf.Tensor2D;
  /** Logits [B, classes] of features [B, F]. */
  classify(features_BF: tf.Tensor2D, context: ForwardContext): tf.Tensor2D;
  /** Multiply-adds of convolutions and matrix products for one image of that side. */
  multiplyAdds(imageSizePx: number): number;
  /** The network as a table that a run file can give (`model.table`). */
  table(): NetworkTable;
}

/** `gelu` in its tanh form (Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016). */
export type Activation = 'none' | 'swish' | 'gelu' | 'relu';

/** C channels, R after squeezing. */
export interface SqueezeExciteWeights {
  /** [C, R] */
  readonly squeeze: tf.Tensor2D;
  /** [R] */
  readonly squeezeBias: tf.Tensor1D;
  /** [R, C] */
  readonly excite: tf.Tensor2D;
  /** [C] */
  readonly exciteBias: tf.Tensor1D;
}

export type SqueezeExcite = (x_BHWC: tf.Tensor4D, weights: SqueezeExciteWeights) => tf.Tensor4D;

/**
 * softmax(scale scores + bias) along the last axis: scores [B, heads, N, N], bias [heads, N, N].
 */
export type AttentionWeights = (
  scores_BhNN: tf.Tensor4D,
  scale: number,
  bias_hNN: tf.Tensor3D | undefined,
) => tf.Tensor4D;

/** x [M, N] + bias [N], then the activation. */
export type AddBias = (
  x_MN: tf.Tensor2D,
  bias: tf.Tensor1D,
  activation: 'none' | 'gelu',
) => tf.Tensor2D;

/**
 * Weights, masks and the layers with kernels of their own: training, inference and tests differ.
 */
export interface ForwardContext {
  /** A parameter by its name in the layout; the caller's, not disposed here. */
  parameter(name: string): tf.Tensor;
  /**
   * Normalizes x_BHWC with the parameters and statistics under `name`, then activates. Epsilon is
   * what is added to the variance.
   */
  batchNorm(
    x_BHWC: tf.Tensor4D,
    name: string,
    activation: Activation,
    epsilon: number,
  ): tf.Tensor4D;
  /** Normalizes along the last axis with the parameters under `name`. */
  layerNorm<T extends tf.Tensor>(x: T, name: string, epsilon: number): T;
  readonly addBias: AddBias;
  readonly attentionWeights: AttentionWeights;
  /** [M, K] times [K, N]. */
  matMul(a_MK: tf.Tensor2D, b_KN: tf.Tensor2D): tf.Tensor2D;
  /** With padding SAME; the kernel is [side, side, C, 1]. */
  depthwise(x_BHWC: tf.Tensor4D, kernel: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D;
  readonly squeezeExcite: SqueezeExcite;
  /**
   * [B, 1, 1, 1], 0 or 1 / survival, for a residual branch; undefined: the branch always counts.
   */
  residualMask(branchIndex: number): tf.Tensor4D | undefined;
}
