/** AutoAugment's policies, their operations and how they are drawn. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AUTO_AUGMENT_POLICIES,
  drawAutoAugment,
  policyOperation,
  type AutoAugmentName,
} from '../../lib/data/transforms/auto-augment.ts';
import { distort, type Distortion } from '../../lib/data/transforms/distortions.ts';
import { sampleStream } from '../../lib/data/transforms/sample-stream.ts';
import type { Recipe } from '../../lib/run/run-config.ts';

const NAMES = Object.keys(AUTO_AUGMENT_POLICIES) as AutoAugmentName[];

function operation(
  policy: AutoAugmentName,
  name: string,
  magnitude: number,
  sidePx: number,
  recipe: Recipe = 'paper',
): Distortion {
  const stream = sampleStream(1, 'test', 0);
  return policyOperation(policy, name)({ sidePx, magnitude, stream, recipe });
}

function drawn(policy: AutoAugmentName, position: number): Distortion[] {
  const stream = sampleStream(3, 'auto-augment', position);
  return drawAutoAugment({ policy, sidePx: 32, recipe: 'paper', stream });
}

for (const policy of NAMES) {
  test(`${policy} has 25 sub-policies with levels and probabilities that there are`, () => {
    const subPolicies = AUTO_AUGMENT_POLICIES[policy];
    assert.equal(subPolicies.length, 25);
    for (const [name, tenths, level] of subPolicies.flat()) {
      assert.ok(Number.isInteger(tenths) && tenths >= 0 && tenths <= 10, `${name} ${tenths}`);
      assert.ok(Number.isInteger(level) && level >= 0 && level <= 10, `${name} ${level}`);
    }
  });

  test(`no operation of ${policy} makes a picture one color`, () => {
    for (const [name, , level] of AUTO_AUGMENT_POLICIES[policy].flat()) {
      for (const sidePx of [32, 224]) {
        const stream = sampleStream(2, 'test-picture', sidePx);
        const pixels = Uint8Array.from({ length: sidePx * sidePx * 3 }, () => stream.below(256));
        distort({ pixels, sidePx }, operation(policy, name, level, sidePx));
        assert.ok(new Set(pixels).size > 1, `${name} ${level} at ${sidePx} px`);
      }
    }
  });

  test(`operations of ${policy} are drawn as often as their probabilities say`, () => {
    const count = 20_000;
    const expected = new Map<string, number>();
    for (const [name, tenths, level] of AUTO_AUGMENT_POLICIES[policy].flat()) {
      const { kind } = operation(policy, name, level, 32);
      expected.set(kind, (expected.get(kind) ?? 0) + tenths / 250);
    }
    const counted = new Map<string, number>();
    for (let position = 0; position < count; position++) {
      const distortions = drawn(policy, position);
      assert.ok(distortions.length <= 2);
      for (const { kind } of distortions) counted.set(kind, (counted.get(kind) ?? 0) + 1);
    }
    for (const [kind, rate] of expected) {
      const share = (counted.get(kind) ?? 0) / count;
      // Each image has none, one or two of a kind: the variance is below four times the rate.
      const bound = 4 * Math.sqrt((4 * rate) / count);
      assert.ok(Math.abs(share - rate) < bound, `${kind}: ${share} instead of ${rate}`);
    }
  });
}

test('the policy of CIFAR-10 follows the rules of its authors', () => {
  assert.deepEqual(operation('cifar-10', 'posterize', 7, 32).numbers, [2]);
  assert.deepEqual(operation('cifar-10', 'solarize', 2, 32).numbers, [205]);
  assert.deepEqual(operation('cifar-10', 'solarize', 8, 32).numbers, [52]);
  assert.deepEqual(operation('cifar-10', 'contrast', 6, 32, 'automl').numbers[1], -1);
  const shift = (sidePx: number): number =>
    Math.abs(operation('cifar-10', 'translateY', 9, sidePx).numbers[5] ?? 0);
  assert.deepEqual([shift(32), shift(64)], [9, 18]);
});

test('policy v0 moves by 4.5 % of the side a level, or by 25 px as in the released code', () => {
  const shift = (sidePx: number, recipe: Recipe): number =>
    Math.abs(operation('imagenet-v0', 'translateY', 9, sidePx, recipe).numbers[5] ?? 0);
  assert.ok(Math.abs(shift(224, 'paper') - 0.405 * 224) < 1e-9);
  assert.deepEqual([shift(112, 'automl'), shift(300, 'automl')], [225, 225]);
});

test('policy v0 keeps a bit where its code keeps none, which would make an image black', () => {
  assert.deepEqual(operation('imagenet-v0', 'posterize', 2, 224).numbers, [1]);
  assert.deepEqual(operation('imagenet-v0', 'solarize', 3, 224).numbers, [76]);
});

test('what is drawn depends on the position alone, and half of the signs are negative', () => {
  assert.deepEqual(drawn('cifar-10', 77), drawn('cifar-10', 77));
  const shifts = Array.from({ length: 4000 }, (_, position) => drawn('cifar-10', position))
    .flat()
    .filter(({ kind, numbers }) => kind === 'warp' && numbers[5] !== 0)
    .map(({ numbers }) => numbers[5] as number);
  const negative = shifts.filter((shift) => shift < 0).length / shifts.length;
  assert.ok(Math.abs(negative - 0.5) < 2 / Math.sqrt(shifts.length), `${negative}`);
});
