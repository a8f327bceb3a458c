/**
 * A network's inference as a graph that stands by itself: weights as constants, any batch size, and
 * only TensorFlow's own ops. B batch, S image side in pixels, K classes.
 *
 * tfjs fixes every shape while a function is recorded. The graph is therefore recorded for two
 * batch sizes, and where the two differ the batch is left open: what differs is the batch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { assert, CrescendoError, defined } from '../../base/errors.ts';
import type { Network } from '../../models/network.ts';
import type { NamedTensor } from '../../weights/named-tensor.ts';
import { infer } from '../model-step.ts';
import type { NativeAddon } from '../../tensorflow/addon.ts';
import { GraphRecorder } from './recorder.ts';
import {
  DATA_TYPES,
  decodeGraphDef,
  type AttrValue,
  type GraphDef,
  type NodeDef,
  type TensorProto,
} from './tensorflow-formats.ts';

export interface PortableGraph {
  readonly graph: GraphDef;
  /** Name of the node that takes [B, S, S, 3] float32, normalized as in training. */
  readonly input: string;
  /** Name of the node that gives [B, K] logits. */
  readonly output: string;
  readonly imageSizePx: number;
  readonly classCount: number;
}

const INPUT = 'images';
const OUTPUT = 'logits';
const BATCHES = [2, 3] as const;

/**
 * @param tensors parameters and moving statistics, all of them
 * @throws CRESCENDO_WEIGHTS_INVALID when one is missing
 */
export function portableGraph(
  native: NativeAddon,
  network: Network,
  tensors: readonly NamedTensor[],
  imageSizePx: number,
): PortableGraph {
  const [first, second] = BATCHES.map((batch) =>
    recordInference(native, network, imageSizePx, batch),
  ) as [Recorded, Recorded];
  assert(first.graph.node.length === second.graph.node.length, 'the batch changes the graph');
  const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
  const nodes = first.graph.node.map((node, index): NodeDef => {
    const weight = first.weights.get(node.name);
    if (weight !== undefined) return constantNode(weight, defined(byName.get(weight), weight));
    const renamed = withOpenBatch(node, second.graph.node[index] as NodeDef);
    const input = node.input?.map((name) => first.weights.get(name) ?? name);
    const named = { ...renamed, ...(input === undefined ? {} : { input }) };
    return node.name === first.images ? { ...named, name: INPUT } : named;
  });
  const ofImages = (node: NodeDef): NodeDef =>
    node.input === undefined
      ? node
      : { ...node, input: node.input.map((name) => (name === first.images ? INPUT : name)) };
  const output: NodeDef = {
    name: OUTPUT,
    op: 'Identity',
    input: [first.logits],
    attr: { T: { type: DATA_TYPES.DT_FLOAT } },
  };
  return {
    graph: { ...first.graph, node: [...nodes.map(ofImages), output] },
    input: INPUT,
    output: OUTPUT,
    imageSizePx,
    classCount: network.classCount,
  };
}

interface Recorded {
  readonly graph: GraphDef;
  /** Nodes that stand for weights, by the weights' names. */
  readonly weights: ReadonlyMap<string, string>;
  readonly images: string;
  readonly logits: string;
}

function recordInference(
  native: NativeAddon,
  network: Network,
  sizePx: number,
  batch: number,
): Recorded {
  const recorder = new GraphRecorder(native);
  const nodeOf = (tensor: tf.Tensor): string =>
    native.outputName(recorder.graph, recorder.outputId(tensor)).replace(/:0$/, '');
  let recorded: Recorded | undefined;
  recorder.record(() => {
    tf.tidy(() => {
      const weights = new Map<string, string>();
      const placeholders = [...network.parameters, ...network.statistics].map(({ name, shape }) => {
        const tensor = recorder.placeholder(shape);
        weights.set(nodeOf(tensor), name);
        return [name, tensor] as const;
      });
      const images = recorder.placeholder([batch, sizePx, sizePx, 3]) as tf.Tensor4D;
      const { logits } = infer(network, new Map(placeholders), images);
      const names = { images: nodeOf(images), logits: nodeOf(logits) };
      recorded = { graph: decodeGraphDef(native.graphDef(recorder.graph)), weights, ...names };
    });
  });
  return defined(recorded, 'recorded graph');
}

function constantNode(name: string, { shape, values }: NamedTensor): NodeDef {
  const tensor: TensorProto = {
    dtype: DATA_TYPES.DT_FLOAT,
    tensorShape: { dim: shape.map((size) => ({ size })) },
    tensorContent: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
  return { name, op: 'Const', attr: { dtype: { type: DATA_TYPES.DT_FLOAT }, value: { tensor } } };
}

/** The node with sizes that depend on the batch left open (-1). */
function withOpenBatch(node: NodeDef, other: NodeDef): NodeDef {
  const attr = Object.entries(node.attr).map(([key, value]): [string, AttrValue] => {
    const else_ = other.attr[key] as AttrValue;
    if (value.shape !== undefined && else_.shape !== undefined) {
      const sizes = value.shape.dim.map(({ size }) => size);
      const open = openSizes(
        node,
        sizes,
        else_.shape.dim.map(({ size }) => size),
      );
      return [key, { shape: { dim: open.map((size) => ({ size })) } }];
    }
    if (value.tensor?.dtype !== DATA_TYPES.DT_INT32 || else_.tensor === undefined) {
      return [key, value];
    }
    const open = openSizes(node, integersOf(value.tensor), integersOf(else_.tensor));
    const content = Int32Array.from(open);
    const { dtype, tensorShape } = value.tensor;
    const tensorContent = new Uint8Array(content.buffer);
    return [key, { tensor: { dtype, tensorShape, tensorContent } }];
  });
  return { ...node, attr: Object.fromEntries(attr) };
}

function openSizes(
  node: NodeDef,
  sizes: readonly number[],
  others: readonly number[],
): readonly number[] {
  const open = sizes.map((size, index) => (size === others[index] ? size : -1));
  if (open.filter((size, index) => size !== sizes[index]).length <= 1) return open;
  throw new CrescendoError(
    'CRESCENDO_INVARIANT',
    `node ${node.name} (${node.op}) has more than one size that depends on the batch: ` +
      `${sizes.join(', ')} for ${BATCHES[0]}, ${others.join(', ')} for ${BATCHES[1]}`,
  );
}

/** Values of an int32 tensor; one value stands for all where all are equal. */
function integersOf(tensor: TensorProto): readonly number[] {
  const { tensorContent: bytes, intVal, tensorShape } = tensor;
  const count = tensorShape.dim.reduce((product, { size }) => product * size, 1);
  if (bytes !== undefined && bytes.length > 0) {
    return [...new Int32Array(Uint8Array.from(bytes).buffer)];
  }
  const values = intVal ?? [];
  return Array.from(
    { length: count },
    (_, index) => values[Math.min(index, values.length - 1)] ?? 0,
  );
}
