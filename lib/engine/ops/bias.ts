/** Biases of dense layers, with GELU after them or nothing. */
import * as tf from '@tensorflow/tfjs-core';
import type { AddBias } from '../../models/network.ts';
import { plainGelu } from './gelu.ts';
import { runOneOutput, runOp } from './native-op.ts';

export const plainBias: AddBias = (x_MN, bias, activation) => {
  const sum = tf.add<tf.Tensor2D>(x_MN, bias);
  return activation === 'gelu' ? plainGelu(sum) : sum;
};

/** With our own ops (bias.cc). */
export const ownBias: AddBias = (x_MN, bias, activation) => {
  const add = tf.customGrad((...args) => {
    const [x, offset, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    if (activation === 'gelu') {
      save([x, offset]);
      return {
        value: runOneOutput('CrescendoBiasGelu', [x, offset]),
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
          runOp('CrescendoBiasGeluGrad', [dy, ...saved], 2),
      };
    }
    save([offset]);
    return {
      value: tf.add(x, offset),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
        dy,
        runOneOutput('CrescendoColumnSums', [dy, ...saved]),
      ],
    };
  });
  return add(x_MN, bias) as tf.Tensor2D;
};
