/** Members that stand still, and members that hold what others do not, have to leave. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoreCluster } from '../support/core-cluster.ts';

const MINUTE = 60_000;

function cluster(workers: number, innerSteps = 0, steps = 4): CoreCluster {
  const made = new CoreCluster(workers, steps, innerSteps);
  const slots = Array.from({ length: workers }, (_, slot) => slot);
  made.join(...slots);
  made.link(...slots);
  return made;
}

/** All members beat each second, with so much progress. @returns the minutes until one is lost */
function minutesUntilLost(
  one: CoreCluster,
  beats: ReadonlyMap<number, Parameters<CoreCluster['heartbeat']>[1]>,
  limitMinutes = 100,
): number {
  const startMs = one.nowMs;
  const { length } = one.core.status().members;
  for (; one.nowMs - startMs < limitMinutes * MINUTE; one.nowMs += 1_000) {
    for (const [slot, changes] of beats) one.heartbeat(slot, changes);
    one.apply({ kind: 'tick', pausedMs: 0, heardSlots: [] });
    if (one.core.status().members.length < length) break;
  }
  return (one.nowMs - startMs) / MINUTE;
}

test('a step may take as long as it likes while its micro-batches are finished', () => {
  const one = cluster(1, 3, 10);
  for (let progress = 1; progress <= 24; progress++) {
    one.heartbeat(0, { progress });
    one.nowMs += 1_000;
    minutesUntilLost(one, new Map([[0, { progress }]]), 50);
    assert.deepEqual(one.core.status().members, [0], `after ${progress} micro-batches`);
  }
  assert.ok(minutesUntilLost(one, new Map([[0, { progress: 24 }]])) <= 10);
});

test('a member that hangs in a step is dropped and named, and its part done by others', () => {
  const one = cluster(2);
  for (const slot of [0, 1]) one.reduce(slot);
  const beats = new Map([
    [0, { step: 1, computeDone: true }],
    [1, { step: 1, progress: 4 }],
  ]);
  one.heartbeat(1, { step: 1, progress: 4 });
  minutesUntilLost(one, beats, 0.25);
  assert.match(
    one.core.status().waitsFor ?? '',
    /^step 1: slot 1 finished no micro-batch at 16 px/,
  );
  assert.ok(minutesUntilLost(one, beats) < 1);
  const reason = /slot 1 left: late in step 1: it finished no micro-batch at 16 px for 3\d s/;
  assert.match(one.core.status().reason, reason);
  one.link(0);
  assert.match(one.core.status().reason, /^generation 2 is linked: slot 1 left: late in step 1/);
  assert.equal(one.core.status().waitsFor, undefined);
  assert.equal(one.order(0).leases.length, 1);
});

/** Two members that are evaluating. */
function evaluating(): CoreCluster {
  const one = cluster(2);
  for (let step = 0; step < 2; step++) for (const slot of [0, 1]) one.reduce(slot);
  assert.equal(one.core.status().task, 'evaluation');
  return one;
}

test('a member that hangs in an evaluation is dropped, and its batches done by others', () => {
  const one = evaluating();
  one.nowMs += 2_000;
  one.evaluate(0);
  const minutes = minutesUntilLost(
    one,
    new Map([
      [0, { progress: 9 }],
      [1, { progress: 9 }],
    ]),
  );
  assert.ok(
    minutes > 9 && minutes <= 10,
    `${minutes} minutes ${JSON.stringify(one.core.status())}`,
  );
  assert.match(one.core.status().reason, /late in evaluation: it finished no evaluation batch at/);
  one.link(0);
  one.evaluate(0);
  assert.equal(one.core.status().task, 'step');
});

test('the batches that a lost member has reported are not evaluated again', () => {
  const one = evaluating();
  one.evaluate(1);
  one.apply({ kind: 'workerLost', slot: 1, reason: 'gone' });
  one.link(0);
  const order = one.last(0);
  assert.ok(order?.kind === 'evaluationOrder');
  assert.deepEqual(order.leases, [{ slot: 0, batches: [0] }]);
});

test('a member that hangs in the last export is dropped, and the run ends without it', () => {
  const one = cluster(2);
  one.apply({ kind: 'stopRequested', reason: 'enough' });
  for (const slot of [0, 1]) one.reduce(slot);
  assert.equal(one.core.status().task, 'finish');
  one.nowMs += 1_000;
  one.finish(0);
  const beats = new Map([
    [0, {}],
    [1, {}],
  ]);
  assert.ok(minutesUntilLost(one, beats) <= 10);
  const closed = one.effects.find((effect) => effect.kind === 'close');
  assert.equal(closed?.slot, 1);
  assert.match(closed.reason, /late in finish: it finished no weights file for/);
  assert.equal(one.core.status().status, 'ended');
});

test('of two members that hold different sums neither is believed: the run ends', () => {
  const one = cluster(2);
  one.reduce(0, 1);
  one.reduce(1, 2);
  assert.match(
    one.core.status().reason,
    /CRESCENDO_DIVERGED: sums of step 0 differ: slot 0.*slot 1/,
  );
});

test('of three members the one with another sum is evicted, and the step done again', () => {
  const one = cluster(3);
  one.reduce(1, 2);
  one.reduce(0, 1);
  assert.deepEqual(one.core.status().members, [0, 1, 2], 'nobody knows yet who is right');
  one.reduce(2, 1);
  const records = one.effects.flatMap((effect) =>
    effect.kind === 'journal' && effect.record.kind === 'evicted' ? [effect.record] : [],
  );
  const reason = 'sums of step 0 differ: slot 1 has 2; slot 0, 2 has 1';
  assert.deepEqual(records, [{ kind: 'evicted', slots: [1], reason }]);
  assert.ok(one.effects.some((effect) => effect.kind === 'notice' && /slot 1/.test(effect.text)));
  const refusal = one.last(1);
  assert.ok(refusal?.kind === 'refused' && refusal.code === 'CRESCENDO_DIVERGED');
  assert.deepEqual(one.committedSteps(), [], 'the sum of all may be spoiled');
  one.link(0, 2);
  assert.deepEqual([one.order(0).step, one.order(0).attempt], [0, 1]);
  for (const slot of [0, 2]) one.reduce(slot, 3);
  assert.deepEqual(one.committedSteps(), [0]);
});

test('a majority decides as soon as there is one, whoever has not reported', () => {
  const one = cluster(5);
  for (const slot of [0, 1]) one.reduce(slot, 1);
  one.reduce(3, 2);
  assert.equal(one.core.status().members.length, 5);
  one.reduce(4, 1);
  assert.deepEqual(one.core.status().members, [0, 1, 2, 4]);
});

test('without a majority the run ends, once all have reported', () => {
  const one = cluster(4);
  one.reduce(0, 1);
  one.reduce(1, 2);
  one.reduce(2, 1);
  assert.equal(one.core.status().status, 'working');
  one.reduce(3, 2);
  assert.match(one.core.status().reason, /CRESCENDO_DIVERGED/);
});

test('a step is not committed with different sums because a member was lost', () => {
  const one = cluster(4);
  one.reduce(0, 1);
  one.reduce(1, 2);
  one.reduce(2, 1);
  one.apply({ kind: 'workerLost', slot: 3, reason: 'gone' });
  assert.deepEqual(one.committedSteps(), []);
  one.link(0, 1, 2);
  for (const slot of [0, 1, 2]) one.reduce(slot, 1);
  assert.deepEqual(one.committedSteps(), [0]);
});
