/** The coordinator's decisions, without sockets, clocks or files. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StepOrder, StepReduced } from '../../proto/generated/messages.ts';
import { CoreCluster } from '../support/core-cluster.ts';

function leasedShards(order: StepOrder): number[] {
  return order.leases.flatMap((lease) => lease.microBatches).sort((left, right) => left - right);
}

const ALL_SHARDS = [0, 1, 2, 3, 4, 5, 6, 7];

test('training starts when the wanted number of workers is linked, not before', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0);
  assert.equal(cluster.core.status().reason, '1 of 2 workers have joined');
  cluster.join(1);
  assert.equal(cluster.core.status().status, 'linking');
  cluster.link(0);
  assert.equal(cluster.last(0)?.kind, 'roster');
  cluster.link(1);
  assert.deepEqual(leasedShards(cluster.order(0)), ALL_SHARDS);
});

test('a step is committed only when every member holds the sum', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  cluster.reduce(0);
  assert.deepEqual(cluster.committedSteps(), []);
  cluster.reduce(1);
  assert.deepEqual(cluster.committedSteps(), [0]);
  assert.equal(cluster.order(0).step, 1);
});

test('an order names the compression of its step, and the journal that of a commit', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  assert.equal(cluster.order(0).compression, 'float32');
  cluster.reduce(0);
  cluster.reduce(1);
  const records = cluster.effects.flatMap((one) => (one.kind === 'journal' ? [one.record] : []));
  const compressions = records.flatMap((one) =>
    one.kind === 'committed' ? [one.compression] : [],
  );
  assert.deepEqual(compressions, ['float32']);
});

test('a commit is journalled before any order that relies on it is sent', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  const before = cluster.effects.length;
  cluster.reduce(0);
  const kinds = cluster.effects.slice(before).map((effect) => effect.kind);
  assert.ok(kinds.indexOf('journal') < kinds.indexOf('send'));
});

test("a lost member's micro-batches go to the survivors in the same step", () => {
  const cluster = new CoreCluster(3);
  cluster.join(0, 1, 2);
  cluster.link(0, 1, 2);
  const held = cluster.order(0).leases.find((lease) => lease.slot === 0)?.microBatches ?? [];
  cluster.apply({ kind: 'workerLost', slot: 1, reason: 'connection closed' });
  cluster.link(0, 2);
  const order = cluster.order(0);
  assert.equal(order.step, 0);
  assert.equal(order.attempt, 1);
  assert.equal(order.generation, 2);
  assert.deepEqual(leasedShards(order), ALL_SHARDS);
  const now = order.leases.find((lease) => lease.slot === 0)?.microBatches ?? [];
  assert.ok(
    held.every((shard) => now.includes(shard)),
    'survivors keep what they computed',
  );
});

test('a report of an earlier generation is ignored', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  const stale = cluster.order(0);
  cluster.apply({ kind: 'workerLost', slot: 1, reason: 'gone' });
  cluster.link(0);
  const report = { ...stale, kind: 'stepReduced' } as unknown as StepReduced;
  cluster.apply({ kind: 'reported', slot: 0, report });
  assert.deepEqual(cluster.committedSteps(), []);
});

test('a member lost after all others delivered does not undo the step', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  cluster.reduce(0);
  cluster.apply({ kind: 'workerLost', slot: 1, reason: 'gone' });
  assert.deepEqual(cluster.committedSteps(), [0]);
});

test('a skipped step names the micro-batches that were not finite, with their samples', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  const nonfiniteCount = 1;
  // A micro-batch of the other's, or of another step, is not believed.
  const nonfinite = [
    { step: 0, microBatch: 5 },
    { step: 0, microBatch: 1 },
    { step: 3, microBatch: 6 },
  ];
  cluster.reduce(0, 1, { nonfiniteCount });
  cluster.reduce(1, 1, { nonfiniteCount, nonfinite });
  const named = [{ step: 0, microBatch: 5, slot: 1, firstPosition: 10, sampleCount: 2 }];
  const records = cluster.effects.flatMap((one) => (one.kind === 'journal' ? [one.record] : []));
  assert.deepEqual(
    records.filter((record) => record.kind === 'nonfinite'),
    [{ kind: 'nonfinite', step: 0, isSkipped: true, microBatches: named }],
  );
  const committed = cluster.effects.find((one) => one.kind === 'stepCommitted')?.committed;
  assert.equal(committed?.skipped, true);
  assert.deepEqual(committed.nonfinite, named);
  cluster.reduce(0);
  cluster.reduce(1);
  const healthy = cluster.effects.findLast((one) => one.kind === 'stepCommitted')?.committed;
  assert.deepEqual([healthy?.step, healthy?.skipped, healthy?.nonfinite], [1, false, []]);
});

test('a joiner is admitted at the next step boundary and told whom to copy from', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  cluster.join(1);
  assert.deepEqual(cluster.core.status().joining, [1]);
  cluster.reduce(0);
  const roster = cluster.last(1);
  assert.ok(roster?.kind === 'roster');
  assert.equal(roster.committedSteps, 1);
  assert.equal(roster.stateSourceSlot, 0);
  cluster.link(0, 1);
  assert.equal(cluster.order(1).step, 1);
});

test('a silent worker is dropped after the heartbeat timeout', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  cluster.nowMs = 4_000;
  cluster.heartbeat(0, { computeDone: true, waitingForSlots: [1] });
  cluster.nowMs = 6_000;
  cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [] });
  assert.deepEqual(cluster.core.status().members, [0]);
  assert.match(cluster.core.status().reason, /slot 1 left: no heartbeat for 5000 ms/);
});

test('of those waited for, only who waits for nobody is dropped when the time is up', () => {
  const cluster = new CoreCluster(3);
  cluster.join(0, 1, 2);
  cluster.link(0, 1, 2);
  const waitingFor = [[1], [2], []];
  for (; cluster.core.status().members.length === 3; cluster.nowMs += 1_000) {
    for (const [slot, waitingForSlots] of waitingFor.entries()) {
      cluster.heartbeat(slot, { computeDone: true, waitingForSlots });
    }
    assert.ok(cluster.nowMs < 1e7);
    cluster.apply({ kind: 'tick', pausedMs: 0, heardSlots: [] });
  }
  assert.deepEqual(cluster.core.status().members, [0, 1]);
  assert.match(cluster.core.status().reason, /slot 2 left: late in step 0/);
});

test('the run goes through phases, evaluations and the end; each step is committed once', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  for (const step of [0, 1]) {
    assert.equal(cluster.order(0).phase.imageSizePx, 16, `step ${step}`);
    cluster.reduce(0);
    cluster.reduce(1);
  }
  cluster.evaluate(0);
  cluster.evaluate(1);
  assert.equal(cluster.order(0).phase.imageSizePx, 32);
  cluster.reduce(0);
  cluster.reduce(1);
  cluster.reduce(1);
  cluster.reduce(0);
  cluster.evaluate(1);
  cluster.apply({ kind: 'workerLost', slot: 0, reason: 'gone' });
  cluster.link(1);
  cluster.evaluate(1);
  const finish = cluster.last(1);
  assert.ok(finish?.kind === 'finishOrder');
  cluster.finish(1);
  const ended = cluster.effects.at(-1);
  assert.ok(ended?.kind === 'ended' && ended.outcome.ending === 'completed');
  assert.equal(ended.outcome.weightsSha256, 'aa');
  assert.deepEqual(cluster.committedSteps(), [0, 1, 2, 3]);
});

test('a run that is to stop commits the step in flight and saves the weights', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  cluster.apply({ kind: 'stopRequested', reason: 'interrupted' });
  cluster.reduce(0);
  assert.deepEqual(cluster.committedSteps(), [0]);
  cluster.finish(0);
  const ended = cluster.effects.at(-1);
  assert.ok(ended?.kind === 'ended');
  const outcome = { ending: 'stopped', reason: 'interrupted', weightsSha256: 'aa' };
  assert.deepEqual(ended.outcome, outcome);
});

test('a run that is to stop keeps the workers that are to leave, and saves with them', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  for (const slot of [0, 1]) cluster.apply({ kind: 'drainRequested', slot });
  cluster.apply({ kind: 'stopRequested', reason: 'interrupted' });
  for (const slot of [0, 1]) cluster.reduce(slot);
  for (const slot of [0, 1]) cluster.finish(slot);
  const ended = cluster.effects.at(-1);
  assert.ok(ended?.kind === 'ended');
  const outcome = { ending: 'stopped', reason: 'interrupted', weightsSha256: 'aa' };
  assert.deepEqual(ended.outcome, outcome);
});

test('a run that is to stop does not wait for others when its last worker is lost', () => {
  const cluster = new CoreCluster(1);
  cluster.join(0);
  cluster.link(0);
  cluster.apply({ kind: 'stopRequested', reason: 'interrupted' });
  cluster.apply({ kind: 'workerLost', slot: 0, reason: 'killed' });
  const ended = cluster.effects.at(-1);
  assert.ok(ended?.kind === 'ended');
  const outcome = { ending: 'stopped', reason: 'interrupted', weightsSha256: '' };
  assert.deepEqual(ended.outcome, outcome);
});

test('a run that is to stop before enough workers have joined is over at once', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0);
  cluster.apply({ kind: 'stopRequested', reason: 'interrupted' });
  assert.equal(cluster.last(0)?.kind, 'released');
  assert.deepEqual(cluster.core.status().status, 'ended');
});

test('final weights that differ between members fail the run', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  cluster.apply({ kind: 'stopRequested', reason: 'interrupted' });
  for (const slot of [0, 1]) cluster.reduce(slot);
  cluster.finish(0, 'aa');
  cluster.finish(1, 'cc');
  const ended = cluster.effects.at(-1);
  assert.ok(ended?.kind === 'ended' && ended.outcome.weightsSha256 === '');
  assert.match(ended.outcome.reason, /CRESCENDO_DIVERGED: final weights differ: aa bb \/ cc bb/);
});

test('a drained member leaves at the step boundary and the rest go on', () => {
  const cluster = new CoreCluster(2);
  cluster.join(0, 1);
  cluster.link(0, 1);
  cluster.apply({ kind: 'drainRequested', slot: 0 });
  cluster.reduce(0);
  cluster.reduce(1);
  assert.equal(cluster.last(0)?.kind, 'released');
  cluster.link(1);
  assert.equal(cluster.order(1).step, 1);
});

/** Phases of five steps, and three inner steps. */
function localCluster(workers: number): CoreCluster {
  const cluster = new CoreCluster(workers, 10, 3);
  const slots = Array.from({ length: workers }, (_, slot) => slot);
  cluster.join(...slots);
  cluster.link(...slots);
  return cluster;
}

