/** What others do of a slow member's part, decided by measured times. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Steals, type UsualTimes } from '../../coordinator/core/steals.ts';
import type { PartLeft } from '../../coordinator/core/task.ts';

const USUAL: UsualTimes = { unitMs: () => 100, orderMs: 0 };
const UNMEASURED: UsualTimes = { unitMs: () => undefined, orderMs: 0 };

function at(slot: number, finished: number, ...unbegun: number[]): PartLeft {
  return { slot, finished, unbegun, at: 'unit' };
}

function done(slot: number, finished: number): PartLeft {
  return { slot, finished, unbegun: [], at: 'end' };
}

/** What is decided at each of these times, a task having been ordered at 0. */
function decided(
  seen: readonly (readonly [number, readonly PartLeft[]])[],
  usual = USUAL,
): (readonly [number, string])[] {
  const steals = new Steals();
  steals.begin(0);
  return seen.flatMap(([nowMs, parts]) => {
    const moves = steals.decide(parts, usual, nowMs);
    const text = moves.map(({ unit, from, to }) => `${unit}:${from}>${to}`).join(' ');
    return text === '' ? [] : [[nowMs, text] as const];
  });
}

test('what a slow member has not begun goes to one that is done, once it is late enough', () => {
  const parts = [done(0, 4), at(1, 0, 5, 6, 7)];
  const seen = [
    [400, parts],
    [640, parts],
    [660, parts],
  ] as const;
  // Expected are 400 ms, and 250 ms of slack. Unit 5 it may have begun meanwhile.
  assert.deepEqual(decided(seen), [[660, '7:1>0 6:1>0']]);
});

test('a long task has half of its expected time as slack, and half a minute at most', () => {
  const usual = { unitMs: () => 10_000, orderMs: 0 };
  const parts = [done(0, 4), at(1, 0, 5, 6, 7)];
  assert.deepEqual(decided([[59_000, parts]], usual), []);
  assert.deepEqual(decided([[61_000, parts]], usual).length, 1);
  const longer = { unitMs: () => 100_000, orderMs: 0 };
  assert.deepEqual(decided([[431_000, parts]], longer).length, 1);
});

test('nothing moves where members are as fast as expected, or nothing is unbegun', () => {
  const seen = [
    [300, [at(0, 2, 3), at(1, 2, 7)]],
    [900, [done(0, 4), at(1, 3)]],
    [5_000, [done(0, 4), at(1, 3)]],
  ] as const;
  assert.deepEqual(decided(seen), []);
});

test('nothing moves where it would save less than a tenth of the time, or than it costs', () => {
  // The one member needs 1 s for its only unit in any case.
  const parts = [at(0, 8, 9), at(1, 1, 3)];
  const seen = [
    [1_000, parts],
    [1_100, parts],
  ] as const;
  assert.deepEqual(decided(seen, { unitMs: (slot) => (slot === 0 ? 120 : 500), orderMs: 0 }), []);
  const late = [done(0, 4), at(1, 0, 5, 6, 7)];
  assert.deepEqual(decided([[800, late]], { unitMs: () => 100, orderMs: 5_000 }), []);
  assert.equal(decided([[800, late]], { unitMs: () => 100, orderMs: 10 }).length, 1);
});

test('before anything is measured, the first member that is done says what is expected', () => {
  const before = [at(0, 2, 3), at(1, 0, 5, 6, 7)];
  const after = [done(0, 4), at(1, 0, 5, 6, 7)];
  const seen = [
    [2_000, before],
    [4_000, after],
    [5_900, after],
    [6_100, after],
  ] as const;
  assert.deepEqual(decided(seen, UNMEASURED), [[6_100, '7:1>0 6:1>0 5:1>0']]);
});

test('all that waits for an input moves, for nothing of it is begun', () => {
  const waiting: PartLeft = { slot: 1, finished: 1, unbegun: [5, 6, 7], at: 'input' };
  const steals = decided([
    [100, [at(0, 0, 1, 2, 3), { ...waiting, at: 'unit' }]],
    [2_000, [done(0, 4), waiting]],
  ]);
  assert.deepEqual(steals, [[2_000, '7:1>0 6:1>0 5:1>0']]);
});

test('several members share what moves, the faster ones more of it', () => {
  const usual = { unitMs: (slot: number) => (slot === 0 ? 100 : 300), orderMs: 0 };
  const parts = [done(0, 6), done(1, 2), at(2, 0, 21, 22, 23, 24, 25)];
  const moves = decided([[2_000, parts]], usual)[0]?.[1] ?? '';
  const counts = [0, 1].map((slot) => moves.split(' ').filter((one) => one.endsWith(`>${slot}`)));
  assert.ok((counts[0]?.length ?? 0) > (counts[1]?.length ?? 0), moves);
});

test('in one task nothing moves a fourth time, and the next one begins anew', () => {
  const steals = new Steals();
  const late = [done(0, 4), at(1, 0, 5, 6, 7)];
  const steal = (): number => steals.decide(late, USUAL, 2_000).length;
  steals.begin(0);
  assert.deepEqual([steal(), steal(), steal(), steal()].map(Boolean), [true, true, true, false]);
  steals.begin(0);
  assert.ok(steal() > 0);
});

test('the time in which the coordinator stood still is nobody of its members', () => {
  const steals = new Steals();
  steals.begin(0);
  const parts = [done(0, 4), at(1, 0, 5, 6, 7)];
  steals.decide(parts, USUAL, 400);
  steals.forgive(10_000);
  assert.deepEqual(steals.decide(parts, USUAL, 10_600), []);
  assert.ok(steals.decide(parts, USUAL, 10_700).length > 0);
});
