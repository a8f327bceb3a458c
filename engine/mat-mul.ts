/**
 * Matrix product by TensorFlow's MatMul. tfjs uses BatchMatMulV2 for every product, which is up to
 * twice as slow on tall matrices (65,536 x 16 times 16 x 32 on two threads: 812 against 404 us).
 */
import * as tf from '@tensorflow/tfjs-core';

interface NativeBackend {
  readonly binding: Readonly<Record<'TF_ATTR_TYPE' | 'TF_ATTR_BOOL' | 'TF_FLOAT', number>>;
  executeSingleOutput(
    name: string,
    attributes: readonly { name: string; type: number; value: unknown }[],
    inputs: readonly tf.Tensor[],
  ): tf.Tensor2D;
}

/** a [M, K] times b [K, N], with gradients. */
export function nativeMatMul(a_MK: tf.Tensor2D, b_KN: tf.Tensor2D): tf.Tensor2D {
  const multiply = tf.customGrad((...args) => {
    const [left, right, save] = args as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([left, right]);
    return {
      value: matrixProduct(left, right),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [a, b] = saved as [tf.Tensor, tf.Tensor];
        return [matrixProduct(dy, b, 'right'), matrixProduct(a, dy, 'left')];
      },
    };
  });
  return multiply(a_MK, b_KN) as tf.Tensor2D;
}

/** Without gradients, for use within one. */
export function matrixProduct(
  left: tf.Tensor,
  right: tf.Tensor,
  transposed?: 'left' | 'right',
): tf.Tensor2D {
  const backend = tf.backend() as unknown as NativeBackend;
  const { binding } = backend;
  return backend.executeSingleOutput(
    'MatMul',
    [
      { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: transposed === 'left' },
      { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: transposed === 'right' },
      { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
    ],
    [left, right],
  );
}
