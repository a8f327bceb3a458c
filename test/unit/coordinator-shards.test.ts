/** The coordinator's decisions where the optimizer state is sharded, and for its travel. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transferTimeMs, type TransferMember } from '../../coordinator/core/transfer-time.ts';
import { CoreCluster } from '../support/core-cluster.ts';

/** Four members on one machine, the optimizer state sharded, a step ordered. */
function shardedCluster(): CoreCluster {
  const cluster = new CoreCluster(4, 8, 0, true);
  cluster.join(0, 1, 2, 3);
  cluster.link(0, 1, 2, 3);
  return cluster;
}

function shardSlots(cluster: CoreCluster, slot: number): [number, number[]] {
  const roster = cluster.last(slot);
  assert.ok(roster?.kind === 'roster');
  return [roster.shardGeneration, roster.shardMembers.map((one) => one.slot)];
}

test('a roster names those who have the optimizer state: the generation linked last', () => {
  const cluster = new CoreCluster(2, 8, 0, true);
  cluster.join(0, 1);
  assert.deepEqual(shardSlots(cluster, 0), [0, []]);
  cluster.link(0, 1);
  cluster.join(2);
  for (const slot of [0, 1]) cluster.reduce(slot);
  assert.deepEqual(shardSlots(cluster, 2), [1, [0, 1]]);
  cluster.link(0, 2);
  cluster.apply({ kind: 'workerLost', slot: 2, reason: 'killed' });
  assert.deepEqual(shardSlots(cluster, 0), [1, [0, 1]]);
  cluster.link(0, 1);
  assert.equal(cluster.order(0).sampleCount, 16);
});

/** The roster that slot 0 got last, its members with `*` where they lack the state. */
function rosterOf(cluster: CoreCluster): { members: string; source: number; steps: number } {
  const roster = cluster.last(0);
  assert.ok(roster?.kind === 'roster');
  const members = roster.members.map(({ slot, hasState }) => `${slot}${hasState ? '' : '*'}`);
  return {
    members: members.join(' '),
    source: roster.stateSourceSlot,
    steps: roster.committedSteps,
  };
}

/** Time passes in which members beat. */
function letPass(cluster: CoreCluster, ms: number, slots: readonly number[]): void {
  const endMs = cluster.nowMs + ms;
  while (cluster.nowMs < endMs) {
    cluster.nowMs += 500;
    for (const slot of slots) cluster.heartbeat(slot);
    cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [] });
  }
}

test('without both copies of a part the members wait, then go back to the checkpoint', () => {
  const cluster = shardedCluster();
  for (const slot of [0, 1, 2, 3]) cluster.reduce(slot);
  cluster.apply({ kind: 'workerLost', slot: 1, reason: 'killed' });
  cluster.apply({ kind: 'workerLost', slot: 2, reason: 'killed too' });
  const { status, reason } = cluster.core.status();
  assert.equal(status, 'waiting');
  assert.match(reason, /both copies of a part of the optimizer state left.*killed too/);
  letPass(cluster, 4_000, [0, 3]);
  assert.equal(cluster.core.status().status, 'waiting');
  letPass(cluster, 2_000, [0, 3]);
  assert.deepEqual(rosterOf(cluster), { members: '0* 3*', source: 0, steps: 0 });
  assert.deepEqual(shardSlots(cluster, 0), [0, []]);
  const restored = cluster.effects.find(({ kind }) => kind === 'restoreBegun');
  assert.ok(restored?.kind === 'restoreBegun');
  assert.equal(restored.committedSteps, 0);
  cluster.link(0, 3);
  assert.deepEqual([cluster.order(0).step, cluster.order(0).attempt], [0, 0]);
});

