/** Which micro-batches are audited, by whom, and what differences say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Audits } from '../../coordinator/core/audits.ts';
import type { Lease, StepOrder } from '../../proto/generated/messages.ts';
import { aReport } from '../support/committed-step.ts';
import { CoreCluster } from '../support/core-cluster.ts';

const ALL = { ratio: 1, seed: 7 };

function audits(order: readonly Lease[]): string {
  return order.map(({ slot, microBatches }) => `${slot}:${microBatches.join()}`).join(' ');
}

test('which micro-batches are audited depends on seed and step, and on no members', () => {
  const chosen = (step: number, slots: readonly number[], seed = 7): number[] => {
    const one = new Audits({ ratio: 0.5, seed }, step, 32);
    const leases = slots.map((slot) => ({
      slot,
      microBatches: Array.from({ length: 32 }, (_, at) => at).filter(
        (at) => slots[at % slots.length] === slot,
      ),
    }));
    one.divide(leases);
    return one
      .list()
      .flatMap(({ microBatches }) => microBatches)
      .sort((left, right) => left - right);
  };
  assert.deepEqual(chosen(3, [0, 1]), chosen(3, [0, 2, 5]));
  assert.notDeepEqual(chosen(3, [0, 1]), chosen(4, [0, 1]));
  assert.notDeepEqual(chosen(3, [0, 1]), chosen(3, [0, 1], 8));
  assert.ok(chosen(3, [0, 1]).length > 8 && chosen(3, [0, 1]).length < 24);
});

test('nobody audits its own micro-batches, unless it is alone, and all have as many', () => {
  const one = new Audits(ALL, 0, 4);
  one.divide([
    { slot: 0, microBatches: [0, 1] },
    { slot: 1, microBatches: [2, 3] },
  ]);
  assert.equal(audits(one.list()), '1:0,1 0:2,3');
  one.divide([{ slot: 1, microBatches: [0, 1, 2, 3] }]);
  assert.equal(audits(one.list()), '1:0,1,2,3');
});

test('a step is not complete while a gradient was computed once, or to different ones', () => {
  const one = new Audits(ALL, 0, 1);
  one.divide([
    { slot: 0, microBatches: [0] },
    { slot: 1, microBatches: [] },
  ]);
  const reports = (...checksums: number[]): Map<number, ReturnType<typeof aReport>> =>
    new Map(
      checksums.map((checksum, slot) => [
        slot,
        aReport({ gradientChecksums: [{ microBatch: 0, checksum }] }),
      ]),
    );
  assert.equal(one.hold(reports(5)), false);
  assert.equal(one.hold(reports(5, 5)), true);
  assert.equal(one.hold(reports(5, 6)), false);
  assert.match(one.difference(reports(5, 6))?.reason ?? '', /slot 0 has 5; slot 1 has 6$/);
});

/** Three members, of whom the one at `wrong` has another gradient of micro-batch 0. */
function disputed(wrong: number): CoreCluster {
  const one = new CoreCluster(3, 4, 0, false, { training: { audit: 1 } });
  one.join(0, 1, 2);
  one.link(0, 1, 2);
  report(one, [0, 1, 2], wrong);
  return one;
}

/** Each says what it was asked for. */
function report(one: CoreCluster, slots: readonly number[], wrong = -1): void {
  for (const slot of slots) {
    const order: StepOrder = one.order(slot);
    const asked = new Set(order.audits.flatMap(({ microBatches }) => microBatches));
    const own = [...order.leases, ...order.audits]
      .filter((lease) => lease.slot === slot)
      .flatMap(({ microBatches }) => microBatches)
      .filter((microBatch) => asked.has(microBatch));
    const gradientChecksums = own.map((microBatch) => ({
      microBatch,
      checksum: slot === wrong && microBatch === 0 ? 99 : 100 + microBatch,
    }));
    one.reduce(slot, 1, { gradientChecksums });
  }
}

test('a third member says who of two is wrong, whether it was leased or audits', () => {
  for (const wrong of [0, 1]) {
    const one = disputed(wrong);
    assert.deepEqual(one.committedSteps(), []);
    assert.equal(one.order(0).attempt, 1);
    assert.equal(
      one.order(0).audits.filter(({ microBatches }) => microBatches.includes(0)).length,
      2,
    );
    report(one, [0, 1, 2], wrong);
    const left = [0, 1, 2].filter((slot) => slot !== wrong);
    assert.deepEqual(one.core.status().members, left);
    one.link(...left);
    report(one, left);
    assert.deepEqual(one.committedSteps(), [0]);
  }
});

test('two members cannot tell who is wrong: the run ends before the commit', () => {
  const one = new CoreCluster(2, 4, 0, false, { training: { audit: 1 } });
  one.join(0, 1);
  one.link(0, 1);
  report(one, [0, 1], 1);
  assert.deepEqual(one.committedSteps(), []);
  assert.match(
    one.core.status().reason,
    /CRESCENDO_DIVERGED: gradients of micro-batch 0 of step 0/,
  );
});

test('what a lost member was to audit is audited by another before the commit', () => {
  const one = new CoreCluster(3, 4, 0, false, { training: { audit: 1 } });
  one.join(0, 1, 2);
  one.link(0, 1, 2);
  report(one, [0, 1]);
  one.apply({ kind: 'workerLost', slot: 2, reason: 'gone' });
  assert.deepEqual(one.committedSteps(), []);
  one.link(0, 1);
  report(one, [0, 1]);
  assert.deepEqual(one.committedSteps(), [0]);
});
