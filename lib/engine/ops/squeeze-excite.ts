/**
 * Squeeze-and-excitation (Hu, Shen, Sun 2018): channels of x_BHWC weighed by a gate from their
 * spatial means, gate = sigmoid(swish(mean W + b) V + c).
 */
import * as tf from '@tensorflow/tfjs-core';
import { spatialMean } from '../../models/nn/layers.ts';
import type { SqueezeExcite } from '../../models/network.ts';
import { swish } from './batch-norm.ts';
import { runOneOutput } from './native-op.ts';
import { matrixProduct } from './mat-mul.ts';

export const plainSqueezeExcite: SqueezeExcite = (x_BHWC, weights) => {
  const { squeeze, squeezeBias, excite, exciteBias } = weights;
  const pooled_BC = spatialMean(x_BHWC);
  const squeezed_BR = swish<tf.Tensor2D>(tf.add(tf.matMul(pooled_BC, squeeze), squeezeBias));
  const gate_BC = tf.sigmoid(tf.add(tf.matMul(squeezed_BR, excite), exciteBias));
  const [batch, channels] = gate_BC.shape as [number, number];
  return tf.mul(x_BHWC, tf.reshape(gate_BC, [batch, 1, 1, channels]));
};

/** By our own ops (gate.cc), with a gradient that passes over x twice. */
export const ownSqueezeExcite: SqueezeExcite = (x_BHWC, weights) => {
  const gated = tf.customGrad((...args) => {
    const [x, squeeze, squeezeBias, excite, exciteBias] = args as unknown as OwnInputs;
    const save = args[5] as unknown as tf.GradSaveFunc;
    const pooled_BC = tf.mean(x, [1, 2]) as tf.Tensor2D;
    const linear_BR = tf.add<tf.Tensor2D>(matrixProduct(pooled_BC, squeeze), squeezeBias);
    const sigmoid_BR = tf.sigmoid(linear_BR);
    const squeezed_BR = tf.mul<tf.Tensor2D>(linear_BR, sigmoid_BR);
    const gate_BC = tf.sigmoid(tf.add<tf.Tensor2D>(matrixProduct(squeezed_BR, excite), exciteBias));
    save([x, squeeze, excite, pooled_BC, linear_BR, sigmoid_BR, squeezed_BR, gate_BC]);
    return {
      value: runOneOutput('CrescendoGate', [x, gate_BC]),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => ownGradients(dy, saved as unknown as Saved),
    };
  });
  const { squeeze, squeezeBias, excite, exciteBias } = weights;
  return gated(x_BHWC, squeeze, squeezeBias, excite, exciteBias) as tf.Tensor4D;
};

type OwnInputs = [tf.Tensor4D, tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor1D];

/** x, W, V, mean, linear = mean W + b, its sigmoid, their product, gate. */
type Saved = [
  ...[x: tf.Tensor4D, squeeze: tf.Tensor2D, excite: tf.Tensor2D, pooled: tf.Tensor2D],
  ...[linear: tf.Tensor2D, sigmoid: tf.Tensor2D, squeezed: tf.Tensor2D, gate: tf.Tensor2D],
];

/**
 * The gradients of x, W, b, V and c; tfjs takes no gradients within a gradient, so they are written
 * out.
 */
function ownGradients(
  dy: tf.Tensor,
  [x, squeeze, excite, pooled, linear, sigmoid, squeezed, gate]: Saved,
): tf.Tensor[] {
  const dGate = runOneOutput('CrescendoGateGrad', [dy, x, gate]);
  const dExcited = tf.mul<tf.Tensor2D>(dGate, tf.mul(gate, tf.sub(1, gate)));
  const dSqueezed = matrixProduct(dExcited, excite, 'right');
  const slope = tf.mul(sigmoid, tf.add(1, tf.mul(linear, tf.sub(1, sigmoid))));
  const dLinear = tf.mul<tf.Tensor2D>(dSqueezed, slope);
  const dPooled = matrixProduct(dLinear, squeeze, 'right');
  const [, height, width] = x.shape;
  return [
    runOneOutput('CrescendoGateInputGrad', [dy, gate, tf.mul(dPooled, 1 / (height * width))]),
    matrixProduct(pooled, dLinear, 'left'),
    tf.sum(dLinear, 0),
    matrixProduct(squeezed, dExcited, 'left'),
    tf.sum(dExcited, 0),
  ];
}
