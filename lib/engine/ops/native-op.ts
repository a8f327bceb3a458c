/** Runs ops of TensorFlow and of our addon by name, on tfjs-node's backend. */
import * as tf from '@tensorflow/tfjs-core';

export type OpAttribute =
  | { readonly float: number }
  | { readonly int: number }
  | { readonly bool: boolean }
  | { readonly text: string }
  | { readonly type: 'float32' };

export type OpAttributes = Readonly<Record<string, OpAttribute>>;

/** What is used of tfjs-node's backend. */
interface NativeBackend {
  readonly binding: Readonly<
    Record<`TF_ATTR_${'FLOAT' | 'INT' | 'BOOL' | 'STRING' | 'TYPE'}` | 'TF_FLOAT', number>
  >;
  executeMultipleOutputs(
    name: string,
    attributes: readonly { name: string; type: number; value: unknown }[],
    inputs: readonly tf.Tensor[],
    outputCount: number,
  ): tf.Tensor[];
}

/** The op's outputs; without a gradient. */
export function runOp(
  name: string,
  inputs: readonly tf.Tensor[],
  outputCount: number,
  attributes: OpAttributes = {},
): tf.Tensor[] {
  const backend = tf.backend() as unknown as NativeBackend;
  const encoded = Object.entries(attributes).map(([key, value]) => ({
    name: key,
    ...encode(value, backend.binding),
  }));
  return backend.executeMultipleOutputs(name, encoded, inputs, outputCount);
}

/** Runs an op that has one output. */
export function runOneOutput(
  name: string,
  inputs: readonly tf.Tensor[],
  attributes: OpAttributes = {},
): tf.Tensor {
  return runOp(name, inputs, 1, attributes)[0] as tf.Tensor;
}

function encode(
  attribute: OpAttribute,
  binding: NativeBackend['binding'],
): { type: number; value: unknown } {
  if ('float' in attribute) return { type: binding.TF_ATTR_FLOAT, value: attribute.float };
  if ('int' in attribute) return { type: binding.TF_ATTR_INT, value: attribute.int };
  if ('bool' in attribute) return { type: binding.TF_ATTR_BOOL, value: attribute.bool };
  if ('text' in attribute) return { type: binding.TF_ATTR_STRING, value: attribute.text };
  return { type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
}
