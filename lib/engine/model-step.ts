/**
 * The computation of one micro-batch in tfjs ops, for the eager engine and for recording into a
 * graph alike: forward, loss, gradients, batch statistics. B samples, S pixels, C classes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { defined } from '../base/errors.ts';
import type { ForwardContext, Network } from '../models/network.ts';
import {
  activate,
  composedBatchNorm,
  fusedBatchNorm,
  ownBatchNorm,
  type NormalizeBatch,
  type NormalizedBatch,
} from './ops/batch-norm.ts';
import { ownAttentionWeights, plainAttentionWeights } from './ops/attention-weights.ts';
import { ownBias, plainBias } from './ops/bias.ts';
import { ownDepthwise, plainDepthwise } from './ops/depthwise.ts';
import { frozenBatchNorm, type MovingStatistics } from './ops/frozen-batch-norm.ts';
import { mixed, normalized, type MixingTensors } from './input-images.ts';
import { lossSum as lossSumOf, smoothed, type LossKind } from './loss.ts';
import { ownLayerNorm, plainLayerNorm } from './ops/layer-norm.ts';
import { nativeMatMul } from './ops/mat-mul.ts';
import { ownSqueezeExcite, plainSqueezeExcite } from './ops/squeeze-excite.ts';

export interface StepTensors {
  /** [B, S, S, 3], 0 to 255 */
  readonly pixels: tf.Tensor4D;
  /** Undefined: images are not mixed. */
  readonly mixing: (MixingTensors & { readonly mixupCount: number }) | undefined;
  /** [B, C], before label smoothing. */
  readonly targets: tf.Tensor2D;
  /** [B, features] */
  readonly dropoutMask: tf.Tensor2D | undefined;
  /** [B, 1, 1, 1] by branch index; undefined where the residual branch always counts. */
  readonly residualMasks: readonly (tf.Tensor4D | undefined)[];
  /** Statistics of the batch norms that are not trained, by name. */
  readonly frozenNorms: ReadonlyMap<string, MovingStatistics>;
  /** What the gradients are multiplied with; undefined: nothing. */
  readonly lossScale: tf.Scalar | undefined;
}

/**
 * What fused work is done by: our own ops (TensorFlow on a processor), TensorFlow's fused ops, or
 * compositions of plain ones (any backend).
 */
export type Kernels = 'own' | 'tensorflow' | 'composed';

const BATCH_NORMS: Readonly<Record<Kernels, NormalizeBatch>> = {
  own: ownBatchNorm,
  tensorflow: fusedBatchNorm,
  composed: composedBatchNorm,
};

export interface StepOptions {
  readonly network: Network;
  readonly labelSmoothing: number;
  readonly loss: LossKind;
  readonly kernels: Kernels;
}

export interface StepOutputs {
  /** Sum over the batch. */
  readonly lossSum: tf.Scalar;
  /** [B, C] */
  readonly logits: tf.Tensor2D;
  /** Gradients of the loss sum times the loss scale, in layout order. */
  readonly gradients: readonly tf.Tensor[];
  /** Batch means and variances in layout order, times B. */
  readonly statistics: readonly tf.Tensor1D[];
}

/** Call inside tidy; `parameters` are in layout order. */
export function trainingStep(
  options: StepOptions,
  parameters: readonly tf.Tensor[],
  tensors: StepTensors,
): StepOutputs {
  const { network } = options;
  const names = network.parameters.map((one) => one.name);
  const targets = smoothed(tensors.targets, options.labelSmoothing, options.loss);
  const plain = normalized(tensors.pixels);
  const { mixing } = tensors;
  const images = mixing === undefined ? plain : mixed(plain, mixing.mixupCount, mixing);
  const batches: NormalizedBatch[] = [];
  let logits: tf.Tensor2D | undefined;
  const lossSum = (...values: tf.Tensor[]): tf.Scalar => {
    const byName = new Map(names.map((name, index) => [name, values[index] as tf.Tensor]));
    const context = trainingContext(byName, tensors, batches, options.kernels);
    const features_BF = network.features(images, context);
    const { dropoutMask } = tensors;
    const kept_BF = dropoutMask === undefined ? features_BF : tf.mul(features_BF, dropoutMask);
    const output_BC = network.classify(kept_BF as tf.Tensor2D, context);
    logits = tf.keep(tf.clone(output_BC));
    return lossSumOf(output_BC, targets, options.loss);
  };
  const { value, grads } = tf.valueAndGrads(lossSum)([...parameters], tensors.lossScale);
  const batch = tensors.pixels.shape[0];
  const raw = batches.flatMap((one) => [one.mean, one.variance]);
  const statistics = raw.map((one) => tf.mul<tf.Tensor1D>(one, batch));
  tf.dispose(raw);
  const scores = tf.clone(defined(logits, 'logits'));
  logits?.dispose();
  return { lossSum: value as tf.Scalar, logits: scores, gradients: grads, statistics };
}

export interface Inference {
  /** [B, F] before the classifier. */
  readonly features: tf.Tensor2D;
  /** [B, C] */
  readonly logits: tf.Tensor2D;
}

