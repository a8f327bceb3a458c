/**
 * GELU in its tanh form (Hendrycks and Gimpel, 2016, section 2), written as x sigmoid(v) with
 * v = 2 sqrt(2 / pi) (x + 0.044715 x^3), which is the same.
 */
import * as tf from '@tensorflow/tfjs-core';

const SCALE = 2 * Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** By tfjs ops, with a gradient of its own that keeps less than autodiff would. */
export function plainGelu<T extends tf.Tensor>(x: T): T {
  const activate = tf.customGrad((...args) => {
    const [input, save] = args as unknown as [tf.Tensor, tf.GradSaveFunc];
    const gate = tf.sigmoid(steepened(input));
    save([input, gate]);
    return {
      value: tf.mul(input, gate),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [value, sigmoid] = saved as [tf.Tensor, tf.Tensor];
        const steepness = tf.mul(SCALE, tf.add(1, tf.mul(3 * CUBIC, tf.square(value))));
        const tail = tf.mul(tf.mul(value, tf.sub(1, sigmoid)), steepness);
        return [tf.mul(dy, tf.mul(sigmoid, tf.add(1, tail)))];
      },
    };
  });
  return activate(x) as T;
}

/** v of x. */
function steepened(x: tf.Tensor): tf.Tensor {
  return tf.mul(SCALE, tf.mul(x, tf.add(1, tf.mul(CUBIC, tf.square(x)))));
}
