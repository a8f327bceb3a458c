/** Sections of a snapshot: where they lie, and which snapshots are refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkSnapshot,
  elementsOf,
  packSnapshot,
  sectionsOf,
  snapshotLayout,
  type SectionSize,
  type Snapshot,
} from '../../lib/checkpoint/snapshot.ts';

const SIZES: readonly SectionSize[] = [
  { name: 'weights', type: 'float32', elements: 3 },
  { name: 'emaWeights', type: 'float32', elements: 0 },
  { name: 'momentum', type: 'float32', elements: 3 },
  { name: 'updates', type: 'count', elements: 2 },
];

const LAYOUT = snapshotLayout(SIZES);

function aSnapshot(): Snapshot {
  return packSnapshot(
    LAYOUT,
    new Map([
      ['updates', Float32Array.of(7, 8)],
      ['momentum', Float32Array.of(4, 5, 6)],
      ['weights', Float32Array.of(1, 2, 3)],
    ]),
  );
}

test('sections lie one after the other in the order of the layout, empty ones left out', () => {
  assert.deepEqual(LAYOUT, [
    { name: 'weights', type: 'float32', begin: 0, end: 3 },
    { name: 'momentum', type: 'float32', begin: 3, end: 6 },
    { name: 'updates', type: 'count', begin: 6, end: 8 },
  ]);
  assert.equal(elementsOf(LAYOUT), 8);
  const snapshot = aSnapshot();
  assert.deepEqual(snapshot.values, Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  assert.deepEqual(sectionsOf(snapshot).get('momentum'), Float32Array.of(4, 5, 6));
  assert.equal(sectionsOf(snapshot).get('emaWeights'), undefined);
});

test('a snapshot of the same layout is taken', () => {
  checkSnapshot(aSnapshot(), snapshotLayout(SIZES));
});

test('a snapshot of another layout is refused by the section that differs', () => {
  const without = (name: string): SectionSize[] => SIZES.filter((size) => size.name !== name);
  const refusals: [SectionSize[], RegExp][] = [
    [
      [{ name: 'weights', type: 'float32', elements: 4 }, ...without('weights')],
      /section weights is 3 values from 0 on as float32, and must be 4 values from 0 on as float32/,
    ],
    [without('updates'), /section updates is 2 values from 6 on as count, and must be absent/],
    [
      [...SIZES, { name: 'meanSquare', type: 'float32', elements: 3 }],
      /section meanSquare is absent, and must be 3 values from 8 on as float32/,
    ],
    [
      [...without('updates'), { name: 'updates', type: 'float32', elements: 2 }],
      /section updates is 2 values from 6 on as count, and must be 2 values from 6 on as float32/,
    ],
    [
      [...without('weights'), { name: 'weights', type: 'float32', elements: 3 }],
      /section momentum is 3 values from 3 on as float32, and must be 3 values from 0 on/,
    ],
  ];
  for (const [sizes, message] of refusals) {
    assert.throws(
      () => {
        checkSnapshot(aSnapshot(), snapshotLayout(sizes));
      },
      { code: 'CRESCENDO_WEIGHTS_INVALID', message },
    );
  }
});

test('a snapshot whose vector is shorter than its sections is refused', () => {
  const { layout, values } = aSnapshot();
  assert.throws(() => {
    checkSnapshot({ layout, values: values.subarray(1) }, LAYOUT);
  }, /its sections have 7 values, and must be 8/);
});
