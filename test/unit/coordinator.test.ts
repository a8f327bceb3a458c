/** The coordinator without sockets, clocks or files: connections, relay, a whole run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunOutcome } from '../../coordinator/core/events.ts';
import {
  HELLO_TIMEOUT_MS,
  PENDING_CONNECTIONS_MAX,
  PROTOCOL_VERSION,
  SEND_QUEUE_BYTES_MAX,
} from '../../proto/limits.ts';
import { aPrepared } from '../support/hello.ts';
import {
  MemoryCoordinator,
  toyAnswer,
  type MemoryConnection,
} from '../support/memory-coordinator.ts';

test('who says no hello in time is refused, and leaves its place to another', () => {
  const rejected: string[] = [];
  const cluster = new MemoryCoordinator([{ onRejected: (code) => rejected.push(code) }]);
  const first = cluster.connect();
  cluster.nowMs = 1;
  for (let count = 1; count < PENDING_CONNECTIONS_MAX; count++) cluster.connect();
  assert.equal(cluster.coordinator.hasRoom, false);
  cluster.pass(HELLO_TIMEOUT_MS - 2);
  assert.equal(first.end, undefined);
  cluster.pass(1);
  assert.deepEqual(first.end, {
    why: 'dropped',
    reason: `no Hello within ${HELLO_TIMEOUT_MS} ms`,
  });
  assert.deepEqual(rejected, ['CRESCENDO_PROTOCOL_INVALID']);
  assert.equal(cluster.coordinator.hasRoom, true);
});

test('a hello is refused for its version, token, run file or a text that is too long', () => {
  const cluster = new MemoryCoordinator();
  const refusals = [
    { changes: { protocolVersion: PROTOCOL_VERSION + 1 }, reason: /protocol version/ },
    { changes: { joinToken: 'wrong' }, reason: /join token is missing or wrong/ },
    { changes: { configFingerprint: 'other' }, reason: /same run file/ },
    { changes: { hostName: 'x'.repeat(1025) }, reason: /1025 characters; the limit is 1024/ },
  ];
  for (const { changes, reason } of refusals) {
    const worker = cluster.greet(changes);
    assert.deepEqual(worker.kinds, ['refused']);
    assert.match(worker.end?.reason ?? '', reason);
  }
  assert.deepEqual(cluster.greet().kinds, ['welcome']);
});

test('a worker that is refused is not listened to any more', () => {
  const cluster = new MemoryCoordinator();
  const worker = cluster.connect();
  cluster.say(worker, { kind: 'drainRequest' });
  assert.match(worker.end?.reason ?? '', /drainRequest before hello/);
  cluster.say(worker, { kind: 'drainRequest' });
  assert.deepEqual(worker.kinds, ['refused']);
});

test('the lowest free slot is given out; one is free only when its connection has ended', () => {
  const cluster = new MemoryCoordinator();
  const slotOf = (worker: { sent: readonly object[] }): unknown =>
    (worker.sent[0] as { slot: number }).slot;
  const [zero, one] = [cluster.greet(), cluster.greet()];
  assert.deepEqual([slotOf(zero), slotOf(one)], [0, 1]);
  cluster.say(zero, { kind: 'failure', code: 'CRESCENDO_X', message: 'broken' });
  cluster.coordinator.tick(0);
  assert.equal(slotOf(cluster.greet()), 2);
  cluster.close(zero);
  assert.equal(slotOf(cluster.greet()), 0);
});

test('a worker is in the cluster, with the address of its hello, once it is prepared', () => {
  const cluster = new MemoryCoordinator();
  const zero = cluster.join({ dataUrl: 'ws://a:1', metricsAddress: 'a:9' });
  const one = cluster.greet({ dataUrl: 'ws://b:1' });
  assert.equal(cluster.coordinator.status().status, 'waiting');
  assert.deepEqual(cluster.coordinator.metricsTargets(), [{ slot: 0, address: 'a:9' }]);
  cluster.say(one, aPrepared());
  const roster = zero.sent.at(-1);
  assert.ok(roster?.kind === 'roster');
  assert.deepEqual(
    roster.members.map(({ slot, dataUrl }) => [slot, dataUrl]),
    [
      [0, 'ws://a:1'],
      [1, 'ws://b:1'],
    ],
  );
  assert.deepEqual(
    cluster.store.records.map(({ kind }) => kind),
    ['started', 'generation'],
  );
});

test('a lost worker is told of to observers and the core with the reason for its end', () => {
  const lost: string[] = [];
  const cluster = new MemoryCoordinator([{ onWorkerLost: (_, reason) => lost.push(reason) }]);
  cluster.close(cluster.join(), 'read ECONNRESET');
  assert.deepEqual(lost, ['read ECONNRESET']);
  const left = cluster.join();
  cluster.coordinator.requestStop('asked', cluster.nowMs);
  cluster.close(left);
  assert.deepEqual(lost, ['read ECONNRESET'], 'the run is over');
});

test('a worker dropped by the core is told why, and what it still says is not heard', () => {
  const cluster = new MemoryCoordinator();
  const silent = cluster.join();
  cluster.pass(1e5);
  assert.equal(silent.end?.why, 'dropped');
  assert.match(silent.end.reason, /no heartbeat/);
  cluster.say(silent, aPrepared());
  assert.deepEqual(cluster.coordinator.status().joining, []);
});

test('a worker of which bytes come lives, however long its message takes', () => {
  const cluster = new MemoryCoordinator();
  const [slow, silent] = [cluster.join(), cluster.join()];
  for (let second = 0; second < 30; second++) {
    slow.receivedBytes += 1_000;
    cluster.pass(1_000);
  }
  assert.equal(slow.end, undefined);
  const answers = slow.sent.filter(({ kind }) => kind === 'heartbeatSeen');
  assert.ok(answers.length >= 29, 'it hears that its bytes come');
  assert.match(silent.end?.reason ?? '', /no heartbeat/);
});

test('a run that is asked to stop while its journal cannot be written ends within seconds', () => {
  const ended: RunOutcome[] = [];
  const cluster = new MemoryCoordinator([{ onEnded: (outcome) => ended.push(outcome) }]);
  cluster.store.isFull = true;
  cluster.join();
  cluster.join();
  cluster.pass(60_000);
  assert.equal(ended.length, 0, 'it waits for room');
  cluster.coordinator.requestStop('asked', cluster.nowMs);
  cluster.pass(6_000);
  assert.match(ended[0]?.reason ?? '', /^CRESCENDO_STORAGE_FULL/);
});

test('a frame is relayed to its target as it is; one in the name of another is not', () => {
  const cluster = new MemoryCoordinator();
  const [zero, one] = [cluster.join(), cluster.join()];
  const frame = new Uint8Array([1, 2]);
  cluster.coordinator.onFrame(zero, { sourceSlot: 0, targetSlot: 1 }, frame);
  cluster.coordinator.onFrame(zero, { sourceSlot: 0, targetSlot: 7 }, frame);
  assert.deepEqual(one.forwarded, [frame]);
  cluster.coordinator.onFrame(zero, { sourceSlot: 1, targetSlot: 1 }, frame);
  assert.equal(one.forwarded.length, 1);
});

test('who sends more than a target reads is paused until all its targets have room again', () => {
  const cluster = new MemoryCoordinator();
  const [source, one, two] = [cluster.join(), cluster.join(), cluster.join()];
  const relay = (targetSlot: number): void => {
    cluster.coordinator.onFrame(source, { sourceSlot: 0, targetSlot }, new Uint8Array(1));
  };
  relay(1);
  assert.equal(source.isPaused, false);
  one.queuedBytes = two.queuedBytes = SEND_QUEUE_BYTES_MAX + 1;
  relay(1);
  relay(2);
  assert.equal(source.isPaused, true);
  one.queuedBytes = SEND_QUEUE_BYTES_MAX / 2 + 1;
  cluster.coordinator.onFlushed(one);
  one.queuedBytes = 0;
  cluster.coordinator.onFlushed(one);
  assert.equal(source.isPaused, true);
  cluster.close(two);
  assert.equal(source.isPaused, false);
});

/** Has toy workers answer all that they are sent, one message of each in turn. */
function answerAll(cluster: MemoryCoordinator, workers: readonly MemoryConnection[]): void {
  const answered = workers.map(() => 0);
  for (let isBusy = true; isBusy;) {
    isBusy = false;
    for (const [slot, worker] of workers.entries()) {
      const message = worker.sent[answered[slot] as number];
      if (message === undefined) continue;
      answered[slot] = (answered[slot] as number) + 1;
      isBusy = true;
      cluster.nowMs++;
      const answer = toyAnswer(message, slot);
      if (answer !== undefined) cluster.say(worker, answer);
    }
    // What the disk does is over before the workers say more.
    if (!isBusy) isBusy = cluster.store.clock.step();
  }
}

