/** Freezing, exclusions from weight decay, layer-wise decay, patterns of names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matchesPattern } from '../../lib/run/name-pattern.ts';
import { FlatLayout } from '../../lib/optim/flat-layout.ts';
import { updateSegments } from '../../lib/optim/update-segments.ts';
import { layerDepths } from '../../lib/models/nn/layer-depth.ts';
import { buildNetwork, listModels } from '../../lib/models/registry.ts';
import { anEngine, anInput, aRun, compute } from '../support/engines.ts';
import {
  assertFreezes,
  assertFrozenNormsUseMovingStatistics,
  FREEZING,
} from '../support/freezing.ts';

test('frozen weights and their batch norms keep their bytes while the rest learns', async () => {
  const engine = await anEngine(FREEZING);
  await assertFreezes(engine);
  engine.dispose();
});

test('frozen batch norms normalize with their moving statistics', async () => {
  const engine = await anEngine(FREEZING);
  await assertFrozenNormsUseMovingStatistics(engine);
  engine.dispose();
});

test('a freeze pattern that fits nothing, or everything, is refused', async () => {
  const freezing = (freeze: string[]): Promise<unknown> => anEngine({ training: { freeze } });
  await assert.rejects(freezing(['blocks.99.*']), /"blocks\.99\.\*" fits no parameter/);
  await assert.rejects(freezing(['*']), /leaves nothing to train/);
});

test('layer-wise decay moves the classifier in full and the stem least', async () => {
  const movedBy = async (layerDecay: number): Promise<Map<string, number>> => {
    const training = { optimizer: { name: 'sgd' }, weightDecay: 0, layerDecay };
    const engine = await anEngine({ training });
    const before = engine.exportWeights('raw');
    await engine.applyUpdate(0, 0.1, await compute(engine, anInput(4)));
    const after = engine.exportWeights('raw');
    engine.dispose();
    return new Map(
      before.map(({ name, values }, index) => [
        name,
        Math.hypot(...values.map((one, at) => one - (after[index]?.values[at] as number))),
      ]),
    );
  };
  const [whole, shrunk] = [await movedBy(1), await movedBy(0.5)];
  const ratio = (name: string): number =>
    (shrunk.get(name) as number) / (whole.get(name) as number);
  assert.ok(Math.abs(ratio('head.dense.kernel') - 1) < 1e-5);
  assert.ok(Math.abs(ratio('head.conv.kernel') - 0.5) < 1e-3, `${ratio('head.conv.kernel')}`);
  const depths = layerDepths([...whole.keys()].filter((name) => !name.includes('moving')));
  const expected = 0.5 ** Math.max(...depths.values());
  assert.ok(Math.abs(ratio('stem.conv.kernel') / expected - 1) < 1e-2, 'stem');
});

test('factors by pattern multiply learning rates, and each must fit a parameter', async () => {
  const layout = new FlatLayout(buildNetwork(aRun().model, 10).parameters);
  const rateOf = (learningRateFactors: Record<string, number>, name: string): number => {
    const rules = aRun({ training: { learningRateFactors, layerDecay: 0.5 } }).training;
    const at = layout.placed.findIndex(({ entry }) => entry.name === name);
    return updateSegments(layout, rules).rates[at] as number;
  };
  const factors = { 'head.*': 4, '*.bias': 8 };
  assert.equal(rateOf(factors, 'head.dense.kernel'), 4);
  assert.equal(rateOf(factors, 'head.dense.bias'), 32);
  assert.equal(rateOf(factors, 'head.conv.kernel'), 2);
  assert.equal(rateOf(factors, 'stem.conv.kernel'), rateOf({}, 'stem.conv.kernel'));
  const wrong = anEngine({ training: { learningRateFactors: { '*.bias': 2, 'neck.*': 2 } } });
  await assert.rejects(wrong, /training\.learningRateFactors: "neck\.\*" fits no parameter/);
});

test('the default exclusions leave weight decay to kernels, in every model', () => {
  for (const { name } of listModels()) {
    // Frozen parameters have no segment.
    const run = aRun({ model: { name }, training: { freeze: [] } });
    const layout = new FlatLayout(buildNetwork(run.model, 10).parameters);
    const { segments } = updateSegments(layout, run.training);
    for (const [index, { entry }] of layout.placed.entries()) {
      const isKernel = entry.name.endsWith('.kernel');
      assert.equal(segments[3 * index + 2], isKernel ? 1 : 0, `${name} ${entry.name}`);
    }
  }
});

test('tables of positions are not decayed by default', () => {
  const { weightDecayExclude } = aRun().training;
  const isExcluded = (name: string): boolean =>
    weightDecayExclude.some((pattern) => matchesPattern(name, pattern));
  assert.ok(isExcluded('blocks.7.relative_bias.table'));
  assert.ok(isExcluded('stem.positions.table'));
  assert.ok(!isExcluded('blocks.7.attention.query.kernel'));
});

test('patterns take * for any characters and everything else as it is', () => {
  assert.ok(matchesPattern('blocks.0.norm.gamma', 'blocks.0.*'));
  assert.ok(!matchesPattern('blocks.01.norm.gamma', 'blocks.0.*'));
  assert.ok(matchesPattern('head.dense.bias', '*bias*'));
  assert.ok(matchesPattern('abcabc', 'a*c'));
  assert.ok(!matchesPattern('aba', 'ab*ba'));
  assert.ok(matchesPattern('stem', 'stem') && !matchesPattern('stems', 'stem'));
  assert.ok(!matchesPattern('axb', 'a.b'));
});
