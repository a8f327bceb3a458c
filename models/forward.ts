/**
 * The forward pass of EfficientNetV2 on tensors (paper section 3.2, blocks of Figure 2).
 * B batch, H height, W width, C channels. Pure in its inputs: weights, masks and the batch
 * normalisation come from the caller, so training, inference and tests share these lines.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BlockSpec, ModelSpec } from './efficientnetv2.ts';

export type Activation = 'none' | 'swish';

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

export interface ForwardContext {
  /** A parameter by its name in the layout; the caller's, not disposed here. */
  parameter(name: string): tf.Tensor;
  /** Normalises x_BHWC with the parameters and statistics under `name`, then activates. */
  batchNorm(x_BHWC: tf.Tensor4D, name: string, activation: Activation): tf.Tensor4D;
  /** [M, K] times [K, N]. */
  matMul(a_MK: tf.Tensor2D, b_KN: tf.Tensor2D): tf.Tensor2D;
  /** With padding SAME; the kernel is [side, side, C, 1]. */
  depthwise(x_BHWC: tf.Tensor4D, kernel: tf.Tensor4D, stride: 1 | 2): tf.Tensor4D;
  readonly squeezeExcite: SqueezeExcite;
  /** [B, 1, 1, 1], 0 or 1 / survival, for a residual branch; undefined: the branch always counts. */
  residualMask(blockIndex: number): tf.Tensor4D | undefined;
  /** [B, C], 0 or 1 / (1 - rate), before the classifier; undefined: no dropout. */
  readonly dropoutMask: tf.Tensor2D | undefined;
}

/** Logits [B, classes] of images [B, S, S, 3]. */
export function forward(
  spec: ModelSpec,
  images: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor2D {
  return classify(forwardFeatures(spec, images, context), context);
}

/** What the classifier sees: [B, head channels] of images [B, S, S, 3], before dropout. */
export function forwardFeatures(
  spec: ModelSpec,
  images: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor2D {
  let x_BHWC = activated(context, conv3x3(context, images, 'stem.conv', 2), 'stem.norm');
  for (const [index, block] of spec.blocks.entries()) {
    x_BHWC = applyBlock(block, index, x_BHWC, context);
  }
  x_BHWC = activated(context, conv1x1(context, x_BHWC, 'head.conv'), 'head.norm');
  return tf.mean(x_BHWC, [1, 2]) as tf.Tensor2D;
}

/** Logits [B, classes] of features [B, head channels]. */
export function classify(features_BC: tf.Tensor2D, context: ForwardContext): tf.Tensor2D {
  const { dropoutMask } = context;
  const kept_BC =
    dropoutMask === undefined ? features_BC : tf.mul<tf.Tensor2D>(features_BC, dropoutMask);
  const kernel = context.parameter('head.dense.kernel') as tf.Tensor2D;
  return tf.add(context.matMul(kept_BC, kernel), context.parameter('head.dense.bias'));
}

function applyBlock(
  block: BlockSpec,
  index: number,
  input_BHWC: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor4D {
  const branch_BHWC =
    block.kind === 'fused'
      ? fusedBranch(block, input_BHWC, context)
      : mbconvBranch(block, input_BHWC, context);
  if (block.stride !== 1 || block.inputChannels !== block.outputChannels) return branch_BHWC;
  const mask = context.residualMask(index);
  return tf.add(input_BHWC, mask === undefined ? branch_BHWC : tf.mul(branch_BHWC, mask));
}

/** Fused-MBConv: with expansion 1 a single activated convolution, else expand and project. */
function fusedBranch(block: BlockSpec, x_BHWC: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  const { name, stride } = block;
  if (block.expandRatio === 1) {
    return activated(context, conv3x3(context, x_BHWC, `${name}.conv`, stride), `${name}.norm`);
  }
  const expanded = conv3x3(context, x_BHWC, `${name}.expand`, stride);
  const active = activated(context, expanded, `${name}.expand_norm`);
  return projected(context, active, name);
}

/** MBConv: expand, depthwise, squeeze-and-excitation, project. */
function mbconvBranch(block: BlockSpec, x_BHWC: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  const { name, stride } = block;
  let y_BHWC = x_BHWC;
  if (block.expandRatio !== 1) {
    y_BHWC = activated(context, conv1x1(context, y_BHWC, `${name}.expand`), `${name}.expand_norm`);
  }
  const kernel = context.parameter(`${name}.depthwise.kernel`) as tf.Tensor4D;
  y_BHWC = context.depthwise(y_BHWC, kernel, stride);
  y_BHWC = activated(context, y_BHWC, `${name}.depthwise_norm`);
  y_BHWC = squeezeExcite(name, y_BHWC, context);
  return projected(context, y_BHWC, name);
}

/** The channels of y_BHWC weighed by a gate that looks at all of them. */
function squeezeExcite(name: string, y_BHWC: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  const matrix = (layer: string): tf.Tensor2D => {
    const kernel = context.parameter(`${name}.${layer}.kernel`);
    return tf.reshape(kernel, kernel.shape.slice(2) as [number, number]);
  };
  return context.squeezeExcite(y_BHWC, {
    squeeze: matrix('squeeze'),
    squeezeBias: context.parameter(`${name}.squeeze.bias`) as tf.Tensor1D,
    excite: matrix('excite'),
    exciteBias: context.parameter(`${name}.excite.bias`) as tf.Tensor1D,
  });
}

/** The linear end of a branch. */
function projected(context: ForwardContext, x_BHWC: tf.Tensor4D, name: string): tf.Tensor4D {
  return context.batchNorm(
    conv1x1(context, x_BHWC, `${name}.project`),
    `${name}.project_norm`,
    'none',
  );
}

function activated(context: ForwardContext, x_BHWC: tf.Tensor4D, norm: string): tf.Tensor4D {
  return context.batchNorm(x_BHWC, norm, 'swish');
}

function conv3x3(
  context: ForwardContext,
  x_BHWC: tf.Tensor4D,
  name: string,
  stride: 1 | 2,
): tf.Tensor4D {
  return tf.conv2d(x_BHWC, context.parameter(`${name}.kernel`) as tf.Tensor4D, stride, 'same');
}

/** A 1x1 convolution as a matrix product on [B H W, C], which TensorFlow's CPU kernels do faster. */
function conv1x1(context: ForwardContext, x_BHWC: tf.Tensor4D, name: string): tf.Tensor4D {
  const [batch, height, width, channels] = x_BHWC.shape;
  const kernel = context.parameter(`${name}.kernel`);
  const outputs = kernel.shape[3] as number;
  const flat = tf.reshape(x_BHWC, [batch * height * width, channels]) as tf.Tensor2D;
  const product = context.matMul(flat, tf.reshape(kernel, [channels, outputs]) as tf.Tensor2D);
  return tf.reshape(product, [batch, height, width, outputs]) as tf.Tensor4D;
}
