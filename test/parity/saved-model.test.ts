/** Exported SavedModels in TensorFlow itself. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { encodeNpy, readNpy } from '../../lib/weights/npy.ts';
import { exportGraph } from '../../lib/inference/export-graph.ts';
import { predictArray, predictingEngine } from '../../lib/inference/predict.ts';
import { readWeightsFile, writeWeightsFile } from '../../lib/inference/weights-file.ts';
import { buildNetwork } from '../../lib/models/registry.ts';
import { parseModelOf } from '../../lib/run/parse.ts';
import { SMALL_COATNET } from '../support/engines.ts';
import { temporaryFolder } from '../support/run-files.ts';
import { randomTensors, SMALL_MODEL } from '../support/weights.ts';
import { assertNear } from './compare.ts';
import { runPeer } from './python.ts';

const CLASS_COUNT = 11;
const SAMPLES = 5;

const CASES = [
  { model: { ...SMALL_MODEL, model: undefined, name: SMALL_MODEL.model }, sizePx: 64 },
  SMALL_COATNET,
];

for (const { model, sizePx } of CASES) {
  test(`TensorFlow gives our logits from a SavedModel of ${model.name}`, async (t) => {
    const folder = temporaryFolder(t);
    const file = (name: string): string => join(folder, name);
    writeFileSync(file('run.json'), JSON.stringify({ model }));
    const flags = { run: file('run.json') };
    const config = parseModelOf(file('run.json'));
    const network = buildNetwork(config, CLASS_COUNT);
    const written = { network, model: config };
    writeWeightsFile(file('weights.safetensors'), 'crescendo', written, randomTensors(network), {
      preprocessing: 'whole',
      interpolation: 'bilinear',
      classNames: undefined,
      loss: 'softmax',
    });
    const shape = [SAMPLES, sizePx, sizePx, 3];
    const values = Float32Array.from({ length: SAMPLES * sizePx ** 2 * 3 }, (_, i) => Math.sin(i));
    writeFileSync(file('images.npy'), encodeNpy({ shape, values }));

    const weights = await readWeightsFile(file('weights.safetensors'), flags, { format: 'auto' });
    const engine = await predictingEngine(weights, 'tensorflow');
    const { logits } = await predictArray(engine, readNpy(file('images.npy')));
    engine.dispose();
    await exportGraph(weights, 'savedmodel', sizePx, file('saved'));
    const args = [file('saved'), file('images.npy'), file('logits.npy')];
    await runPeer('keras', 'run_saved_model.py', args);
    assertNear(t, "TensorFlow's logits", logits, file('logits.npy'));
  });
}
