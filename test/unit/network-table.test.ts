/** Networks as tables of stages in a run file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildNetwork, countParameters, listModels } from '../../lib/models/registry.ts';
import { stageSizes } from '../../lib/models/stage-sizes.ts';
import { tableText } from '../../lib/models/table-text.ts';
import { defaultModelConfig, parseRunText } from '../../lib/run/parse.ts';
import type { ModelConfig } from '../../lib/run/run-config.ts';
import { requireStatedModel, useMetadata, useOf } from '../../lib/weights/description.ts';
import { anEngine, anInput, compute } from '../support/engines.ts';

const INVALID = 'CRESCENDO_CONFIG_INVALID';

/** The model of a run file with that table. */
function modelWith(table: object, name = 'mine'): ModelConfig {
  return parseRunText(JSON.stringify({ model: { name, table } }), 'run.yaml').model;
}

function stages(...rows: object[]): object {
  return { family: 'efficientnet', stem: 8, head: 16, stages: rows };
}

test('every named model is printed as a table that gives the same network', () => {
  for (const { name } of listModels()) {
    for (const scale of [1, 0.6]) {
      const scaled = { widthMultiplier: scale, depthMultiplier: scale };
      const config = { ...defaultModelConfig(name), ...scaled };
      const network = buildNetwork(config, 10);
      const text = tableText(`my-${name}`, network.table(), config);
      const { model } = parseRunText(text, 'run.yaml');
      const again = buildNetwork(model, 10);
      assert.deepEqual(again.parameters, network.parameters, name);
      assert.deepEqual(again.statistics, network.statistics, name);
      assert.deepEqual(again.survivalProbabilities, network.survivalProbabilities, name);
      assert.equal(again.multiplyAdds(224), network.multiplyAdds(224), name);
      assert.equal(tableText(`my-${name}`, again.table(), model), text);
    }
  }
});

test('the parts of a network have all of its parameters', () => {
  const network = buildNetwork(defaultModelConfig('efficientnetv2-b0'), 1000);
  const sizes = stageSizes(network);
  assert.deepEqual(
    sizes.map(({ name }) => name),
    ['stem', ...[0, 1, 2, 3, 4, 5].map((stage) => `stage ${stage}`), 'head'],
  );
  const sum = sizes.reduce((total, { parameters }) => total + parameters, 0);
  assert.equal(sum, countParameters(network).trainable);
});

test('kernels, expansions, strides and squeeze ratios of a table are in the network', () => {
  const table = stages(
    { operation: 'fused-mbconv', width: 8, kernel: 5, expansion: 2, squeezeRatio: 0.5 },
    { operation: 'mbconv', width: 16, kernel: 5, stride: 2, expansion: 1, layers: 2 },
  );
  const { parameters } = buildNetwork(modelWith(table), 3);
  const shapeOf = (name: string): readonly number[] | undefined =>
    parameters.find((one) => one.name === name)?.shape;
  assert.deepEqual(shapeOf('blocks.0.expand.kernel'), [5, 5, 8, 16]);
  assert.deepEqual(shapeOf('blocks.0.squeeze.kernel'), [1, 1, 16, 4]);
  assert.deepEqual(shapeOf('blocks.1.depthwise.kernel'), [5, 5, 8, 1]);
  assert.equal(shapeOf('blocks.1.squeeze.kernel'), undefined);
  assert.deepEqual(shapeOf('blocks.2.project.kernel'), [1, 1, 16, 16]);
});

test('a network of a table trains, with squeeze-and-excitation or without', async () => {
  for (const family of ['efficientnet', 'coatnet'] as const) {
    const table = {
      family,
      stem: 8,
      head: 16,
      stages: [
        { operation: 'mbconv', width: 8, kernel: 5, expansion: 2 },
        { operation: 'mbconv', width: 8, stride: 2, squeezeRatio: 0.25 },
        ...(family === 'coatnet'
          ? [{ operation: 'attention', width: 16, stride: 2, headWidth: 8, expansion: 2 }]
          : [{ operation: 'fused-mbconv', width: 16, stride: 2, squeezeRatio: 0.25 }]),
      ],
    };
    const engine = await anEngine({ model: { ...modelWith(table) } }, 0, 32);
    const gradients = await compute(engine, anInput(4, 0, 32));
    const names = engine.exportWeights('raw').map(({ name }) => name);
    assert.ok(names.includes('blocks.1.squeeze.kernel'));
    assert.ok(
      gradients.every((value) => Number.isFinite(value)),
      family,
    );
    assert.ok(gradients.some((value) => value !== 0));
  }
});

