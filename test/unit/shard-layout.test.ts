/** Who keeps which part of the optimizer state, and how it moves when members change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import type { Bucket } from '../../lib/collective/buckets.ts';
import {
  isRecoverable,
  ShardLayout,
  type Range,
  type ShardMember,
} from '../../lib/collective/shard-layout.ts';

const BLOCK = 64;
const BUCKETS: Bucket[] = [
  { begin: 5_008, end: 9_000, format: 'float32' },
  { begin: 16, end: 5_008, format: 'float32' },
  { begin: 0, end: 16, format: 'float32' },
];
const ELEMENTS = 9_000;

function someMembers(random: RandomStream, slots: readonly number[]): ShardMember[] {
  const machines = 1 + random.below(3);
  return slots.map((slot) => ({ slot, machine: `node ${(slot * 7) % machines}` }));
}

const layoutOf = (members: readonly ShardMember[]): ShardLayout =>
  new ShardLayout(members, BUCKETS, BLOCK);

function placesOf(ranges: readonly Range[]): Set<number> {
  return new Set(
    ranges.flatMap(({ begin, end }) => Array.from({ length: end - begin }, (_, at) => begin + at)),
  );
}

/** How many members keep each element. */
function copies(layout: ShardLayout, members: readonly ShardMember[]): number[] {
  const counts = new Array<number>(ELEMENTS).fill(0);
  for (const { slot } of members) {
    for (const place of placesOf(layout.rangesOf(slot))) counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

test('each element is kept twice, by a member alone once, and shares are even', () => {
  for (let count = 1; count <= 8; count++) {
    const members = Array.from({ length: count }, (_, slot) => ({ slot, machine: 'one' }));
    const layout = layoutOf(members);
    assert.deepEqual(new Set(copies(layout, members)), new Set([Math.min(2, count)]));
    for (const { slot } of members) {
      const kept = placesOf(layout.rangesOf(slot)).size;
      // A block more per bucket and copy.
      assert.ok(kept <= (Math.min(2, count) * ELEMENTS) / count + 2 * 3 * BLOCK, `${kept}`);
    }
  }
});

test('the state survives any one member, and any one machine of several, but not a pair', () => {
  const random = new RandomStream(3, 'nodes');
  for (let round = 0; round < 200; round++) {
    const members = someMembers(
      random,
      Array.from({ length: 2 + random.below(8) }, (_, index) => index * 2),
    );
    const without = (lost: (one: ShardMember) => boolean): boolean =>
      isRecoverable(members, new Set(members.filter((one) => !lost(one)).map(({ slot }) => slot)));
    for (const { slot } of members) assert.ok(without((one) => one.slot === slot));
    const machines = new Set(members.map(({ machine }) => machine));
    if (machines.size < 2) continue;
    for (const machine of machines)
      assert.ok(
        without((one) => one.machine === machine),
        JSON.stringify(members),
      );
  }
  const four = [0, 1, 2, 3].map((slot) => ({ slot, machine: 'one' }));
  assert.equal(isRecoverable(four, new Set([2, 3])), false);
  assert.equal(isRecoverable(four, new Set([0, 2])), true);
  assert.equal(isRecoverable([{ slot: 4, machine: 'one' }], new Set()), false);
});

test('when members come and go, everybody is sent just what it lacks, by one who stays', () => {
  const random = new RandomStream(5, 'changes');
  let seen = 0;
  for (let round = 0; round < 400; round++) {
    const all = Array.from({ length: 9 }, (_, slot) => slot);
    const some = (): ShardMember[] =>
      someMembers(
        random,
        all.filter(() => random.below(2) === 0),
      );
    const [before, after] = [some(), some()];
    const left = new Set(after.map(({ slot }) => slot));
    if (before.length === 0 || after.length === 0 || !isRecoverable(before, left)) continue;
    seen++;
    const [from, to] = [layoutOf(before), layoutOf(after)];
    const moves = to.movesFrom(from);
    for (const { slot } of after) {
      const had = placesOf(from.rangesOf(slot));
      const needs = placesOf(to.rangesOf(slot));
      const received = moves.filter((move) => move.targetSlot === slot);
      const lacking = [...needs].filter((place) => !had.has(place));
      const places = received.flatMap((move) => [...placesOf([move])]);
      assert.deepEqual(
        [...places].sort((a, b) => a - b),
        lacking.sort((a, b) => a - b),
      );
    }
    for (const move of moves) {
      assert.ok(left.has(move.sourceSlot));
      const held = placesOf(from.rangesOf(move.sourceSlot));
      assert.ok([...placesOf([move])].every((place) => held.has(place)));
    }
  }
  assert.ok(seen > 40, `${seen} changes were tried`);
});

test('nothing moves when the members stay', () => {
  const members = [2, 5, 9].map((slot) => ({ slot, machine: 'one' }));
  assert.deepEqual(layoutOf(members).movesFrom(layoutOf([...members].reverse())), []);
});