test('a member that links with a shard of a checkpoint does not have that of others', () => {
  const cluster = shardedCluster();
  for (const slot of [0, 1, 2, 3]) cluster.reduce(slot);
  for (const slot of [1, 2]) cluster.apply({ kind: 'workerLost', slot, reason: 'killed' });
  letPass(cluster, 6_000, [0, 3]);
  cluster.link(0);
  cluster.apply({ kind: 'workerLost', slot: 3, reason: 'killed' });
  assert.deepEqual(rosterOf(cluster), { members: '0*', source: 0, steps: 0 });
  assert.deepEqual(shardSlots(cluster, 0), [0, []]);
});

test('another worker in the slot of one that had a shard is not taken for it', () => {
  const cluster = shardedCluster();
  for (const slot of [0, 1, 2, 3]) cluster.reduce(slot);
  for (const slot of [1, 2, 3]) cluster.apply({ kind: 'workerLost', slot, reason: 'killed' });
  cluster.join(1, 2, 3);
  letPass(cluster, 6_000, [0, 1, 2, 3]);
  assert.deepEqual(rosterOf(cluster), { members: '0* 1* 2* 3*', source: 0, steps: 0 });
});

test('one that comes back with its shard in time saves the steps since the checkpoint', () => {
  const cluster = shardedCluster();
  for (const slot of [0, 1, 2, 3]) cluster.reduce(slot);
  for (const slot of [1, 2]) cluster.apply({ kind: 'workerLost', slot, reason: 'cut off' });
  const held = { appliedSteps: 1, reducedSteps: 0, reducedChecksum: 0, shardGenerations: [1] };
  cluster.rejoin(2, { history: 1, ...held });
  letPass(cluster, 3_000, [0, 2, 3]);
  assert.deepEqual(rosterOf(cluster), { members: '0 2 3', source: 0, steps: 1 });
  const roster = cluster.last(0);
  assert.ok(roster?.kind === 'roster');
  const gone = roster.shardMembers.filter(({ isGone }) => isGone);
  assert.deepEqual(
    gone.map(({ slot }) => slot),
    [1],
  );
});

test('one that comes back from before the last commit has nothing that others take over', () => {
  const cluster = shardedCluster();
  for (const slot of [0, 1, 2]) cluster.reduce(slot);
  cluster.apply({ kind: 'workerLost', slot: 3, reason: 'cut off' });
  assert.deepEqual(cluster.committedSteps(), [0]);
  cluster.apply({ kind: 'workerLost', slot: 2, reason: 'cut off' });
  const held = { history: 1, reducedSteps: 0, reducedChecksum: 0, shardGenerations: [1] };
  cluster.rejoin(3, { ...held, appliedSteps: 0 });
  cluster.rejoin(2, { ...held, appliedSteps: 1 });
  letPass(cluster, 3_000, [0, 1, 2, 3]);
  assert.deepEqual(rosterOf(cluster), { members: '0 1 2 3*', source: 0, steps: 1 });
  const roster = cluster.last(0);
  assert.ok(roster?.kind === 'roster');
  const gone = roster.shardMembers.filter(({ isGone }) => isGone);
  assert.deepEqual(
    gone.map(({ slot }) => slot),
    [3],
  );
});

test('of neighbors that drain together one waits until others have its part of the state', () => {
  const cluster = shardedCluster();
  for (const slot of [1, 2]) cluster.apply({ kind: 'drainRequested', slot });
  for (const slot of [0, 1, 2, 3]) cluster.reduce(slot);
  assert.equal(cluster.last(1)?.kind, 'released');
  assert.deepEqual(cluster.core.status().members, [0, 2, 3]);
  cluster.link(0, 2, 3);
  for (const slot of [0, 2, 3]) cluster.reduce(slot);
  assert.equal(cluster.last(2)?.kind, 'released');
  cluster.link(0, 3);
  assert.equal(cluster.order(0).step, 2);
});

