/** Biases of dense layers, with GELU after them or nothing. */
import * as tf from '@tensorflow/tfjs-core';
import type { AddBias } from '../models/network.ts';
import { plainGelu } from './gelu.ts';

interface NativeBackend {
  executeMultipleOutputs(
    name: string,
    attributes: readonly never[],
    inputs: readonly tf.Tensor[],
    outputCount: number,
  ): tf.Tensor[];
}

export const plainBias: AddBias = (x_MN, bias, activation) => {
  const sum = tf.add<tf.Tensor2D>(x_MN, bias);
  return activation === 'gelu' ? plainGelu(sum) : sum;
};

/** With our own ops (native/bias.cc). */
export const ownBias: AddBias = (x_MN, bias, activation) => {
  const backend = tf.backend() as unknown as NativeBackend;
  const execute = (op: string, inputs: readonly tf.Tensor[], outputs: number): tf.Tensor[] =>
    backend.executeMultipleOutputs(op, [], inputs, outputs);
  const add = tf.customGrad((...args) => {
    const [x, offset, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    if (activation === 'gelu') {
      save([x, offset]);
      return {
        value: execute('CrescendoBiasGelu', [x, offset], 1)[0] as tf.Tensor,
        gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) =>
          execute('CrescendoBiasGeluGrad', [dy, ...saved], 2),
      };
    }
    save([offset]);
    return {
      value: tf.add(x, offset),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => [
        dy,
        ...execute('CrescendoColumnSums', [dy, ...saved], 1),
      ],
    };
  });
  return add(x_MN, bias) as tf.Tensor2D;
};