test('what a family does not have is refused by stage and key', () => {
  const refused = (table: object, message: RegExp): void => {
    assert.throws(() => buildNetwork(modelWith(table), 10), { code: INVALID, message });
  };
  const attention = { operation: 'attention', width: 32 };
  refused(
    stages(attention),
    /stages\.0\.operation: attention is not one of efficientnet: fused-mbconv, mbconv/,
  );
  refused(
    { family: 'coatnet', stem: 8, stages: [{ ...attention, width: 40 }] },
    /stages\.0\.headWidth: 32 does not divide the width \(40\)/,
  );
  refused(
    { family: 'coatnet', stem: 8, stages: [{ ...attention, kernel: 5 }] },
    /stages\.0\.kernel: 5 is not for an attention/,
  );
  refused(
    { family: 'resnet', stem: 8, stages: [{ operation: 'bottleneck', width: 30 }] },
    /stages\.0\.expansion: 4 does not divide the width \(30\)/,
  );
  refused({ family: 'vit', stem: 32, stages: [attention, attention] }, /2 stages, and ViT has one/);
  refused({ family: 'vit', stem: 64, stages: [attention] }, /width: 32 must be that of .*\(64\)/);
  refused(
    stages({ operation: 'fused-mbconv', width: 8, expansion: 1, squeezeRatio: 0.25 }),
    /squeezeRatio: 0\.25 is not for a fused-mbconv of expansion 1/,
  );
  refused(
    stages({ operation: 'mbconv', width: 16_384, layers: 256, expansion: 16 }),
    /has \d+ parameters, and at most 8589934592 are possible/,
  );
});

test('a table may not take the name of a model', () => {
  const table = stages({ operation: 'mbconv', width: 8 });
  assert.throws(() => buildNetwork(modelWith(table, 'efficientnetv2-s'), 10), {
    code: INVALID,
    message: /efficientnetv2-s is the name of a model, and model\.table is given too/,
  });
});

test('a key, a value or a stage that is wrong is named when the run file is read', () => {
  assert.throws(() => modelWith(stages({ operation: 'mbconv', width: 8, kernel: 7 })), {
    code: INVALID,
    message: /model\.table\.stages\.0\.kernel: 7 is not one of 3, 5/,
  });
  assert.throws(() => modelWith(stages({ operation: 'mbcnv', width: 8 })), {
    code: INVALID,
    message: /"mbcnv" is not one of fused-mbconv, mbconv, .*; did you mean mbconv\?/,
  });
  assert.throws(() => modelWith(stages({ operation: 'mbconv' })), {
    code: INVALID,
    message: /model\.table\.stages\.0\.width: is missing/,
  });
});

test('weights say the table and the stride of the stem, and are not taken for another', () => {
  const use = {
    imageSizePx: 24,
    preprocessing: 'whole',
    interpolation: 'bilinear',
    loss: 'softmax',
  } as const;
  const model = { ...modelWith(stages({ operation: 'mbconv', width: 8 })), stemStride: 1 };
  const stated = useOf('weights', useMetadata({ ...use, model }))?.model;
  assert.deepEqual(stated?.table, model.table);
  assert.equal(stated?.stemStride, 1);
  const other = modelWith(stages({ operation: 'mbconv', width: 8, kernel: 5 }));
  assert.throws(
    () => {
      requireStatedModel('weights', stated, { ...other, stemStride: 1 }, 'the run file');
    },
    { code: 'CRESCENDO_WEIGHTS_INVALID', message: /another table of stages \(model\.table\)/ },
  );
});
