/** Exported graphs: any batch, and plain TensorFlow.js runs them. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, test } from 'node:test';
import type * as TensorFlowJs from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { exportGraph } from '../../lib/inference/export-graph.ts';
import { writeGraphModel } from '../../lib/inference/tfjs-graph-model.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import { createGraphEngine } from '../../lib/engine/graph-engine.ts';
import { portableGraph } from '../../lib/engine/graph/portable-graph.ts';
import { loadTensorflow, type LoadedTensorflow } from '../../lib/tensorflow/load.ts';
import { buildNetwork } from '../../lib/models/registry.ts';
import { SMALL_AIRBENCH, SMALL_COATNET, SMALL_RESNET, SMALL_VIT } from '../support/engines.ts';
import { smallRun, temporaryFolder } from '../support/run-files.ts';
import { randomTensors } from '../support/weights.ts';

const CLASS_COUNT = 7;
const SAMPLES = 5;

let loaded: LoadedTensorflow;

before(async () => {
  loaded = await loadTensorflow({ intraOpThreads: 1 });
});

const CASES = [
  { model: { name: 'efficientnetv2-b0', widthMultiplier: 0.2, depthMultiplier: 0.2 }, sizePx: 32 },
  SMALL_COATNET,
  SMALL_RESNET,
  SMALL_AIRBENCH,
  SMALL_VIT,
];

for (const { model, sizePx } of CASES) {
  test(`TensorFlow.js gives our logits from an exported ${model.name}`, async (context) => {
    const run = parseRunText(smallRun({ model }), 'test');
    const network = buildNetwork(run.model, CLASS_COUNT);
    const tensors = randomTensors(network);
    const images = Float32Array.from({ length: SAMPLES * sizePx * sizePx * 3 }, (_, i) =>
      Math.sin(i * 0.37),
    );
    const { native } = loaded;
    const engine = createGraphEngine({
      run,
      classCount: CLASS_COUNT,
      description: 'test',
      kernels: 'own',
      native,
    });
    engine.importWeights(tensors);
    const { logits } = await engine.predict(images, SAMPLES, sizePx, 'raw');
    engine.dispose();

    const folder = join(temporaryFolder(context), 'model');
    writeGraphModel(folder, portableGraph(native, network, tensors, sizePx), {});
    const theirs = await runInTfjs(folder, images, sizePx);
    const largest = Math.max(...logits.map(Math.abs));
    const difference = Math.max(...logits.map((value, i) => Math.abs(value - (theirs[i] ?? NaN))));
    assert.ok(difference < 1e-5 * largest, `logits to ${largest} differ by ${difference}`);
  });
}

test('both exports say what images they take and which classes they give', async (context) => {
  const { model, sizePx } = CASES[0] as (typeof CASES)[number];
  const network = buildNetwork(parseRunText(smallRun({ model }), 'test').model, CLASS_COUNT);
  const classNames = Array.from({ length: CLASS_COUNT }, (_, label) => `class ${label}`);
  const use = { preprocessing: 'center-crop-imagenet', interpolation: 'bicubic' } as const;
  const description = { ...use, imageSizePx: sizePx, loss: 'softmax', classNames } as const;
  const weights = { network, tensors: randomTensors(network), description };
  const folder = temporaryFolder(context);
  await exportGraph(weights, 'tfjs', sizePx, join(folder, 'tfjs'));
  await exportGraph(weights, 'savedmodel', sizePx, join(folder, 'saved'));
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const { userDefinedMetadata } = read('tfjs/model.json') as {
    userDefinedMetadata: { crescendo: unknown };
  };
  const said = { model: network.name, ...description };
  assert.deepEqual(userDefinedMetadata.crescendo, said);
  assert.deepEqual(read('saved/assets.extra/crescendo.json'), said);
});

/** On its plain JavaScript backend; the one of TensorFlow is put back. */
async function runInTfjs(
  folder: string,
  images: Float32Array,
  sizePx: number,
): Promise<Float32Array> {
  const tfjs = createRequire(import.meta.url)('@tensorflow/tfjs') as typeof TensorFlowJs;
  const previous = tf.getBackend();
  await tfjs.setBackend('cpu');
  try {
    const model = await tfjs.loadGraphModel({ load: () => Promise.resolve(artifacts(folder)) });
    const input = tfjs.tensor4d(images, [SAMPLES, sizePx, sizePx, 3]);
    const output = model.predict(input) as TensorFlowJs.Tensor;
    assert.deepEqual(output.shape, [SAMPLES, CLASS_COUNT]);
    return await output.data<'float32'>();
  } finally {
    await tfjs.setBackend(previous);
  }
}

function artifacts(folder: string): TensorFlowJs.io.ModelArtifacts {
  const model = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as {
    modelTopology: object;
    signature: object;
    weightsManifest: {
      paths: string[];
      weights: TensorFlowJs.io.WeightsManifestEntry[];
    }[];
  };
  const [group] = model.weightsManifest;
  assert.ok(group);
  assert.deepEqual(readdirSync(folder).sort(), [...group.paths, 'model.json'].sort());
  const data = Buffer.concat(group.paths.map((path) => readFileSync(join(folder, path))));
  const { modelTopology, signature } = model;
  const weightData = Uint8Array.from(data).buffer;
  return {
    modelTopology,
    signature,
    weightSpecs: group.weights,
    weightData,
    format: 'graph-model',
  };
}
