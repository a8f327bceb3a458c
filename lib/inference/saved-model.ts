/**
 * A model as TensorFlow's SavedModel: one graph with constant weights, tag `serve`, signature
 * `serving_default` (images in, logits out). TensorFlow Serving, tf.saved_model.load and converters
 * read it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import type { PortableGraph } from '../engine/graph/portable-graph.ts';
import {
  DATA_TYPES,
  encodeMessage,
  type GraphDef,
  type TensorShape,
} from '../engine/graph/tensorflow-formats.ts';

/** Largest size of a protocol buffer. */
const BYTES_MAX = 2 ** 31 - 1;

/**
 * Writes the folder, which must not exist yet, with what is said of the weights' use in
 * `assets.extra/crescendo.json`. @throws CRESCENDO_WEIGHTS_INVALID if the model is
 * too large
 */
export function writeSavedModel(
  folder: string,
  portable: PortableGraph,
  tensorflowVersion: string,
  use: object,
): void {
  const { graph, input, output, imageSizePx, classCount } = portable;
  // Checked before encoding, which needs the memory once more, or fails.
  refuseBeyondLimit(weightBytes(graph));
  const bytes = encodeMessage('SavedModel', {
    savedModelSchemaVersion: 1,
    metaGraphs: [
      {
        metaInfoDef: { tags: ['serve'], tensorflowVersion },
        graphDef: graph,
        signatureDef: {
          serving_default: {
            inputs: { images: floats(`${input}:0`, [-1, imageSizePx, imageSizePx, 3]) },
            outputs: { logits: floats(`${output}:0`, [-1, classCount]) },
            methodName: 'tensorflow/serving/predict',
          },
        },
      },
    ],
  });
  refuseBeyondLimit(bytes.length);
  mkdirSync(folder);
  writeFileSync(join(folder, 'saved_model.pb'), bytes);
  // The folder for what readers of the format pass over.
  const extra = join(folder, 'assets.extra');
  mkdirSync(extra);
  writeFileSync(join(extra, 'crescendo.json'), JSON.stringify(use, null, 2));
}

function weightBytes(graph: GraphDef): number {
  return graph.node.reduce(
    (sum, { attr }) => sum + (attr['value']?.tensor?.tensorContent?.length ?? 0),
    0,
  );
}

function refuseBeyondLimit(bytes: number): void {
  if (bytes <= BYTES_MAX) return;
  throw new CrescendoError(
    'CRESCENDO_WEIGHTS_INVALID',
    `a SavedModel of ${bytes} bytes is beyond the ${BYTES_MAX} of a protocol buffer: export ` +
      'safetensors instead',
  );
}

function floats(
  name: string,
  sizes: readonly number[],
): { name: string; dtype: number; tensorShape: TensorShape } {
  const tensorShape = { dim: sizes.map((size) => ({ size })) };
  return { name, dtype: DATA_TYPES.DT_FLOAT, tensorShape };
}
