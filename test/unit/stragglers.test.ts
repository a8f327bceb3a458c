/** Who holds the others up, and why, by what members report. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describe, Stragglers } from '../../coordinator/core/stragglers.ts';
import type { Heartbeat, StepReduced } from '../../proto/generated/messages.ts';
import { aCommittedStep, aReport } from '../support/committed-step.ts';

class Watched {
  readonly notices: string[] = [];
  readonly stragglers = new Stragglers({
    changed: () => undefined,
    notice: (text) => this.notices.push(text),
  });

  /** Steps in which the members report this, by slot. */
  steps(count: number, durationMs: number, ...reports: Partial<StepReduced>[]): void {
    for (let index = 0; index < count; index++) {
      this.stragglers.onStep(
        aCommittedStep({
          durationMs,
          reports: reports.map((one, slot) => ({ ...aReport(one), slot, lagMs: 0 })),
        }),
      );
    }
  }

  /** Members that have computed their parts wait for these slots. */
  waiting(...waitingForSlots: readonly (readonly number[])[]): void {
    for (const [slot, slots] of waitingForSlots.entries()) {
      const beat: Partial<Heartbeat> = { computeDone: true, waitingForSlots: slots };
      this.stragglers.onHeartbeat(slot, beat as Heartbeat);
    }
  }

  get named(): string[] {
    return this.stragglers.named.map(describe);
  }
}

const QUICK = { computeSeconds: 1, allReduceSeconds: 1 };

test('who computes longer than the others is named after three steps, as long as it does', () => {
  const watched = new Watched();
  const slow = { computeSeconds: 2, allReduceSeconds: 0 };
  watched.steps(2, 2_000, QUICK, slow, QUICK);
  assert.deepEqual(watched.named, []);
  watched.steps(1, 2_000, QUICK, slow, QUICK);
  assert.deepEqual(watched.named, ['slot 1 computes slowly: others wait 50 % of the time']);
  watched.steps(8, 1_000, QUICK, { ...QUICK, allReduceSeconds: 0 }, QUICK);
  assert.deepEqual(watched.named, []);
});

test('a slow member with fewer micro-batches, for which nobody waits, is not named', () => {
  const watched = new Watched();
  watched.steps(8, 1_000, { ...QUICK, samplesComputed: 14 }, { ...QUICK, samplesComputed: 2 });
  assert.deepEqual(watched.named, []);
});

test('a member without a lease makes no straggler of the one that computes', () => {
  const watched = new Watched();
  const idle = { computeSeconds: 0, samplesComputed: 0 };
  watched.steps(8, 1_000, QUICK, idle);
  assert.deepEqual(watched.named, []);
});

test('who computes longer because its input is late is named for that', () => {
  const watched = new Watched();
  const slow = { computeSeconds: 2, inputSeconds: 0.9, allReduceSeconds: 0 };
  watched.steps(3, 2_000, { ...QUICK, inputSeconds: 0.1 }, slow);
  assert.deepEqual(watched.named, ['slot 1 waits for input: others wait 50 % of the time']);
});

test('a link is slow where all have computed, and most wait for the frames of one', () => {
  const watched = new Watched();
  watched.steps(2, 2_000, QUICK, QUICK, QUICK);
  watched.waiting([1], [0], []);
  watched.steps(1, 2_000, QUICK, QUICK, QUICK);
  assert.deepEqual(watched.named, [], 'each of two waits for the other');
  for (let beat = 0; beat < 3; beat++) watched.waiting([2], [2], []);
  watched.steps(1, 2_000, QUICK, QUICK, QUICK);
  assert.deepEqual(watched.named, ['slot 2 has a slow link: others wait 50 % of the time']);
});

test('a lost worker is named no more, and says nothing of the next one in its slot', () => {
  const watched = new Watched();
  const slow = { computeSeconds: 2, allReduceSeconds: 0 };
  watched.steps(3, 2_000, QUICK, slow);
  assert.equal(watched.named.length, 1);
  watched.stragglers.onWorkerLost(1);
  assert.deepEqual(watched.named, []);
  watched.steps(1, 1_000, QUICK, { ...QUICK, allReduceSeconds: 0 });
  assert.deepEqual(watched.named, []);
});

test('the log is told when another is named, and once a minute at most', () => {
  const watched = new Watched();
  const slow = { computeSeconds: 2, allReduceSeconds: 0 };
  watched.steps(8, 2_000, QUICK, slow, QUICK);
  watched.steps(8, 2_000, QUICK, QUICK, slow);
  assert.deepEqual(watched.notices, ['slot 1 computes slowly: others wait 50 % of the time']);
  watched.steps(20, 2_000, QUICK, QUICK, slow);
  assert.deepEqual(watched.notices.slice(1), [
    'slot 2 computes slowly: others wait 50 % of the time',
  ]);
});
