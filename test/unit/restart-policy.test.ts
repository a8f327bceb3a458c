/** When a worker process that has ended is started again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  RestartPolicy,
  type RestartDecision,
  type WorkerExit,
} from '../../lib/launch/restart-policy.ts';

const LIMITS = { restartsMax: 4, windowMs: 600_000, firstDelayMs: 1_000, delayMaxMs: 5_000 };
const KILLED: WorkerExit = { code: null, signal: 'SIGKILL', errorCode: undefined };

function policy(): RestartPolicy {
  return new RestartPolicy(LIMITS);
}

function failed(code: number, errorCode?: string): WorkerExit {
  return { code, signal: null, errorCode };
}

function delayOf(decision: RestartDecision): number {
  return decision.kind === 'restart' ? decision.delayMs : NaN;
}

test('each restart waits twice as long as the one before, up to a bound', () => {
  const one = policy();
  const delays = [0, 1, 2, 3].map((at) => delayOf(one.decide(KILLED, at)));
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 5_000]);
});

test('there are so many restarts within a window and no more', () => {
  const one = policy();
  for (let at = 0; at < 4; at++) assert.equal(one.decide(KILLED, at).kind, 'restart');
  const last = one.decide(KILLED, 599_999);
  assert.deepEqual(last, { kind: 'giveUp', why: '4 restarts within 10 min are the limit' });
});

test('restarts before the window are forgotten', () => {
  const one = policy();
  for (let at = 0; at < 4; at++) one.decide(KILLED, at);
  assert.equal(delayOf(one.decide(KILLED, 600_003)), 1_000);
});

test('a worker that was released or asked to leave is not started again', () => {
  assert.equal(policy().decide(failed(0), 0).kind, 'left');
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    assert.equal(policy().decide({ ...KILLED, signal }, 0).kind, 'left');
  }
});

test('a worker that would fail again is not started again', () => {
  assert.equal(policy().decide(failed(2), 0).kind, 'giveUp');
  for (const code of ['ENGINE_UNAVAILABLE', 'DATASET_INVALID', 'TOKEN_WRONG']) {
    assert.equal(policy().decide(failed(1, `CRESCENDO_${code}`), 0).kind, 'giveUp', code);
  }
});

test('a worker that lost its connection, its memory or its wits is started again', () => {
  for (const code of ['COORDINATOR_UNREACHABLE', 'OUT_OF_MEMORY', 'WORKER_FAILED']) {
    assert.equal(policy().decide(failed(1, `CRESCENDO_${code}`), 0).kind, 'restart', code);
  }
  assert.equal(policy().decide({ ...KILLED, signal: 'SIGSEGV' }, 0).kind, 'restart');
});
