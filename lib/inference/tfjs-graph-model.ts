/**
 * A model as a graph model of TensorFlow.js (`tf.loadGraphModel`), for browsers: model.json with
 * the graph, and its constants in files of 4 MiB, which browsers cache separately.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_VERSION } from '../base/project.ts';
import type { PortableGraph } from '../engine/graph/portable-graph.ts';
import {
  DATA_TYPES,
  graphDefAsJson,
  type AttrValue,
  type NodeDef,
} from '../engine/graph/tensorflow-formats.ts';

const SHARD_BYTES = 4 * 2 ** 20;

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  readonly bytes: Uint8Array;
}

/**
 * Writes the folder, which must not exist yet.
 * @param use what is said of the weights' use, as `userDefinedMetadata`
 */
export function writeGraphModel(folder: string, portable: PortableGraph, use: object): void {
  const { graph, input, output, imageSizePx, classCount } = portable;
  const weights = graph.node.filter(({ op }) => op === 'Const').map(weightOf);
  const topology = graphDefAsJson({ ...graph, node: graph.node.map(withoutContent) });
  const data = Buffer.concat(weights.map(({ bytes }) => bytes));
  const shardCount = Math.max(1, Math.ceil(data.length / SHARD_BYTES));
  const paths = Array.from(
    { length: shardCount },
    (_, index) => `group1-shard${index + 1}of${shardCount}.bin`,
  );
  const images = [-1, imageSizePx, imageSizePx, 3];
  const model = {
    format: 'graph-model',
    generatedBy: `crescendo ${PACKAGE_VERSION}`,
    convertedBy: null,
    userDefinedMetadata: { crescendo: use },
    signature: {
      inputs: { images: tensorInfo(`${input}:0`, images) },
      outputs: { logits: tensorInfo(`${output}:0`, [-1, classCount]) },
    },
    modelTopology: topology,
    weightsManifest: [
      { paths, weights: weights.map(({ name, shape, dtype }) => ({ name, shape, dtype })) },
    ],
  };
  mkdirSync(folder);
  for (const [index, path] of paths.entries()) {
    const shard = data.subarray(index * SHARD_BYTES, (index + 1) * SHARD_BYTES);
    writeFileSync(join(folder, path), shard);
  }
  writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
}

function tensorInfo(name: string, sizes: readonly number[]): object {
  return {
    name,
    dtype: 'DT_FLOAT',
    tensorShape: { dim: sizes.map((size) => ({ size: `${size}` })) },
  };
}

const DTYPES: Readonly<Record<number, Weight['dtype']>> = {
  [DATA_TYPES.DT_FLOAT]: 'float32',
  [DATA_TYPES.DT_INT32]: 'int32',
  [DATA_TYPES.DT_BOOL]: 'bool',
};

function weightOf(node: NodeDef): Weight {
  const { tensor } = node.attr['value'] as AttrValue & { tensor: object };
  const { dtype: type, tensorShape, tensorContent, floatVal, intVal, boolVal } = tensor;
  const shape = tensorShape.dim.map(({ size }) => size);
  const count = shape.reduce((left, right) => left * right, 1);
  const dtype = DTYPES[type] as Weight['dtype'];
  if (tensorContent !== undefined && tensorContent.length > 0) {
    return { name: node.name, shape, dtype, bytes: tensorContent };
  }
  // Values that TensorFlow wrote as numbers; the last one repeats for all that follow.
  const values = [...(floatVal ?? []), ...(intVal ?? []), ...(boolVal ?? []).map(Number)];
  const numbers = Array.from(
    { length: count },
    (_, i) => values[Math.min(i, values.length - 1)] ?? 0,
  );
  const typed =
    dtype === 'float32'
      ? Float32Array.from(numbers)
      : dtype === 'int32'
        ? Int32Array.from(numbers)
        : Uint8Array.from(numbers);
  return { name: node.name, shape, dtype, bytes: new Uint8Array(typed.buffer) };
}

/** Removes the values of constants, which are in the weight files. */
function withoutContent(node: NodeDef): NodeDef {
  const tensor = node.op === 'Const' ? node.attr['value']?.tensor : undefined;
  if (tensor === undefined) return node;
  const { dtype, tensorShape } = tensor;
  return { ...node, attr: { ...node.attr, value: { tensor: { dtype, tensorShape } } } };
}
