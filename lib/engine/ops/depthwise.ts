/** Depthwise convolution with padding SAME, [B, H, W, C] and a kernel [3 or 5, ., C, 1]. */
import * as tf from '@tensorflow/tfjs-core';
import { runOneOutput, runOp } from './native-op.ts';

export type DepthwiseConvolution = (
  x_BHWC: tf.Tensor4D,
  kernel: tf.Tensor4D,
  stride: 1 | 2,
) => tf.Tensor4D;

export const plainDepthwise: DepthwiseConvolution = (x_BHWC, kernel, stride) =>
  tf.depthwiseConv2d(x_BHWC, kernel, stride, 'same');

/** By our own op (depthwise.cc) for 3x3 kernels, the others as above. */
export const ownDepthwise: DepthwiseConvolution = (x_BHWC, kernel, stride) => {
  if (kernel.shape[0] !== 3 || kernel.shape[1] !== 3) return plainDepthwise(x_BHWC, kernel, stride);
  const op = stride === 1 ? 'CrescendoDepthwise3x3' : 'CrescendoDepthwise3x3Stride2';
  const convolve = tf.customGrad((...args) => {
    const [x, filter, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([x, filter]);
    return {
      value: runOneOutput(op, [x, filter]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => runOp(`${op}Grad`, [dy, ...saved], 2),
    };
  });
  return convolve(x_BHWC, kernel) as tf.Tensor4D;
};
