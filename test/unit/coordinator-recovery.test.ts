/** What the coordinator's core does when workers, the disk or it itself fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CoreCluster } from '../support/core-cluster.ts';

test('a run that loses its last worker waits, and goes on from its checkpoint', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  cluster.reduce(0);
  cluster.apply({ kind: 'workerLost', slot: 0, reason: 'killed' });
  assert.equal(cluster.core.status().status, 'waiting');
  assert.match(cluster.core.status().reason, /paused: killed/);
  cluster.join(1);
  assert.equal(cluster.core.status().status, 'waiting', 'others may still hold a newer state');
  cluster.nowMs += 5_000;
  cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [] });
  const roster = cluster.last(1);
  assert.ok(roster?.kind === 'roster');
  assert.deepEqual([roster.committedSteps, roster.stateSourceSlot, roster.history], [0, 1, 2]);
  cluster.link(1);
  cluster.reduce(1);
  assert.deepEqual(cluster.committedSteps(), [0, 0]);
});

/** A cluster of one that lost its state, and reads the checkpoint after one step. */
function restoring(): CoreCluster {
  const cluster = new CoreCluster(1);
  cluster.writes = false;
  cluster.join(0);
  cluster.link(0);
  cluster.apply({ kind: 'checkpointWritten', committedSteps: 0, stateSha256: '' });
  cluster.reduce(0);
  cluster.apply({ kind: 'workerLost', slot: 0, reason: 'killed' });
  cluster.join(1);
  cluster.nowMs += 5_000;
  cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [1] });
  assert.equal(cluster.core.status().status, 'linking');
  return cluster;
}

const NO_ANSWER = {
  kind: 'checkpointUnreadable',
  committedSteps: 0,
  failure: { code: 'CRESCENDO_RUN_FOLDER_UNUSABLE', reason: 'EIO: the disk does not answer' },
  isDamaged: false,
} as const;

test('a checkpoint that the disk does not give is read again, and not passed over', () => {
  const cluster = restoring();
  cluster.apply(NO_ANSWER);
  assert.match(cluster.core.status().reason, /paused: EIO/);
  cluster.nowMs += 4_000;
  cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [1] });
  assert.equal(cluster.core.status().status, 'waiting', 'it is not tried without end');
  cluster.nowMs += 1_000;
  cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [1] });
  const roster = cluster.last(1);
  assert.ok(roster?.kind === 'roster');
  assert.deepEqual([roster.committedSteps, roster.stateSourceSlot], [0, 1]);
  cluster.link(1);
  assert.equal(cluster.core.status().status, 'working');
});

test('a run whose checkpoint is not given for long ends with the reason', () => {
  const cluster = restoring();
  const isOver = (): boolean => cluster.core.status().status === 'ended';
  for (let tries = 0; tries < 1_000 && !isOver(); tries++) {
    if (cluster.core.status().status === 'linking') cluster.apply(NO_ANSWER);
    cluster.nowMs += 1_000;
    cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [1] });
  }
  assert.match(cluster.core.status().reason, /nothing could be read: EIO/);
});

test('a worker that comes back with the state of the last commit has nothing done again', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  cluster.reduce(0, 7);
  cluster.apply({ kind: 'workerLost', slot: 0, reason: 'connection reset' });
  const held = {
    history: 1,
    appliedSteps: 0,
    reducedSteps: 1,
    reducedChecksum: 7,
    shardGenerations: [],
  };
  cluster.rejoin(0, held);
  const roster = cluster.last(0);
  assert.ok(roster?.kind === 'roster');
  assert.deepEqual([roster.committedSteps, roster.history], [1, 1]);
  assert.equal(roster.members[0]?.hasState, true);
});

test('a reduced gradient that was not the committed one is no state', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  cluster.reduce(0, 7);
  cluster.apply({ kind: 'workerLost', slot: 0, reason: 'connection reset' });
  cluster.rejoin(0, {
    history: 1,
    appliedSteps: 0,
    reducedSteps: 1,
    reducedChecksum: 8,
    shardGenerations: [],
  });
  assert.equal(cluster.core.status().status, 'waiting');
});