test('a link that breaks while members link makes a new generation', () => {
  const cluster = shardedCluster();
  cluster.apply({ kind: 'workerLost', slot: 3, reason: 'killed' });
  const { generation } = cluster.core.status();
  cluster.link(0, 1);
  cluster.relink(2);
  assert.equal(cluster.core.status().generation, generation + 1);
  assert.deepEqual(shardSlots(cluster, 0), [1, [0, 1, 2, 3]]);
  cluster.link(0, 1, 2);
  assert.equal(cluster.order(0).attempt, 1);
});

test('a member lost when all others are done has its part of the state taken over', () => {
  const cluster = shardedCluster();
  for (const slot of [0, 1, 2]) cluster.reduce(slot);
  cluster.apply({ kind: 'workerLost', slot: 3, reason: 'killed' });
  assert.deepEqual(cluster.committedSteps(), [0]);
  assert.deepEqual(shardSlots(cluster, 0), [1, [0, 1, 2, 3]]);
  cluster.link(0, 1, 2);
  assert.deepEqual([cluster.order(0).step, cluster.order(0).attempt], [1, 0]);
  // With both copies gone the step that is done counts, and the run waits for one of them.
  cluster.reduce(0);
  letPass(cluster, 6_000, [0]);
  assert.deepEqual(cluster.committedSteps(), [0, 1]);
  assert.equal(cluster.core.status().status, 'waiting');
});

test('once all steps are committed the checkpoint of the last one has the optimizer state', () => {
  const cluster = shardedCluster();
  for (let step = 0; step < 8; step++) {
    for (const slot of [0, 1, 2, 3]) cluster.reduce(slot);
    if (step === 3) for (const slot of [0, 1, 2, 3]) cluster.evaluate(slot);
  }
  assert.equal(cluster.last(0)?.kind, 'evaluationOrder');
  for (const slot of [1, 2]) cluster.apply({ kind: 'workerLost', slot, reason: 'killed' });
  letPass(cluster, 6_000, [0, 3]);
  assert.deepEqual(rosterOf(cluster), { members: '0* 3*', source: 0, steps: 8 });
  cluster.link(0, 3);
  assert.equal(cluster.last(0)?.kind, 'evaluationOrder');
  for (const slot of [0, 3]) cluster.evaluate(slot);
  assert.equal(cluster.last(0)?.kind, 'finishOrder');
});

test('a joiner has the time that a large state takes; one that hangs is late after it', () => {
  const cluster = new CoreCluster(1);
  cluster.vectorElements = 100e6;
  cluster.join(0);
  cluster.link(0);
  cluster.join(1);
  cluster.reduce(0);
  assert.equal(cluster.last(1)?.kind, 'roster');
  const until = (nowMs: number): void => {
    for (; cluster.nowMs <= nowMs; cluster.nowMs += 1_000) {
      for (const slot of [0, 1]) {
        cluster.heartbeat(slot);
      }
      cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [] });
    }
  };
  cluster.link(0);
  // 1.6 GB at 100 Mbit/s are 128 s.
  until(187_000);
  assert.deepEqual(cluster.core.status().members, [0, 1]);
  until(189_000);
  assert.deepEqual(cluster.core.status().members, [0]);
});

test('a state travels for as long as joiners, its length and shards ask for, but no day', () => {
  const member = (hasState: boolean, vectorElements = 12_500): TransferMember => ({
    hasState,
    vectorElements,
  });
  const time = (members: TransferMember[], isSharded = false, isRestored = false): number =>
    transferTimeMs(members, isSharded, isRestored);
  assert.equal(time([member(false), member(false)]), 0);
  assert.equal(time([member(false), member(false)], true, true), 32);
  assert.equal(time([member(true), member(true)]), 0);
  assert.equal(time([member(true), member(true)], true), 16);
  assert.equal(time([member(true), member(false), member(false)]), 32);
  assert.equal(time([member(true), member(false, 1e300)]), 3_600_000);
  for (const wrong of [Number.NaN, Infinity, -5]) {
    assert.equal(time([member(true), member(false, wrong)]), 16);
  }
});
