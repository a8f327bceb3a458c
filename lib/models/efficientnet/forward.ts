/**
 * The forward pass of EfficientNets on tensors (blocks of Figure 2 in EfficientNetV2's paper).
 * B batch, H height, W width, C channels. Pure in its inputs.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { BlockSpec, EfficientNetSpec } from './spec.ts';
import { conv1x1, convolution, residual, spatialMean, squeezeExcite } from '../nn/layers.ts';
import type { ForwardContext } from '../network.ts';

/** What batch norms add to the variance, as in the released codes. */
const EPSILON = 1e-3;

/** Features [B, F] of images [B, S, S, 3]. */
export function efficientNetFeatures(
  spec: EfficientNetSpec,
  images: tf.Tensor4D,
  context: ForwardContext,
): tf.Tensor2D {
  let x_BHWC = activated(
    context,
    convolution(context, images, 'stem.conv', spec.stemStride),
    'stem.norm',
  );
  for (const [index, block] of spec.blocks.entries()) {
    x_BHWC = applyBlock(block, index, x_BHWC, context);
  }
  x_BHWC = activated(context, conv1x1(context, x_BHWC, 'head.conv'), 'head.norm');
  return spatialMean(x_BHWC);
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
  return residual(context, input_BHWC, branch_BHWC, index);
}

/**
 * Fused-MBConv: with expansion 1 a single activated convolution, else expand,
 * squeeze-and-excitation where there is one, and project.
 */
function fusedBranch(block: BlockSpec, x_BHWC: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  const { name, stride } = block;
  if (block.expandRatio === 1) {
    return activated(context, convolution(context, x_BHWC, `${name}.conv`, stride), `${name}.norm`);
  }
  const expanded = convolution(context, x_BHWC, `${name}.expand`, stride);
  const active = activated(context, expanded, `${name}.expand_norm`);
  return projected(context, gated(block, active, context), name);
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
  return projected(context, gated(block, y_BHWC, context), name);
}

/** Squeeze-and-excitation, where the block has one. */
function gated(block: BlockSpec, x_BHWC: tf.Tensor4D, context: ForwardContext): tf.Tensor4D {
  return block.squeezeChannels === 0 ? x_BHWC : squeezeExcite(context, x_BHWC, block.name);
}

/** The linear end of a branch. */
function projected(context: ForwardContext, x_BHWC: tf.Tensor4D, name: string): tf.Tensor4D {
  return context.batchNorm(
    conv1x1(context, x_BHWC, `${name}.project`),
    `${name}.project_norm`,
    'none',
    EPSILON,
  );
}

function activated(context: ForwardContext, x_BHWC: tf.Tensor4D, norm: string): tf.Tensor4D {
  return context.batchNorm(x_BHWC, norm, 'swish', EPSILON);
}