test('with local SGD an order covers its inner steps, and none that is in another phase', () => {
  const cluster = localCluster(1);
  const covered: [number, number][] = [];
  for (let order = cluster.last(0); order?.kind === 'stepOrder'; order = cluster.last(0)) {
    covered.push([order.step, order.innerLearningRates.length]);
    cluster.reduce(0);
    // The phase ends here.
    if (order.step === 3) cluster.evaluate(0);
  }
  assert.deepEqual(covered, [
    [0, 3],
    [3, 2],
    [5, 3],
    [8, 2],
  ]);
  const records = cluster.effects.flatMap((one) =>
    one.kind === 'journal' && one.record.kind === 'committed' ? [one.record] : [],
  );
  assert.deepEqual(
    records.map(({ step, stepCount, sampleCount }) => [step, stepCount, sampleCount]),
    covered.map(([step, count]) => [step, count, 16 * count]),
  );
  assert.equal(cluster.core.status().committedSteps, 10);
});

test('with local SGD a lost member has all its steps leased anew from the first of them', () => {
  const cluster = localCluster(3);
  for (const slot of [0, 1, 2]) cluster.reduce(slot);
  cluster.apply({ kind: 'workerLost', slot: 0, reason: 'gone' });
  cluster.link(1, 2);
  const order = cluster.order(2);
  assert.deepEqual([order.step, order.attempt, order.innerLearningRates.length], [3, 1, 2]);
  assert.deepEqual(order.leases, [
    { slot: 1, microBatches: [0, 1, 2, 3] },
    { slot: 2, microBatches: [4, 5, 6, 7] },
  ]);
});

test('an inner step that one worker left out is named, and is no skipped step', () => {
  const cluster = localCluster(2);
  cluster.reduce(0);
  const nonfinite = [{ step: 2, microBatch: 6 }];
  cluster.reduce(1, 1, { nonfinite });
  const committed = cluster.effects.find((one) => one.kind === 'stepCommitted')?.committed;
  assert.equal(committed?.skipped, false);
  assert.deepEqual(committed.nonfinite, [
    { step: 2, microBatch: 6, slot: 1, firstPosition: 44, sampleCount: 2 },
  ]);
});
