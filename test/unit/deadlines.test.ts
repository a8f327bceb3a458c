/** A member that goes on is not late, however long its part takes; one that stands still is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines, type Late } from '../../coordinator/core/deadlines.ts';
import type { Awaited } from '../../coordinator/core/task.ts';
import { aReport } from '../support/committed-step.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const UNIT = 'micro-batch at 16 px';

/** Members that beat every second, and are asked for every second. */
class Members {
  readonly deadlines: Deadlines;
  readonly #slots: readonly number[];
  readonly #progress = new Map<number, number>();
  readonly #bytes = new Map<number, number>();
  nowMs = 0;

  constructor(slots: readonly number[], heartbeatIntervalMs = SECOND) {
    this.#slots = slots;
    this.deadlines = new Deadlines({ globalSize: 8, microBatches: 4 }, heartbeatIntervalMs);
  }

  begin(unit = UNIT): void {
    this.deadlines.begin({ unit }, this.#slots, this.nowMs);
  }

  /** A step of four micro-batches, in which each member computed in its time, and reports. */
  step(secondsBySlot: readonly number[], allReduceSeconds = 0): void {
    this.begin();
    const slots = this.#slots;
    this.nowMs += (Math.max(...secondsBySlot) + allReduceSeconds) * SECOND;
    for (const slot of slots) {
      const computeSeconds = secondsBySlot[slot] ?? 0;
      const report = aReport({ samplesComputed: 8, computeSeconds, allReduceSeconds });
      this.deadlines.reported(slot, report, this.nowMs);
    }
  }

  /** @param units that it has finished since the last beat */
  beat(slot: number, units: number, bytes = 0): void {
    const progress = (this.#progress.get(slot) ?? 0) + units;
    const allReduceBytesSent = (this.#bytes.get(slot) ?? 0) + bytes;
    this.#progress.set(slot, progress);
    this.#bytes.set(slot, allReduceBytesSent);
    const beat = {
      kind: 'heartbeat',
      generation: 1,
      tensorCount: 0,
      tensorBytes: 0,
      allReduceBytesSent,
      step: 7,
      computeDone: false,
      waitingForSlots: [],
      progress,
      attempt: 0,
      unbegunMicroBatches: [],
      awaitsInput: false,
    } as const;
    this.deadlines.heard(slot, beat, this.nowMs);
  }

  late(slots: readonly number[], stage: Awaited['stage'] = 'compute'): Late | undefined {
    const task = { unit: UNIT, describe: () => 'step 7', awaited: () => ({ slots, stage }) };
    const members = this.#slots.map((slot) => ({ slot, heartbeat: undefined }));
    return this.deadlines.late(task, members, this.nowMs);
  }

  /** Waits for `slots`, which beat and finish nothing. @returns who is late, and after how long */
  wait(slots: readonly number[], stage: Awaited['stage'] = 'compute'): [number, Late] {
    const startMs = this.nowMs;
    for (; this.nowMs - startMs < 100 * MINUTE; this.nowMs += SECOND) {
      for (const slot of slots) this.beat(slot, 0);
      const late = this.late(slots, stage);
      if (late !== undefined) return [(this.nowMs - startMs) / SECOND, late];
    }
    return assert.fail('nobody is late');
  }
}

test('a member that finishes a unit now and then is never late', () => {
  const members = new Members([0, 1]);
  members.step([4, 4]);
  members.begin();
  for (let unit = 0; unit < 100; unit++) {
    for (let second = 0; second < 29; second++) {
      members.nowMs += SECOND;
      members.beat(1, 0);
      assert.equal(members.late([1]), undefined);
    }
    members.beat(1, 1);
  }
});

test('a member that stands still is late after half a minute where its units are short', () => {
  const members = new Members([0, 1]);
  members.step([4, 4]);
  members.begin();
  const [seconds, late] = members.wait([1]);
  assert.equal(seconds, 30);
  assert.deepEqual(late.slots, [1]);
  assert.equal(late.mayReturn, false, 'a process that hangs would hang again');
  assert.equal(
    late.reason,
    'late in step 7: it finished no micro-batch at 16 px for 30 s (one takes 1 s there)',
  );
});

test('a member is given ten times what its own units took, by their median', () => {
  const members = new Members([0, 1]);
  // The first has compiled; slot 1 is a slow device among fast ones.
  members.step([4, 4000]);
  for (let step = 0; step < 4; step++) members.step([4, 80]);
  members.begin();
  assert.equal(members.wait([1])[0], 200);
  members.begin();
  assert.equal(members.wait([0])[0], 30);
});

test('before anything is measured a member has an hour, which it may need to compile', () => {
  const members = new Members([0, 1]);
  members.begin();
  assert.equal(members.wait([0, 1])[0], 3600);
});

test('once another has done its first part, a member has ten times as long as that took', () => {
  const members = new Members([0, 1]);
  members.begin();
  members.nowMs += 2 * MINUTE;
  members.beat(1, 0);
  assert.equal(members.late([1]), undefined); // The others are done.
  assert.equal(members.wait([1])[0], 18 * 60);
  const quick = new Members([0, 1]);
  quick.step([4, 4]);
  quick.begin('evaluation batch at 32 px');
  quick.nowMs += SECOND;
  quick.late([1]);
  assert.equal(quick.wait([1])[0], 10 * 60 - 1);
});

test('members that all stand still are given longer, for a file server may be what stands', () => {
  const members = new Members([0, 1]);
  members.step([4, 4]);
  members.begin();
  const [seconds, late] = members.wait([0, 1]);
  assert.equal(seconds, 600);
  assert.deepEqual(late.slots, [0, 1]);
  assert.ok(late.mayReturn);
});

test('frames that leave are progress, and so are the reports of batches', () => {
  const members = new Members([0, 1]);
  members.step([4, 4], 1);
  members.begin();
  members.late([1], 'all-reduce');
  for (let second = 0; second < 300; second++) {
    members.nowMs += SECOND;
    members.beat(1, 0, 1000);
    assert.equal(members.late([1], 'all-reduce'), undefined);
  }
  const [seconds, late] = members.wait([1], 'all-reduce');
  assert.equal(seconds, 60);
  assert.ok(late.mayReturn);
  assert.match(
    late.reason,
    /late in step 7: it has frames that others wait for, and sent none for 60 s/,
  );
});

test('an all-reduce is given ten times what it took before', () => {
  const members = new Members([0, 1]);
  members.step([4, 4], 30);
  members.begin();
  members.late([1], 'all-reduce');
  assert.equal(members.wait([1], 'all-reduce')[0], 300);
});

test('an evaluation is timed by the batches that are reported', () => {
  const members = new Members([0, 1]);
  const unit = 'evaluation batch at 32 px';
  members.begin(unit);
  const batch = { sampleCount: 1, top1Count: 1, top5Count: 1, lossSum: 1, unreadableCount: 0 };
  const ema = { emaTop1Count: 1, emaTop5Count: 1, emaLossSum: 1, unreadable: [] };
  for (let index = 0; index < 5; index++) {
    members.nowMs += 20 * SECOND;
    const batches = [{ index, ...batch, ...ema }];
    const report = { kind: 'evaluationDone', generation: 1, evaluation: 0, batches } as const;
    members.deadlines.reported(1, report, members.nowMs);
    members.nowMs += SECOND / 2;
    members.beat(1, 1); // It tells of the same batch.
    members.nowMs -= SECOND / 2;
  }
  const startMs = members.nowMs;
  members.wait([1]);
  assert.equal(Math.round((members.nowMs - startMs) / SECOND), 201);
});

test('who stands still is named before it is late', () => {
  const members = new Members([0, 1]);
  const waitsFor = (): string | undefined => members.deadlines.waitsFor;
  members.step([4, 4]);
  members.begin();
  members.nowMs += 9 * SECOND;
  members.late([1]);
  assert.equal(waitsFor(), undefined);
  members.nowMs += 3 * SECOND;
  members.late([1]);
  assert.match(
    waitsFor() ?? '',
    /^step 7: slot 1 finished no micro-batch at 16 px for 12 s \(one takes 1 s there\)$/,
  );
  members.begin();
  assert.equal(waitsFor(), undefined);
});

test('rare heartbeats do not make a member late', () => {
  const members = new Members([0, 1], 60 * SECOND);
  members.step([4, 4]);
  members.begin();
  assert.equal(members.wait([1])[0], 180);
});

test('a pause of the coordinator itself is forgiven', () => {
  const members = new Members([0, 1]);
  members.step([4, 4]);
  members.begin();
  members.nowMs += 60 * SECOND;
  members.deadlines.forgive(60 * SECOND);
  assert.equal(members.wait([1])[0], 30);
});

test('a worker that takes over a slot has its own times', () => {
  const members = new Members([0, 1]);
  members.step([4, 4]);
  for (let step = 0; step < 3; step++) members.step([4, 800]);
  members.deadlines.begin({ unit: UNIT }, [0], members.nowMs);
  members.begin();
  assert.equal(members.wait([1])[0], 600);
});
