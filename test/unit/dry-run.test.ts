/**
 * The plan that `train --dry-run` prints: computed from the run file, and from what is measured.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  checkPlan,
  datasetCounts,
  planDryRun,
  type DatasetCounts,
} from '../../lib/planning/dry-run.ts';
import { allReduceBytes } from '../../lib/collective/all-reduce/planned-bytes.ts';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { encodeSafetensors } from '../../lib/weights/safetensors.ts';
import { sha256OfFile } from '../../lib/run/file-hash.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { parseRunFile } from '../../lib/run/parse.ts';
import { measurePhases } from '../../lib/planning/measure-phases.ts';
import type { Bucket } from '../../lib/collective/buckets.ts';
import { evenPart } from '../../lib/collective/tree.ts';
import { planRun } from '../../lib/run/plan.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { anEngine, aRun } from '../support/engines.ts';
import { allReduce, someBuckets } from '../support/all-reduce.ts';
import { temporaryFolder, type RunOverrides } from '../support/run-files.ts';

const COUNTS: DatasetCounts = {
  isPresent: false,
  classCount: 4,
  trainSampleCount: 100,
  validationSampleCount: 60,
};

test('the bytes planned for the all-reduce are those that the busiest worker moves', () => {
  const buckets = someBuckets('bfloat16');
  for (const microBatches of [6, 8, 13]) {
    for (let workers = 1; workers <= 6; workers++) {
      const members = Array.from({ length: workers }, (_, slot) => ({
        slot,
        machine: `node ${slot}`,
        microBatches: evenPart(microBatches, slot, workers),
      }));
      const { sentBytes, receivedBytes } = allReduce({
        microBatches,
        members,
        buckets,
        seed: 1,
        vectorOf: () => new Float32Array((buckets.at(-1) as Bucket).end),
      });
      assert.deepEqual(
        allReduceBytes(buckets, microBatches, workers),
        {
          sentBytesPerStep: Math.max(...sentBytes),
          receivedBytesPerStep: Math.max(...receivedBytes),
        },
        `${microBatches} micro-batches, ${workers} workers`,
      );
    }
  }
});

test('a worker sends the least when its micro-batches are one node of the tree, else more', () => {
  const buckets: Bucket[] = [{ begin: 0, end: 9600, format: 'float32' }];
  const least = (workers: number): number => (2 * (workers - 1) * 9600 * 4) / workers;
  for (const [microBatches, workers] of [
    [8, 2],
    [12, 3],
    [6, 6],
  ] as const) {
    const { sentBytesPerStep } = allReduceBytes(buckets, microBatches, workers);
    assert.equal(sentBytesPerStep, least(workers), `${microBatches} on ${workers}`);
  }
  assert.equal(allReduceBytes(buckets, 6, 2).sentBytesPerStep, 1.5 * least(2));
});

test('a plan with lossy compression has fewer bytes, as the compression packs', () => {
  const bytesWith = (communication: object): number =>
    planDryRun(aRun({ communication: { ...communication } }), COUNTS, 2, undefined)
      .sentBytesPerStep;
  const exact = bytesWith({ compression: 'float32' });
  const int8 = bytesWith({ compression: 'int8' });
  const topK = bytesWith({ compression: 'top-k', topKFraction: 0.01 });
  const [rank1, rank2] = [1, 2].map((powerSgdRank) =>
    bytesWith({ compression: 'power-sgd', powerSgdRank }),
  );
  // Fewer sums travel too: one for each worker, not one for each node of the tree.
  assert.ok(int8 > exact * 0.1 && int8 < exact * 0.35, `${int8} of ${exact}`);
  assert.ok(topK < exact * 0.2, `${topK} of ${exact}`);
  assert.ok(
    (rank1 as number) < (rank2 as number) && (rank2 as number) < exact,
    `${rank1}, ${rank2}`,
  );
});

test('the bucket that lossy compression sends exactly too comes on top, now and then', async () => {
  const engine = await anEngine();
  const guardOf = (communication: object): number =>
    planDryRun(aRun({ communication: { ...communication } }), COUNTS, 2, undefined).guardBytes;
  const { gradientElements } = engine.layout;
  const lengths = engine.buckets
    .filter(({ end }) => end <= gradientElements)
    .map(({ begin, end }) => end - begin);
  const guard = guardOf({ compression: 'int8' });
  const largest = 4 * Math.max(...lengths);
  // Each of two members sends half to be summed, and its summed half.
  assert.ok(guard >= largest && guard < largest * 1.01 + 1024, `${guard} of ${largest}`);
  assert.equal(guardOf({ compression: 'auto' }), guard);
  assert.equal(guardOf({ compression: 'auto', allowed: ['float32'] }), 0);
  assert.equal(guardOf({ compression: 'int8', guardEverySteps: 0 }), 0);
  assert.equal(guardOf({ compression: 'float32' }), 0);
  engine.dispose();
});

test('auto is planned with the most that one of its compressions takes', () => {
  const sentWith = (communication: object): number =>
    planDryRun(aRun({ communication: { ...communication } }), COUNTS, 2, undefined)
      .sentBytesPerStep;
  const [exact, all] = [
    sentWith({ compression: 'float32' }),
    sentWith({ compression: 'top-k', topKFraction: 1 }),
  ];
  assert.equal(sentWith({ compression: 'auto' }), exact);
  const allowed = ['float32', 'top-k'];
  assert.equal(sentWith({ compression: 'auto', allowed, topKFraction: 1 }), Math.max(exact, all));
});

test('a plan has the steps, samples, sizes and learning rates of the run', () => {
  const run = aRun({ training: { epochs: 2, learningRate: { peak: 0.02 } } });
  const plan = planDryRun(run, COUNTS, 2, undefined);
  assert.deepEqual(
    plan.phases.map(({ imageSizePx, stepCount, samples }) => [imageSizePx, stepCount, samples]),
    [
      [8, 4, 96],
      [16, 5, 104],
    ],
  );
  assert.equal(plan.samples, 200);
  assert.equal(plan.phases[0]?.firstLearningRate, 0.02);
  const last = 0.01 * (1 + Math.cos((Math.PI * 8) / 9));
  assert.ok(Math.abs((plan.phases[1]?.lastLearningRate as number) - last) < 1e-15);
  assert.equal(plan.hours, null);
});

test('the planned state is what an engine holds', async () => {
  const cases: RunOverrides[] = [
    { training: { optimizer: { name: 'sgd' }, emaDecay: 0 } },
    { training: { optimizer: { name: 'adamw' }, emaDecay: 0.99 } },
  ];
  for (const overrides of cases) {
    const engine = await anEngine(overrides);
    const plan = planDryRun(aRun(overrides), COUNTS, 1, undefined);
    assert.equal(plan.stateBytes, engine.exportState().values.byteLength);
    assert.equal(plan.vectorBytes, engine.layout.totalElements * 4);
    engine.dispose();
  }
});

test('with local SGD a plan has fewer bytes, and memory for anchor and momentum', async () => {
  const training = { epochs: 2, optimizer: { name: 'adamw' }, localSgd: { innerSteps: 3 } };
  const engine = await anEngine({ training });
  const plan = planDryRun(aRun({ training }), COUNTS, 2, undefined);
  const { gradientElements: p, statisticElements: m } = engine.layout;
  // What is exported has the momentum; the anchor is weights, statistics and two moments.
  const anchor = 3 * p + m;
  assert.equal(plan.stateBytes, engine.exportState().values.byteLength + 4 * anchor);
  // Phases of 4 and 5 steps: two all-reduces in each.
  const { sentBytesPerStep } = allReduceBytes(engine.buckets, 2, 2);
  assert.equal(plan.sentBytesPerStep, Math.round((sentBytesPerStep * 4) / 9));
  engine.dispose();
});

test('hours follow from one measured micro-batch per size and the most that one worker has', () => {
  const measurement = {
    engine: 'test',
    updateSeconds: 1,
    bySizePx: new Map([
      [8, { microBatchSeconds: 10, peakMemoryBytes: 1 }],
      [16, { microBatchSeconds: 20, peakMemoryBytes: 2 }],
    ]),
  };
  // Two of four workers have two of the 6 micro-batches.
  const plan = planDryRun(aRun({ training: { epochs: 2 } }), COUNTS, 4, measurement);
  const seconds = 4 * (2 * 10 + 1) + 5 * (2 * 20 + 1);
  assert.ok(Math.abs((plan.hours as number) - seconds / 3600) < 1e-12);
});

test('measuring runs a micro-batch of each image size with the run’s engine', async () => {
  const run = aRun({ model: { name: 'efficientnetv2-b0', widthMultiplier: 0.1 } });
  const { phases } = planRun(run, modeOf(run).plan, 100, 60);
  const lines: string[] = [];
  const measured = await measurePhases(run, phases, 4, (line) => lines.push(line));
  assert.deepEqual([...measured.bySizePx.keys()], [8, 16]);
  assert.ok([...measured.bySizePx.values()].every((one) => one.microBatchSeconds > 0));
  assert.ok(measured.updateSeconds > 0 && measured.engine.startsWith('js'));
  assert.match(lines[1] as string, /4 images at 16 px/);
});

test('without the images a plan takes the expected counts, or says what is missing', async () => {
  const path = join('nowhere', 'images');
  const expected = { trainSampleCount: 1000, validationSampleCount: 10, classCount: 7 };
  const aFolder = (more: object): RunOverrides => ({
    dataset: { name: 'image-folder', path, trainSamplesMax: 800, ...more },
  });
  const lines: string[] = [];
  const counts = await datasetCounts(aRun(aFolder({ expected })), (line) => lines.push(line));
  assert.deepEqual(counts, {
    isPresent: false,
    classCount: 7,
    trainSampleCount: 800,
    validationSampleCount: 10,
  });
  assert.match(lines[0] as string, /no folder .*images/);
  await assert.rejects(
    datasetCounts(aRun(aFolder({})), () => undefined),
    /dataset\.expected\.trainSampleCount/,
  );
});

test('a plan is refused as training would be, but needs no initial weights', async (context) => {
  const check = (run: RunConfig, lines: string[] = []): Promise<void> =>
    checkPlan(run, COUNTS, (line) => lines.push(line));
  const invalid = { code: 'CRESCENDO_CONFIG_INVALID' };
  await assert.rejects(check(aRun({ training: { freeze: ['nothing.*'] } })), invalid);
  await assert.rejects(check(aRun({ training: { freeze: ['*'] } })), invalid);
  const initialWeights = join(temporaryFolder(context), 'weights.safetensors');
  const lines: string[] = [];
  await check({ ...aRun(), initialWeights }, lines);
  assert.match(lines.join(), /no file .*weights\.safetensors \(initialWeights\)/);
  const name = 'stem.conv.kernel';
  const tensors = [{ name, shape: [1], values: new Float32Array(1) }];
  writeFileSync(initialWeights, encodeSafetensors(tensors, {}));
  const initialWeightsSha256 = sha256OfFile(initialWeights);
  await assert.rejects(check({ ...aRun(), initialWeights, initialWeightsSha256 }), {
    code: 'CRESCENDO_WEIGHTS_INVALID',
    message: /stem\.conv\.kernel is \[1\], not \[3, 3, 3, 8\]/,
  });
});

test('every recipe under configs/ is planned from the counts that it expects', async () => {
  const folder = join(PROJECT_ROOT, 'configs');
  const recipes = readdirSync(folder).filter((name) => /-(imagenet|cifar|flowers|cars)/.test(name));
  assert.ok(recipes.length >= 16);
  for (const name of recipes) {
    const run = parseRunFile(join(folder, name), true);
    const counts = await datasetCounts(run, () => undefined);
    const plan = planDryRun(run, counts, 8, undefined);
    assert.ok(
      plan.phases.every((phase) => phase.stepCount > 0),
      name,
    );
    assert.ok(Number.isInteger(plan.microBatchSamples), name);
    const head = readFileSync(join(folder, name), 'utf8').split('seed:')[0] as string;
    const comment = head.replace(/\n# /g, ' ');
    assert.match(comment, /[Nn]ot run to its end here/, name);
    assert.match(comment, /% top-1|reaches|% for S/, name);
    assert.ok(comment.includes(`configs/${name}`), name);
  }
});

test('recipes of CIFAR-10 say what they reached here, as docs/results.md does', () => {
  const folder = join(PROJECT_ROOT, 'configs');
  const recipes = readdirSync(folder).filter((name) => name.startsWith('cifar10-'));
  assert.ok(recipes.length >= 1);
  const results = readFileSync(join(PROJECT_ROOT, 'docs', 'results.md'), 'utf8');
  for (const name of recipes) {
    const head = readFileSync(join(folder, name), 'utf8').split('seed:')[0] as string;
    const comment = head.replace(/\n# /g, ' ');
    assert.match(comment, /run to its end here/, name);
    const [, reached = 'nothing'] = /([\d.]+ % top-1)/.exec(comment) ?? [];
    const percent = reached.replace(' top-1', '');
    const [, section = ''] = results.split(`configs/${name}`);
    assert.ok((section.split('\n## ')[0] as string).includes(percent), name);
  }
});
