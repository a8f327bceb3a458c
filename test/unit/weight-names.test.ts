/** Name maps and the import: names, layouts, what is missing, extra, or for other classes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportedTensors } from '../../lib/weights/export-weights.ts';
import { importWeights, type ImportOptions } from '../../lib/weights/import-weights.ts';
import { FORMATS, detectFormat, nameMap } from '../../lib/weights/names/formats.ts';
import { inverse, transpose } from '../../lib/weights/names/name-map.ts';
import type { StoredTensor } from '../../lib/weights/tensor-source.ts';
import { TENSOR_NAMES } from '../support/tensor-names.ts';
import { modelOf } from '../../lib/inference/weights-file.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';
import { efficientNet } from '../../lib/models/efficientnet/family.ts';
import { isOf } from '../../lib/models/family.ts';
import { initialValues } from '../../lib/models/nn/initial-weights.ts';
import { randomTensors, smallModel, sourceOf, stored } from '../support/weights.ts';

const NETWORK = smallModel(5);
const TENSORS = randomTensors(NETWORK);
const FIRST = TENSORS[0] as NamedTensor;

function options(parts: Partial<ImportOptions> = {}): ImportOptions {
  return {
    path: 'file',
    modelOf: smallModel,
    format: 'auto',
    classCount: undefined,
    allowMissing: [],
    allowExtra: [],
    seed: 3,
    purpose: 'import',
    ...parts,
  };
}

function timmTensors(): StoredTensor[] {
  return exportedTensors(NETWORK, TENSORS, 'timm').map(stored);
}

test('each format gives back what was written under its names, and is told from them', () => {
  for (const format of FORMATS) {
    const source = sourceOf(exportedTensors(NETWORK, TENSORS, format).map(stored));
    const { tensors, report } = importWeights(source, options());
    assert.equal(report.format, format);
    assert.equal(report.classCount, 5);
    assert.deepEqual(tensors, TENSORS, format);
  }
});

for (const [model, formats] of [
  ['efficientnet-b0', ['timm', 'keras', 'automl']],
  ['coatnet-0', ['timm']],
  ['resnet-50', ['timm']],
  ['vit-b16', ['timm']],
] as const) {
  test(`${model} comes back from ${formats.join(', ')}, and other formats are refused`, () => {
    const small = modelOf({ model, widthMultiplier: 0.1, depthMultiplier: 0.1 });
    const network = small(5);
    const tensors = randomTensors(network);
    for (const format of FORMATS) {
      if (format !== 'crescendo' && !formats.some((one) => one === format)) {
        assert.throws(() => nameMap(format, network), /has no names for/);
        continue;
      }
      const source = sourceOf(exportedTensors(network, tensors, format).map(stored));
      const imported = importWeights(source, options({ modelOf: small }));
      assert.equal(imported.report.format, format);
      assert.deepEqual(imported.tensors, tensors, format);
    }
  });
}

test("EfficientNet's first blocks do not expand, and have the names of that", () => {
  const network = modelOf({ model: 'efficientnet-b0', widthMultiplier: 1, depthMultiplier: 1 })(10);
  const named = (format: (typeof FORMATS)[number], ours: string): string | undefined =>
    nameMap(format, network)
      .mappings.find((one) => one.ours === ours)
      ?.theirs.at(-1);
  assert.equal(named('timm', 'blocks.0.project.kernel'), 'blocks.0.0.conv_pw.weight');
  assert.equal(named('timm', 'blocks.1.project.kernel'), 'blocks.1.0.conv_pwl.weight');
  assert.equal(named('automl', 'blocks.0.project.kernel'), 'blocks_0/conv2d/kernel');
  assert.equal(
    named('automl', 'blocks.0.project_norm.beta'),
    'blocks_0/tpu_batch_normalization_1/beta',
  );
  const keras = nameMap('keras', network).mappings.find(
    (one) => one.ours === 'blocks.1.depthwise.kernel',
  );
  assert.equal(keras?.theirs[0], 'block2a_dwconv/kernel');
});

test('names are those of the frameworks, for every kind of block', () => {
  const network = modelOf({ model: 'efficientnetv2-s', widthMultiplier: 1, depthMultiplier: 1 })(
    10,
  );
  const named = (format: (typeof FORMATS)[number], ours: string): readonly string[] => {
    const found = nameMap(format, network).mappings.find((mapping) => mapping.ours === ours);
    assert.ok(found, ours);
    return found.theirs;
  };
  for (const [ours, timm, kerasLayer, kerasNumber, automl] of TENSOR_NAMES) {
    assert.deepEqual(named('timm', ours), [timm]);
    assert.ok(named('keras', ours).includes(kerasLayer), `${ours}: ${kerasLayer}`);
    assert.ok(named('keras', ours).includes(kerasNumber), `${ours}: ${kerasNumber}`);
    assert.equal(named('automl', ours)[0], `${automl}/ExponentialMovingAverage`);
    assert.ok(named('automl', ours).includes(automl), `${ours}: ${automl}`);
  }
});

test('names lose what carries no meaning: groups, scopes, output numbers', () => {
  const keras = nameMap('keras', NETWORK);
  assert.equal(keras.canonical('model_weights/stem_conv/stem_conv/kernel:0'), 'stem_conv/kernel');
  assert.equal(keras.canonical('stem_bn/stem_bn/gamma:0'), 'stem_bn/gamma');
  assert.equal(
    keras.canonical('_layer_checkpoint_dependencies/conv2d_3/vars/0'),
    'conv2d_3/vars/0',
  );
  const automl = nameMap('automl', NETWORK);
  assert.equal(automl.canonical('efficientnetv2-b0/stem/conv2d/kernel'), 'stem/conv2d/kernel');
  assert.ok(automl.isIgnored('stem/conv2d/kernel/RMSProp_1'));
  assert.ok(automl.isIgnored('global_step'));
  assert.ok(!automl.isIgnored('stem/conv2d/kernel'));
  assert.equal(detectFormat(NETWORK, ['something']), undefined);
});

test('a moving average is taken for its variable', () => {
  const source = exportedTensors(NETWORK, TENSORS, 'automl').map(stored);
  const raw = source.map((tensor) => ({
    ...tensor,
    name: tensor.name.replace('/ExponentialMovingAverage', ''),
    read: () => new Float32Array(tensor.read().length),
  }));
  const { tensors, report } = importWeights(sourceOf([...raw, ...source]), options());
  assert.deepEqual(tensors, TENSORS);
  assert.equal(report.averagedCount, TENSORS.length);
});

test('transposing follows numpy, and its inverse undoes it', () => {
  const values = Float32Array.from({ length: 6 }, (_, index) => index);
  assert.deepEqual([...transpose(values, [2, 3], [1, 0])], [0, 3, 1, 4, 2, 5]);
  // np.arange(24).reshape(2, 3, 4, 1).transpose(2, 3, 1, 0).ravel()[:8]
  const four = Float32Array.from({ length: 24 }, (_, index) => index);
  const moved = transpose(four, [2, 3, 4, 1], [2, 3, 1, 0]);
  assert.deepEqual([...moved.slice(0, 8)], [0, 12, 4, 16, 8, 20, 1, 13]);
  assert.deepEqual(transpose(moved, [4, 1, 3, 2], inverse([2, 3, 1, 0])), four);
});

test("timm's kernels are [out, in, height, width], depthwise ones [channels, 1, ...]", () => {
  const theirs = new Map(timmTensors().map((tensor) => [tensor.name, tensor]));
  const ours = new Map(TENSORS.map((tensor) => [tensor.name, tensor]));
  const check = (name: string, timmName: string, ourIndex: number[], timmIndex: number[]): void => {
    const [own, other] = [ours.get(name), theirs.get(timmName)];
    assert.ok(own && other);
    const at = (shape: readonly number[], index: number[]): number =>
      index.reduce((place, step, axis) => place * (shape[axis] as number) + step, 0);
    const found = other.read()[at(other.shape, timmIndex)];
    assert.equal(found, own.values[at(own.shape, ourIndex)], name);
  };
  check('stem.conv.kernel', 'conv_stem.weight', [2, 0, 1, 5], [5, 1, 2, 0]);
  assert.ok(isOf(efficientNet, NETWORK));
  const depthwise = NETWORK.spec.blocks.find((block) => block.kind === 'mbconv');
  assert.ok(depthwise);
  check(
    `${depthwise.name}.depthwise.kernel`,
    `blocks.${depthwise.stage}.${depthwise.layer}.conv_dw.weight`,
    [2, 1, 7, 0],
    [7, 0, 2, 1],
  );
  check('head.dense.kernel', 'classifier.weight', [9, 2], [2, 9]);
});

test('missing, extra and mis-shaped tensors are listed by name and refused', () => {
  const tensors = timmTensors()
    .filter((tensor) => tensor.name !== 'bn1.weight')
    .map((tensor) => (tensor.name === 'bn1.bias' ? { ...tensor, shape: [7] } : tensor));
  const source = sourceOf([...tensors, stored({ ...FIRST, name: 'added' })]);
  assert.throws(
    () => importWeights(source, options()),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'CRESCENDO_WEIGHTS_INVALID');
      assert.match(error.message, /1 missing: stem\.norm\.gamma \(there bn1\.weight\)/);
      assert.match(error.message, /1 of other shape: bn1\.bias is float32 \[7\], stem\.norm\.beta/);
      assert.match(error.message, /1 not of the model: added/);
      return true;
    },
  );
  const allowed = { allowMissing: ['stem.norm.*'], allowExtra: ['add*'] };
  const { report, tensors: imported } = importWeights(source, options(allowed));
  assert.deepEqual(report.initialized, ['stem.norm.gamma', 'stem.norm.beta']);
  assert.deepEqual(report.leftOut, ['added']);
  assert.ok(imported[1]?.values.every((value) => value === 1));
});

test('a classifier for other classes is replaced by initial values, and says so', () => {
  const { report, tensors, network } = importWeights(
    sourceOf(timmTensors()),
    options({ classCount: 9 }),
  );
  assert.equal(report.isClassifierReplaced, true);
  assert.equal(report.fileClassCount, 5);
  assert.deepEqual(report.initialized, ['head.dense.kernel', 'head.dense.bias']);
  const kernel = tensors.find((tensor) => tensor.name === 'head.dense.kernel');
  const parameter = network.parameters.find((one) => one.name === 'head.dense.kernel');
  assert.ok(kernel && parameter);
  assert.deepEqual(kernel.values, initialValues(parameter, 3));
});

test('without a classifier the number of classes must be said', () => {
  const headless = timmTensors().filter((tensor) => !tensor.name.startsWith('classifier'));
  assert.throws(() => importWeights(sourceOf(headless), options()), /say it with --classes/);
  assert.throws(
    () => importWeights(sourceOf(headless), options({ classCount: 5 })),
    /2 missing: head\.dense\.kernel/,
  );
  const parts = { classCount: 5, allowMissing: ['head.dense.*'] };
  const { report } = importWeights(sourceOf(headless), options(parts));
  assert.equal(report.fileClassCount, null);
});

test('counters are ignored, and two tensors for one name are refused', () => {
  const counter = { ...stored(FIRST), name: 'bn1.num_batches_tracked', isFloat: false };
  const { report } = importWeights(sourceOf([...timmTensors(), counter]), options());
  assert.deepEqual(report.ignored, ['bn1.num_batches_tracked']);
  const twice = exportedTensors(NETWORK, TENSORS, 'automl').map(stored);
  const [again] = twice as [StoredTensor];
  const scoped = { ...again, name: `efficientnetv2-b0/${again.name}` };
  assert.throws(
    () => importWeights(sourceOf([...twice, scoped]), options()),
    /has two tensors for stem\/conv2d\/kernel/,
  );
});

test('a format whose names no tensor has is refused, with the one that has them', () => {
  const source = sourceOf(timmTensors());
  assert.throws(
    () => importWeights(source, options({ format: 'keras', classCount: 5 })),
    /under the names of keras, but those of timm: check --format/,
  );
});

test('advice is of flags that the command has, and names that are alike are told once', () => {
  const ours = TENSORS.slice(1).map(stored);
  const refusal = (purpose: 'import' | 'use'): string => {
    try {
      importWeights(sourceOf(ours), options({ purpose }));
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  assert.match(refusal('import'), /1 missing: stem\.conv\.kernel\n.*\n?.*--allow-missing/);
  assert.match(refusal('use'), /1 missing: stem\.conv\.kernel\n/);
  assert.doesNotMatch(refusal('use'), /--allow|--format/);
});

test('values that are not finite are refused by the names of the file', () => {
  for (const value of [NaN, Infinity, -Infinity]) {
    const tensors = timmTensors().map((tensor) => {
      if (tensor.name !== 'bn1.bias') return tensor;
      return { ...tensor, read: () => new Float32Array(FIRST.shape.at(-1) ?? 0).fill(value, 1) };
    });
    assert.throws(
      () => importWeights(sourceOf(tensors), options()),
      /not finite in 1 of \d+ tensors: bn1\.bias;/,
    );
  }
});

test('a model with other tensors is refused with the first of them', () => {
  const wrong = {
    modelOf: modelOf({ model: 'efficientnetv2-s', widthMultiplier: 1, depthMultiplier: 1 }),
  };
  assert.throws(() => importWeights(sourceOf(timmTensors()), options(wrong)), /missing: .* more/);
  const none = sourceOf([stored({ name: 'x', shape: [1], values: new Float32Array(1) })]);
  assert.throws(() => importWeights(none, options()), /under the names of any known format.*x/);
});

test('what wrappers put before all names is taken off, and told', () => {
  const wrapped = exportedTensors(NETWORK, TENSORS, 'timm').map((tensor) =>
    stored({ ...tensor, name: `module._orig_mod.${tensor.name}` }),
  );
  const { tensors, report } = importWeights(sourceOf(wrapped), options());
  assert.deepEqual(tensors, TENSORS);
  assert.equal(report.format, 'timm');
  assert.equal(report.strippedPrefix, 'module._orig_mod.');
  const plain = exportedTensors(NETWORK, TENSORS, 'timm').map(stored);
  assert.equal(importWeights(sourceOf(plain), options()).report.strippedPrefix, '');
});