test('a whole run goes through the coordinator without sockets, files or timers', () => {
  const outcomes: RunOutcome[] = [];
  const cluster = new MemoryCoordinator([{ onEnded: (outcome) => outcomes.push(outcome) }]);
  answerAll(cluster, [cluster.greet(), cluster.greet()]);
  const { committedSteps } = cluster.coordinator.status();
  const reason = 'all steps are committed';
  assert.deepEqual(outcomes, [{ ending: 'completed', reason, weightsSha256: 'aa' }]);
  const committed = cluster.store.records.filter(({ kind }) => kind === 'committed');
  assert.ok(committedSteps > 1);
  assert.equal(committed.length, committedSteps);
  assert.deepEqual(cluster.store.records.at(-1), { kind: 'ended', ending: 'completed', reason });
});

test('while the journal cannot be written nobody gets the slot of one who left', () => {
  const cluster = new MemoryCoordinator();
  const left = cluster.join();
  cluster.store.isFull = true;
  cluster.join();
  cluster.close(left);
  const next = cluster.greet();
  const slotOf = ({ sent }: MemoryConnection): number | undefined =>
    sent.find((message) => message.kind === 'welcome')?.slot;
  assert.equal(slotOf(next), 2);
  cluster.store.isFull = false;
  cluster.pass(1_000);
  assert.equal(slotOf(cluster.greet()), 0);
});

test('observers are told of each checkpoint that is whole, and of each that is not', () => {
  const told: string[] = [];
  const observer = {
    onCheckpoint: (committedSteps: number) => told.push(`whole after ${committedSteps}`),
    onCheckpointFailed: () => told.push('failed'),
  };
  const cluster = new MemoryCoordinator([observer]);
  answerAll(cluster, [cluster.greet(), cluster.greet()]);
  const { committedSteps } = cluster.coordinator.status();
  assert.equal(told.at(-1), `whole after ${committedSteps}`);
  assert.ok(!told.includes('failed'));

  const full = new MemoryCoordinator([observer]);
  full.store.checkpoints.isFull = true;
  answerAll(full, [full.greet(), full.greet()]);
  assert.ok(told.includes('failed'));
});
