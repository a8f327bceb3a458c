/** `crescendo simulate --mtbf`: what faults cost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { predictGoodput, type GoodputSettings } from '../../lib/simulator/goodput/goodput.ts';
import { runCommand } from '../support/processes.ts';

const MINUTE_MS = 60_000;

const SETTINGS: GoodputSettings = {
  workers: 3,
  microBatchesPerWorker: 4,
  batchPerWorker: 32,
  stateBytes: 100e6,
  times: { computeMs: 300, waitMs: 20, transferMs: 200, checkpointMs: 5 },
  mode: { innerSteps: 0, isSharded: false },
  cluster: {
    pauseBelow: 1,
    heartbeatIntervalMs: 1_000,
    heartbeatTimeoutMs: 10_000,
    reconnectMinutes: 10,
  },
  checkpoint: { everySteps: 100, everyMinutes: 0 },
  mtbfMs: 10 * MINUTE_MS,
  coordinatorMtbfMs: Infinity,
  silentRatio: 0,
  restartMs: 30_000,
  durationMs: 60 * MINUTE_MS,
  seed: 1,
};

test('the same seed gives the same prediction, and another one another', () => {
  const [one, same] = [predictGoodput(SETTINGS), predictGoodput(SETTINGS)];
  assert.deepEqual(same, one);
  assert.notEqual(predictGoodput({ ...SETTINGS, seed: 2 }).goodputRatio, one.goodputRatio);
});

test('without faults all is committed but for what checkpoints take', () => {
  const { goodputRatio, stepSeconds, faults, fullRatio, checkpointRatio } = predictGoodput({
    ...SETTINGS,
    mtbfMs: Infinity,
  });
  assert.deepEqual(faults, { workers: 0, coordinator: 0 });
  assert.ok(Math.abs(stepSeconds - 0.32) < 0.001, `${stepSeconds}`);
  assert.ok(Math.abs(checkpointRatio - 5 / 32_000) < 1e-6);
  assert.ok(Math.abs(goodputRatio - (1 - checkpointRatio)) < 1e-3, `${goodputRatio}`);
  assert.ok(fullRatio > 0.999);
});

test('goodput falls as faults become more frequent, and is what absent workers lack', () => {
  const of = (mtbfMinutes: number): ReturnType<typeof predictGoodput> =>
    predictGoodput({ ...SETTINGS, mtbfMs: mtbfMinutes * MINUTE_MS, durationMs: 4 * 3_600_000 });
  const [rare, some, many] = [of(120), of(30), of(5)];
  assert.ok(rare.goodputRatio > some.goodputRatio);
  assert.ok(some.goodputRatio > many.goodputRatio);
  // One of three is absent for 30 s of each fault: steps compute for 6 micro-batches, not 4.
  const absentRatio = 1 - some.fullRatio;
  const expected = 1 - absentRatio * (1 - 320 / 470);
  assert.ok(Math.abs(some.goodputRatio - expected) < 0.01, `${some.goodputRatio} ${expected}`);
  assert.ok(some.recoverySeconds.median < 0.6, `${some.recoverySeconds.median}`);
});

test('a lost machine is noticed after the heartbeat timeout', () => {
  const { recoverySeconds } = predictGoodput({ ...SETTINGS, silentRatio: 1 });
  assert.ok(recoverySeconds.median > 10 && recoverySeconds.median < 13);
});

test('where nobody has the state any more, steps since the last checkpoint are lost', () => {
  const alone = { ...SETTINGS, workers: 1, checkpoint: { everySteps: 1_000, everyMinutes: 0 } };
  const { stepsLost, faults, goodputRatio, fullRatio } = predictGoodput(alone);
  const each = stepsLost / faults.workers;
  assert.ok(each > 200 && each < 800, `half of the interval each on average, not ${each}`);
  const lostRatio = (stepsLost * 0.32) / 3_600;
  assert.ok(Math.abs(goodputRatio - (fullRatio - lostRatio)) < 0.02);
});

test('a coordinator that fails holds all up until it is there again', () => {
  const { goodputRatio, faults, recoverySeconds } = predictGoodput({
    ...SETTINGS,
    mtbfMs: Infinity,
    coordinatorMtbfMs: 10 * MINUTE_MS,
  });
  assert.ok(faults.coordinator > 0);
  assert.ok(recoverySeconds.median > 30 && recoverySeconds.median < 40);
  const expected = 1 - (faults.coordinator * recoverySeconds.median) / 3_600;
  assert.ok(Math.abs(goodputRatio - expected) < 0.02, `${goodputRatio} ${expected}`);
});

test('the command prints what faults cost, and refuses wrong times', async (context) => {
  const args = ['simulate', '--workers', '3', '--mtbf', '15m', '--link', '10gbit', '--hours', '1'];
  const text = await runCommand(context, args);
  assert.equal(text.exitCode, 0, text.stderr);
  assert.match(text.stdout, /efficientnetv2-s on 3 workers for 1\.0 h: each fails every 15\.0 min/);
  assert.match(text.stdout, /goodput +[\d.]+ % of a run without faults/);
  assert.match(text.stdout, /note: without one of 3 workers/);
  const json = await runCommand(context, [...args, '--json']);
  const { goodputRatio, settings } = JSON.parse(json.stdout) as {
    goodputRatio: number;
    settings: GoodputSettings;
  };
  assert.ok(goodputRatio > 0.5 && goodputRatio < 1);
  // 259 MB over 10 Gbit/s.
  assert.ok(Math.abs(settings.times.transferMs - 207) < 3, `${settings.times.transferMs}`);
  for (const [wrong, message] of [
    [['--mtbf', '15'], /a time from 1s to 36500d, such as 90s/],
    [['--mtbf', '15m', '--link', '10'], /a rate above 0, such as 10gbit/],
    [['--mtbf', '15m', '--workers', '100'], /at most 64 workers/],
    [[], /name a run file/],
  ] as const) {
    const { exitCode, stderr } = await runCommand(context, ['simulate', ...wrong]);
    assert.equal(exitCode, 2);
    assert.match(stderr, message);
  }
});
