/** How long workers are kept out that are lost again and again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldOffError, HoldOff, type Seat } from '../../coordinator/core/hold-off.ts';

const SEAT: Seat = { machine: 'm', slot: 2 };

/** For how long a worker of the seat is kept out now. */
function pauseMs(holdOff: HoldOff, nowMs: number, seat: Seat = SEAT): number {
  return holdOff.list(nowMs).find(({ slot }) => slot === seat.slot)?.forMs ?? 0;
}

test('a first loss is free; then pauses begin with a second and double up to the limit', () => {
  const holdOff = new HoldOff(300_000);
  const pauses = Array.from({ length: 12 }, () => {
    holdOff.lost(SEAT, 0, 0);
    return pauseMs(holdOff, 0) / 1_000;
  });
  assert.deepEqual(pauses, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
});

test('after many committed steps a loss counts as the first', () => {
  const holdOff = new HoldOff(300_000);
  for (const memberSteps of [5, 5, 99]) holdOff.lost(SEAT, memberSteps, 0);
  assert.equal(pauseMs(holdOff, 0), 2_000);
  holdOff.lost(SEAT, 100, 10_000);
  assert.equal(pauseMs(holdOff, 10_000), 0);
  holdOff.lost(SEAT, 5, 20_000);
  assert.equal(pauseMs(holdOff, 20_000), 1_000);
});

test('who comes too early is told how long to wait, and is let in afterwards', () => {
  const holdOff = new HoldOff(300_000);
  const said = Array.from({ length: 7 }, () => holdOff.lost(SEAT, 0, 1_000));
  assert.equal(said[0], undefined);
  assert.match(said[6] ?? '', /slot 2 on m was lost 7 times .* held off for 32 s/);
  const refusal = (nowMs: number): unknown => {
    try {
      holdOff.check(SEAT, nowMs);
      return undefined;
    } catch (error) {
      return error;
    }
  };
  const early = refusal(1_000);
  assert.ok(early instanceof HeldOffError);
  assert.match(early.message, /held off for 32 s more/);
  assert.equal(early.retryAfterMs, 15_000, 'a run that waits lets it in sooner');
  const late = refusal(32_400);
  assert.ok(late instanceof HeldOffError);
  assert.equal(late.retryAfterMs, 600);
  assert.equal(refusal(33_000), undefined);
  assert.deepEqual(holdOff.list(33_000), []);
});

test('other machines and slots are let in, and with a limit of 0 everybody is', () => {
  const holdOff = new HoldOff(300_000);
  for (let count = 0; count < 3; count++) holdOff.lost(SEAT, 0, 0);
  holdOff.check({ ...SEAT, machine: 'n' }, 0);
  holdOff.check({ ...SEAT, slot: 3 }, 0);
  const none = new HoldOff(0);
  for (let count = 0; count < 3; count++) assert.equal(none.lost(SEAT, 0, 0), undefined);
  none.check(SEAT, 0);
});