test('an evaluation and the end wait until the state is on disk', () => {
  const cluster = new CoreCluster(1);
  cluster.writes = false;
  cluster.join(0);
  cluster.link(0);
  cluster.apply({ kind: 'checkpointWritten', committedSteps: 0, stateSha256: '' });
  cluster.reduce(0);
  cluster.reduce(0);
  assert.equal(cluster.core.status().task, 'checkpoint');
  cluster.apply({ kind: 'checkpointWritten', committedSteps: 2, stateSha256: '' });
  assert.equal(cluster.core.status().task, 'evaluation');
});

test('an evaluation is made without a checkpoint once the disk has failed three times', () => {
  const cluster = new CoreCluster(1);
  cluster.writes = false;
  cluster.join(0);
  cluster.link(0);
  cluster.apply({ kind: 'checkpointWritten', committedSteps: 0, stateSha256: '' });
  cluster.reduce(0);
  cluster.reduce(0);
  for (const tries of [1, 2, 3]) {
    assert.equal(cluster.core.status().task, 'checkpoint', `before failure ${tries}`);
    cluster.apply({
      kind: 'checkpointFailed',
      committedSteps: 2,
      failure: { code: 'CRESCENDO_STORAGE_FULL', reason: 'full' },
    });
    cluster.nowMs += 5_000;
    cluster.apply({ kind: 'tick', pausedMs: 5_000, heardSlots: [] });
  }
  assert.equal(cluster.core.status().task, 'evaluation');
});

test('a coordinator that stood still itself drops nobody for it', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  cluster.nowMs += 15_000;
  cluster.apply({ kind: 'tick', pausedMs: 15_000, heardSlots: [] });
  assert.deepEqual(cluster.core.status().members, [0]);
});

test('older checkpoints go once the new one is journaled, and the best stays', () => {
  const cluster = new CoreCluster(1, 4, 0, false, {
    checkpoint: { keepBest: 'emaTop1' },
    evaluation: { everySteps: 2, atPhaseEnd: false },
  });
  cluster.writes = true;
  cluster.join(0);
  cluster.link(0);
  cluster.reduce(0);
  cluster.reduce(0);
  cluster.evaluate(0);
  cluster.reduce(0);
  cluster.reduce(0);
  const files = cluster.effects.flatMap((effect) => {
    if (effect.kind === 'journal' && effect.record.kind === 'checkpointed') {
      return [`journal ${effect.record.committedSteps}`];
    }
    if (effect.kind === 'retainCheckpoints') return [`keep of ${effect.usable}, ${effect.best}`];
    return effect.kind === 'exportBest' ? [`best ${effect.committedSteps}`] : [];
  });
  assert.deepEqual(files, [
    'journal 0',
    'keep of 0, undefined',
    'journal 2',
    'keep of 2,0, undefined',
    'best 2',
    'journal 4',
    'keep of 4,2,0, 2',
  ]);
});

test('a checkpoint that is whole after the run went back is of another history', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  cluster.writes = false;
  cluster.reduce(0);
  cluster.reduce(0);
  assert.equal(cluster.core.status().task, 'checkpoint');
  cluster.apply({ kind: 'workerLost', slot: 0, reason: 'gone' });
  cluster.join(1);
  cluster.nowMs += 5_000;
  cluster.heartbeat(1);
  cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [] });
  assert.equal(cluster.core.status().committedSteps, 0);
  cluster.apply({ kind: 'checkpointWritten', committedSteps: 2, stateSha256: 'ab' });
  assert.equal(cluster.core.status().checkpoint, 0);
  const last = cluster.effects.findLast(({ kind }) => kind === 'retainCheckpoints');
  assert.deepEqual(last, { kind: 'retainCheckpoints', usable: [0], best: undefined });
});
