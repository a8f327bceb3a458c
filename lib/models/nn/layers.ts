/** Layers that the families share, on parameters of the context by name. */
import * as tf from '@tensorflow/tfjs-core';
import type { ForwardContext } from '../network.ts';

/** Padding SAME, without bias. */
export function convolution(
  context: ForwardContext,
  x_BHWC: tf.Tensor4D,
  name: string,
  stride: 1 | 2,
): tf.Tensor4D {
  return tf.conv2d(x_BHWC, context.parameter(`${name}.kernel`) as tf.Tensor4D, stride, 'same');
}

/**
 * A 1x1 convolution as a matrix product on [B H W, C], which TensorFlow's CPU kernels do faster.
 */
export function conv1x1(context: ForwardContext, x_BHWC: tf.Tensor4D, name: string): tf.Tensor4D {
  const [batch, height, width, channels] = x_BHWC.shape;
  const kernel = context.parameter(`${name}.kernel`);
  const outputs = kernel.shape[3] as number;
  const product = context.matMul(
    rows(x_BHWC),
    tf.reshape(kernel, [channels, outputs]) as tf.Tensor2D,
  );
  return tf.reshape(product, [batch, height, width, outputs]);
}

/** x W + b on [M, K], then the activation. */
export function dense(
  context: ForwardContext,
  x_MK: tf.Tensor2D,
  name: string,
  activation: 'none' | 'gelu' = 'none',
): tf.Tensor2D {
  const product = context.matMul(x_MK, context.parameter(`${name}.kernel`) as tf.Tensor2D);
  return context.addBias(product, context.parameter(`${name}.bias`) as tf.Tensor1D, activation);
}

/**
 * [B, C] over all positions. Its gradient is multiplied by 1 / (H W): tfjs's own divides by H W,
 * which TensorFlow's constant folding turns into that in a graph, and then no longer rounds as an
 * eager run.
 */
export function spatialMean(x_BHWC: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x_BHWC.shape;
  const average = tf.customGrad((x) => ({
    value: tf.mean(x as tf.Tensor, [1, 2]),
    gradFunc: (dy: tf.Tensor) => {
      const share = tf.mul(dy, 1 / (height * width));
      return tf.mul(tf.reshape(share, [batch, 1, 1, channels]), tf.ones([1, height, width, 1]));
    },
  }));
  return average(x_BHWC) as tf.Tensor2D;
}

/** The channels of x_BHWC weighed by a gate that looks at all of them. */
export function squeezeExcite(
  context: ForwardContext,
  x_BHWC: tf.Tensor4D,
  name: string,
): tf.Tensor4D {
  const matrix = (layer: string): tf.Tensor2D => {
    const kernel = context.parameter(`${name}.${layer}.kernel`);
    return tf.reshape(kernel, kernel.shape.slice(2) as [number, number]);
  };
  return context.squeezeExcite(x_BHWC, {
    squeeze: matrix('squeeze'),
    squeezeBias: context.parameter(`${name}.squeeze.bias`) as tf.Tensor1D,
    excite: matrix('excite'),
    exciteBias: context.parameter(`${name}.excite.bias`) as tf.Tensor1D,
  });
}

/** x + branch, where a sample may lose the branch in training. */
export function residual(
  context: ForwardContext,
  x_BHWC: tf.Tensor4D,
  branch_BHWC: tf.Tensor4D,
  branchIndex: number,
): tf.Tensor4D {
  const mask = context.residualMask(branchIndex);
  return tf.add(x_BHWC, mask === undefined ? branch_BHWC : tf.mul(branch_BHWC, mask));
}

/** [B H W, C] */
export function rows(x_BHWC: tf.Tensor4D): tf.Tensor2D {
  const [batch, height, width, channels] = x_BHWC.shape;
  return tf.reshape(x_BHWC, [batch * height * width, channels]);
}

/** What a 1x1 convolution of stride 2 sees: a mean over one pixel. */
export function everySecond(x_BHWC: tf.Tensor4D): tf.Tensor4D {
  return tf.avgPool(x_BHWC, 1, 2, 'same');
}
