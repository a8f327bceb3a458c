/** Facts of the paper and the released code about the family and the schedules. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { philox, permute } from '../../lib/base/random.ts';
import { defaultModelConfig } from '../../lib/run/parse.ts';
import { initialValues } from '../../lib/models/nn/initial-weights.ts';
import { buildNetwork, countParameters, listModels } from '../../lib/models/registry.ts';
import { learningRateAt } from '../../lib/run/learning-rate.ts';
import { planPhases } from '../../lib/run/phases.ts';
import { bareSchedule } from '../support/schedule.ts';
import { microBatchRange, planLength } from '../../lib/run/length.ts';
import { whiteningKernel } from '../../lib/models/airbench/whitening.ts';
import { anEngine, anInput, compute, SMALL_VIT } from '../support/engines.ts';

// Total counts are those of the unit tests of google/automl's efficientnetv2.
const COUNTS: [string, number, number][] = [
  ['efficientnetv2-b0', 7_139_704, 7_200_312],
  ['efficientnetv2-b1', 8_141_052, 8_212_124],
  ['efficientnetv2-b2', 10_096_086, 10_178_374],
  ['efficientnetv2-b3', 14_358_406, 14_467_622],
  ['efficientnetv2-s', 21_458_488, 21_612_360],
  ['efficientnetv2-m', 54_139_356, 54_431_388],
  ['efficientnetv2-l', 118_515_272, 119_027_848],
  ['efficientnetv2-xl', 208_119_808, 208_896_832],
];

test('parameter counts of EfficientNetV2 equal the released ones', () => {
  assertCounts('efficientnetv2-', COUNTS);
});

function assertCounts(prefix: string, counts: readonly [string, number, number][]): void {
  const rows = listModels().filter(({ name }) => name.startsWith(prefix));
  assert.deepEqual(
    rows.map((row) => [row.name, row.trainableParameters, row.totalParameters]),
    counts,
  );
}

test('parameter counts of EfficientNet equal those of timm and Keras', () => {
  assertCounts('efficientnet-', [
    ['efficientnet-b0', 5_288_548, 5_330_564],
    ['efficientnet-b1', 7_794_184, 7_856_232],
    ['efficientnet-b2', 9_109_994, 9_177_562],
    ['efficientnet-b3', 12_233_232, 12_320_528],
    ['efficientnet-b4', 19_341_616, 19_466_816],
    ['efficientnet-b5', 30_389_784, 30_562_520],
    ['efficientnet-b6', 43_040_704, 43_265_136],
    ['efficientnet-b7', 66_347_960, 66_658_680],
  ]);
});

test('parameter counts of ResNet equal those of timm', () => {
  assertCounts('resnet-', [
    ['resnet-50', 25_557_032, 25_610_152],
    ['resnet-152', 60_192_808, 60_344_232],
  ]);
});

test('parameter counts of ViT equal those of timm', () => {
  assertCounts('vit-', [
    ['vit-b16', 86_567_656, 86_567_656],
    ['vit-l16', 304_326_632, 304_326_632],
  ]);
});

test('parameter counts of airbench are the published ones, scales and one bias apart', () => {
  const counts = [
    ['airbench-94', 1_971_640],
    ['airbench-95', 4_604_728],
  ] as const;
  for (const [name, published] of counts) {
    const { parameters } = buildNetwork(defaultModelConfig(name), 10);
    // The publication's norms have no scale, and its classifier no bias.
    const own = parameters.filter(({ name: one }) => /gamma|head\.dense\.bias/.test(one));
    const count = (specs: typeof parameters): number =>
      specs.reduce((sum, { shape }) => sum + shape.reduce((left, right) => left * right, 1), 0);
    assert.equal(count(parameters) - count(own), published, name);
  }
});

test('the filters that whiten are orthogonal, and each is there with its negative', () => {
  const kernel = whiteningKernel();
  const filterOf = (channel: number): number[] =>
    Array.from({ length: 12 }, (_, input) => kernel[input * 24 + channel] as number);
  const product = (left: number[], right: number[]): number =>
    left.reduce((sum, value, at) => sum + value * (right[at] as number), 0);
  for (let one = 0; one < 12; one++) {
    assert.deepEqual(
      filterOf(one + 12),
      filterOf(one).map((value) => -value),
    );
    for (let other = 0; other < one; other++) {
      const norms = Math.hypot(...filterOf(one)) * Math.hypot(...filterOf(other));
      assert.ok(Math.abs(product(filterOf(one), filterOf(other))) < 1e-12 * norms);
    }
  }
  // Lightness varies most in natural images, so it is amplified least.
  const norms = Array.from({ length: 12 }, (_, channel) => Math.hypot(...filterOf(channel)));
  assert.equal(Math.min(...norms), norms[0]);
});

test('an identity convolution starts by passing on its inputs', () => {
  const kernelOf = (inputs: number, outputs: number): Float32Array =>
    initialValues(
      {
        name: 'x.kernel',
        shape: [3, 3, inputs, outputs],
        kind: 'kernel',
        initial: { identity: 0.1 },
      },
      1,
    );
  const narrow = kernelOf(3, 2);
  assert.deepEqual(
    [...narrow],
    Array.from({ length: 54 }, (_, at) => (at === 24 || at === 27 ? 1 : 0)),
  );
  const wide = kernelOf(2, 3);
  for (const [at, value] of wide.entries()) {
    const output = at % 3;
    if (output < 2) assert.equal(value, at === 24 || at === 28 ? 1 : 0);
    else assert.ok(Math.abs(value) <= 0.1 && value !== 0);
  }
});

test('airbench refuses images of which its groups would leave nothing', async () => {
  const model = { name: 'airbench-94', widthMultiplier: 0.125, stemStride: 1 };
  const engine = await anEngine({ model }, 0, 8);
  await assert.rejects(compute(engine, anInput(2, 0, 8)), {
    code: 'CRESCENDO_CONFIG_INVALID',
    message: /images of 8 px: choose image sizes from 9 px up/,
  });
  engine.dispose();
});

test('a vision transformer has no stride of its stem', () => {
  const config = { ...defaultModelConfig('vit-b16'), stemStride: 1 };
  assert.throws(() => buildNetwork(config, 10), {
    code: 'CRESCENDO_CONFIG_INVALID',
    message: /model.stemStride is 1, and vit-b16 has patches/,
  });
});

// Trainable parameters at 224 px, which the paper rounds to 25, 42, 75, 168, 275, 688, 1470 and
// 2440 million; docs/models.md says why CoAtNet-6 differs.
const COATNET_COUNTS: [string, number][] = [
  ['coatnet-0', 25_036_820],
  ['coatnet-1', 42_225_776],
  ['coatnet-2', 74_684_744],
  ['coatnet-3', 166_966_264],
  ['coatnet-4', 275_425_288],
  ['coatnet-5', 687_052_952],
  ['coatnet-6', 1_348_435_040],
  ['coatnet-7', 2_441_972_728],
];

test('parameter counts of CoAtNet round to the published ones', () => {
  const rows = listModels().filter(({ name }) => name.startsWith('coatnet'));
  assert.deepEqual(
    rows.map((row) => [row.name, row.trainableParameters]),
    COATNET_COUNTS,
  );
});

test('the names of models are unique, and each ends in a classifier of its features', () => {
  const names = listModels().map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const name of names) {
    const { parameters, featureChannels } = buildNetwork(defaultModelConfig(name), 7);
    assert.deepEqual(
      parameters.slice(-2).map((parameter) => [parameter.name, ...parameter.shape]),
      [
        ['head.dense.kernel', featureChannels, 7],
        ['head.dense.bias', 7],
      ],
    );
  }
});

test('branches survive as published: ResNet from the first block on, ViT from the second', () => {
  const survivalOf = (name: string): readonly number[] =>
    buildNetwork({ ...defaultModelConfig(name), stochasticDepthRate: 0.2 }, 10)
      .survivalProbabilities;
  const resNet = survivalOf('resnet-50');
  assert.equal(resNet.length, 16);
  assert.deepEqual([resNet[0], resNet[7], resNet[15]], [1 - 0.2 / 16, 0.9, 0.8]);
  const viT = survivalOf('vit-b16');
  assert.equal(viT.length, 24);
  assert.deepEqual([...viT.slice(0, 2), ...viT.slice(-2)], [1, 1, 0.8, 0.8]);
});

test('a truncated normal has its deviation, and nothing beyond its bounds', () => {
  const patches = buildNetwork(defaultModelConfig('vit-b16'), 10).parameters[0];
  assert.equal(patches?.name, 'stem.patches.kernel');
  const deviation = 1 / Math.sqrt(768);
  const values = initialValues(patches, 5);
  const measured = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  assert.ok(Math.abs(measured - deviation) < 0.01 * deviation, `${measured}, not ${deviation}`);
  const largest = values.reduce((left, right) => Math.max(left, Math.abs(right)), 0);
  assert.ok(largest < 2.28 * deviation && largest > 2.2 * deviation, `${largest / deviation}`);
});

test('images smaller than a patch are refused with the sizes that work', async () => {
  const engine = await anEngine({ model: { ...SMALL_VIT.model } });
  await assert.rejects(
    compute(engine, anInput(2)),
    /vit-b16 cuts images into patches of 16 px, .* 12 px have none: choose image sizes from 16 px/,
  );
  engine.dispose();
});

test('relative-bias tables for larger images have the counts of larger images', () => {
  const counts = [384, 512].map((tableImageSizePx) => {
    const config = defaultModelConfig('coatnet-0');
    const coatnet = { ...config.coatnet, tableImageSizePx };
    return countParameters(buildNetwork({ ...config, coatnet }, 1000)).trainable;
  });
  assert.deepEqual(counts, [25_142_900, 25_269_236]);
});

test('phases grow linearly from the minimum to exactly the maximum and cover every step', () => {
  const phases = planPhases(
    {
      ...bareSchedule(128),
      phases: 4,
      imageSizePx: { min: 128, max: 300 },
      dropoutRate: { min: 0.1, max: 0.3 },
      randAugmentMagnitude: { min: 5, max: 15 },
    },
    103,
    'paper',
  );
  assert.deepEqual(
    phases.map((phase) => phase.imageSizePx),
    [128, 184, 244, 300],
  );
  assert.deepEqual(phases.map((phase) => phase.randAugmentMagnitude)[3], 15);
  assert.equal(phases.map((phase) => phase.dropoutRate)[3], 0.3);
  assert.equal(
    phases.reduce((sum, phase) => sum + phase.stepCount, 0),
    103,
  );
});

test('sizes between the ends are rounded to a multiple that is asked for, not beyond them', () => {
  const sizesOf = (min: number, max: number, sizeMultiplePx: number): number[] =>
    planPhases(
      { ...bareSchedule(min), phases: 4, imageSizePx: { min, max }, sizeMultiplePx },
      100,
      'paper',
    ).map((phase) => phase.imageSizePx);
  assert.deepEqual(sizesOf(32, 64, 4), [32, 44, 52, 64]);
  assert.deepEqual(sizesOf(32, 64, 16), [32, 48, 48, 64]);
  assert.deepEqual(sizesOf(36, 44, 64), [36, 44, 44, 44]);
  assert.deepEqual(sizesOf(40, 60, 64), [40, 60, 60, 60]);
});

test("the released code's phases begin a step above the minimum, in whole pixels", () => {
  const sizesOf = (max: number): number[] =>
    planPhases(
      { ...bareSchedule(128), phases: 4, imageSizePx: { min: 128, max } },
      100,
      'automl',
    ).map((phase) => phase.imageSizePx);
  assert.deepEqual(sizesOf(300), [171, 214, 257, 300]);
  assert.deepEqual(sizesOf(384), [192, 256, 320, 384]);
  assert.deepEqual(sizesOf(240), [156, 184, 212, 240]);
});

test('a length in steps is taken in place of epochs', () => {
  const length = planLength(50_000, { epochs: 3, steps: 10_000 }, 512);
  assert.equal(length.stepCount, 10_000);
  assert.equal(length.totalSamples, 5_120_000);
  // ImageNet-1k's 350 epochs of the released code's split (their log prints 107,336 steps).
  assert.equal(planLength(1_256_144, { epochs: 350, steps: 0 }, 4096).stepCount, 107_337);
});

test('the exponential schedule is counted from step 0, so it drops at the end of warm-up', () => {
  const config = {
    peak: 0.256,
    warmupEpochs: 5,
    warmupSteps: 0,
    decay: 'exponential',
    decayFrom: 'start',
    minimum: 0,
    decayRate: 0.97,
    decayEpochs: 2.4,
  } as const;
  assert.equal(learningRateAt(0, config, 100, 35_000), 0);
  assert.equal(learningRateAt(250, config, 100, 35_000), 0.128);
  assert.ok(Math.abs(learningRateAt(500, config, 100, 35_000) - 0.256 * 0.97 ** 2) < 1e-12);
});

test('micro-batches tile every sample of the run once, the last step being partial', () => {
  const { totalSamples, stepCount } = planLength(50, { epochs: 2.5, steps: 0 }, 24);
  let position = 0;
  for (let step = 0; step < stepCount; step++) {
    for (let shard = 0; shard < 6; shard++) {
      const range = microBatchRange(step, shard, { globalSize: 24, microBatches: 6 }, totalSamples);
      if (range.sampleCount === 0) continue;
      assert.equal(range.firstPosition, position);
      position += range.sampleCount;
    }
  }
  assert.equal(position, 125);
});

test('Philox gives the known answers of Random123', () => {
  const output = new Uint32Array(4);
  philox(0, 0, 0, 0, 0, 0, output);
  assert.deepEqual([...output], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  philox(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, output);
  assert.deepEqual([...output], [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]);
});

test('an epoch is a permutation, another one each epoch', () => {
  for (const size of [1, 2, 5, 100, 1023]) {
    const order = (epoch: number): number[] =>
      Array.from({ length: size }, (_, index) => permute(index, size, 7, epoch));
    assert.deepEqual(
      [...order(0)].sort((a, b) => a - b),
      Array.from({ length: size }, (_, index) => index),
    );
    if (size > 5) assert.notDeepEqual(order(0), order(1));
  }
});