export interface InferenceOutputs extends Inference {
  readonly lossSum: tf.Scalar;
}

/** The forward pass with moving statistics; call inside tidy. `oneHot` is [B, C]. */
export function inferenceStep(
  network: Network,
  parameters: readonly tf.Tensor[],
  statistics: readonly tf.Tensor1D[],
  images: tf.Tensor4D,
  oneHot: tf.Tensor2D,
  loss: LossKind,
): InferenceOutputs {
  const byName = new Map<string, tf.Tensor>([
    ...network.parameters.map((one, i) => [one.name, parameters[i]] as [string, tf.Tensor]),
    ...network.statistics.map((one, i) => [one.name, statistics[i]] as [string, tf.Tensor]),
  ]);
  const outputs = infer(network, byName, images);
  return { ...outputs, lossSum: lossSumOf(outputs.logits, oneHot, loss) };
}

/** Likewise with parameters and statistics by name, and without a loss. Plain tfjs ops only. */
export function infer(
  network: Network,
  byName: ReadonlyMap<string, tf.Tensor>,
  images: tf.Tensor4D,
): Inference {
  const named = (name: string): tf.Tensor => defined(byName.get(name), name);
  const context: ForwardContext = {
    parameter: named,
    matMul: plainMatMul,
    depthwise: plainDepthwise,
    squeezeExcite: plainSqueezeExcite,
    residualMask: () => undefined,
    layerNorm: (x, name, epsilon) => plainLayerNorm(x, ...normParameters(named, name), epsilon),
    addBias: plainBias,
    attentionWeights: plainAttentionWeights,
    batchNorm: (x_BHWC, name, activation, epsilon) => {
      const z_BHWC = tf.batchNorm(
        x_BHWC,
        named(`${name}.moving_mean`) as tf.Tensor1D,
        named(`${name}.moving_variance`) as tf.Tensor1D,
        named(`${name}.beta`) as tf.Tensor1D,
        named(`${name}.gamma`) as tf.Tensor1D,
        epsilon,
      ) as tf.Tensor4D;
      return activate(z_BHWC, activation);
    },
  };
  const features = network.features(images, context);
  return { features, logits: network.classify(features, context) };
}

/** gamma and beta. */
function normParameters(
  parameter: (name: string) => tf.Tensor,
  name: string,
): [tf.Tensor1D, tf.Tensor1D] {
  return [parameter(`${name}.gamma`) as tf.Tensor1D, parameter(`${name}.beta`) as tf.Tensor1D];
}

function plainMatMul(a_MK: tf.Tensor2D, b_KN: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(a_MK, b_KN);
}

function trainingContext(
  byName: ReadonlyMap<string, tf.Tensor>,
  tensors: StepTensors,
  normalized: NormalizedBatch[],
  kernels: Kernels,
): ForwardContext {
  const parameter = (name: string): tf.Tensor => defined(byName.get(name), name);
  const normalize = BATCH_NORMS[kernels];
  const layerNorm = kernels === 'own' ? ownLayerNorm : plainLayerNorm;
  return {
    parameter,
    matMul: kernels === 'own' ? nativeMatMul : plainMatMul,
    depthwise: kernels === 'own' ? ownDepthwise : plainDepthwise,
    squeezeExcite: kernels === 'own' ? ownSqueezeExcite : plainSqueezeExcite,
    residualMask: (index) => tensors.residualMasks[index],
    layerNorm: (x, name, epsilon) => layerNorm(x, ...normParameters(parameter, name), epsilon),
    addBias: kernels === 'own' ? ownBias : plainBias,
    attentionWeights: kernels === 'own' ? ownAttentionWeights : plainAttentionWeights,
    batchNorm: (x_BHWC, name, activation, epsilon) => {
      const gamma = parameter(`${name}.gamma`) as tf.Tensor1D;
      const beta = parameter(`${name}.beta`) as tf.Tensor1D;
      const frozen = tensors.frozenNorms.get(name);
      const one =
        frozen === undefined
          ? normalize(x_BHWC, gamma, beta, activation, epsilon)
          : frozenBatchNorm(x_BHWC, gamma, beta, frozen, activation, epsilon);
      normalized.push(one);
      return one.y_BHWC;
    },
  };
}

/**
 * Samples whose label is among the `k` highest scores. Of equal scores the one of the lower class
 * comes first, so that a model that tells nothing apart is right about one class only; a score that
 * is NaN is higher than any.
 */
export function countCorrect(
  scores: Float32Array,
  labels: Int32Array,
  classCount: number,
  sampleCount: number,
  k: number,
): number {
  let correct = 0;
  for (let row = 0; row < sampleCount; row++) {
    const label = labels[row] as number;
    const own = scores[row * classCount + label] as number;
    let higher = 0;
    for (let index = 0; index < classCount; index++) {
      const score = scores[row * classCount + index] as number;
      const isLower = score < own || (score === own && index >= label);
      if (!isLower) higher++;
    }
    if (higher < k && !Number.isNaN(own)) correct++;
  }
  return correct;
}
