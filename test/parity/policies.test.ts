/** AutoAugment's policies and random erasing against timm and torchvision. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import { AUTO_AUGMENT_POLICIES } from '../../lib/data/transforms/auto-augment.ts';
import { drawRectangle } from '../../lib/data/transforms/erasing.ts';
import { runPeer } from './python.ts';

type TheirPolicy = readonly (readonly [string, number, number | null])[][];

const SIDES_PX = [32, 224];
/** Ten attempts take four draws each at most, and whether to erase takes one. */
const DRAWS = 41;
const random = new RandomStream(8, 'test-erasing-draws');
const draws = Array.from({ length: 300 }, () =>
  Array.from({ length: DRAWS }, () => random.uniform()),
);

let folder: string;
let theirs: {
  readonly imagenetV0: TheirPolicy;
  readonly cifar10: TheirPolicy;
  readonly boxes: readonly (readonly (readonly number[] | null)[])[];
};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crescendo-policies-'));
  const path = join(folder, 'policies.json');
  await writeFile(path, JSON.stringify({ draws, sidesPx: SIDES_PX }));
  await runPeer('torch', 'make_policies.py', [path]);
  theirs = JSON.parse(await readFile(path, 'utf8')) as typeof theirs;
});

after(() => rm(folder, { recursive: true, force: true }));

const POLICIES = [
  ['imagenet-v0', 'imagenetV0'],
  ['cifar-10', 'cifar10'],
] as const;

for (const [ours, key] of POLICIES) {
  test(`${ours} has the sub-policies of the reference`, () => {
    const expected = theirs[key].map((pair) =>
      pair.map(([name, probability, level]) => {
        const plain = name.replace(/Rel$/, '');
        return [
          plain.charAt(0).toLowerCase() + plain.slice(1),
          Math.round(probability * 10),
          level,
        ];
      }),
    );
    const actual = AUTO_AUGMENT_POLICIES[ours].map((pair, at) =>
      pair.map(([name, tenths, level], index) => {
        // Theirs names no level where an operation has none.
        return [name, tenths, expected[at]?.[index]?.[2] === null ? null : level];
      }),
    );
    assert.deepEqual(actual, expected);
  });
}

test("erased rectangles are timm's at the same draws", () => {
  for (const [index, sidePx] of SIDES_PX.entries()) {
    for (const [row, values] of draws.entries()) {
      // The first decides whether to erase.
      let at = 1;
      const stream = {
        uniform: (): number => values[at++] as number,
        below: (bound: number): number => Math.floor((values[at++] as number) * bound),
      };
      assert.deepEqual(drawRectangle(sidePx, stream) ?? null, theirs.boxes[index]?.[row], `${row}`);
    }
  }
});
