/** Which compression the coordinator orders, from what workers report. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommunicationConfig } from '../../lib/run/run-config.ts';
import { CompressionSchedule } from '../../coordinator/core/compression-schedule.ts';
import type { CommittedStep } from '../../coordinator/core/events.ts';
import { aRun } from '../support/engines.ts';

const AUTO: CommunicationConfig = {
  ...aRun().communication,
  compression: 'auto',
  allowed: ['float32', 'int8', 'top-k', 'power-sgd'],
};
const BYTES_PER_BYTE: Record<string, number> = {
  float32: 1,
  int8: 0.254,
  'top-k': 0.01,
  'power-sgd': 0.02,
};

interface Link {
  readonly bytesPerSecond: number;
  readonly members?: number;
  readonly similarity?: number;
}

/** A step of 0.1 s of computing, half of it hiding the all-reduce of 10 MB. */
function stepWith(
  compression: string,
  { bytesPerSecond, members = 2, similarity }: Link,
): CommittedStep {
  const bytes = 10e6 * (BYTES_PER_BYTE[compression] ?? 1);
  const hidden = compression === 'power-sgd' ? 0 : 0.05;
  const allReduceSeconds = Math.max(0.001, bytes / bytesPerSecond - hidden);
  const report = {
    allReduceSeconds,
    overlapSeconds: 0.05,
    allReducePayloadBytes: bytes,
    compressionSeconds: compression === 'float32' ? 0 : 0.004,
    computeSeconds: 0.1,
  };
  return {
    compression,
    cosineSimilarity: similarity ?? Number.NaN,
    durationMs: (0.1 + allReduceSeconds) * 1000,
    // Whoever computed faster waits for longer.
    reports: [...Array(members).keys()].map((slot) => ({
      ...report,
      allReduceSeconds: allReduceSeconds + slot * 0.02,
      slot,
    })),
  } as unknown as CommittedStep;
}

/** @returns the compression of each step */
function run(schedule: CompressionSchedule, steps: number, link: Link): string[] {
  return Array.from({ length: steps }, () => {
    const compression = schedule.next();
    schedule.observe(stepWith(compression, link));
    return compression;
  });
}

test('a compression of the run file is that of every step', () => {
  const schedule = new CompressionSchedule({ ...AUTO, compression: 'top-k' });
  assert.deepEqual([...new Set(run(schedule, 30, { bytesPerSecond: 1e6 }))], ['top-k']);
});

test('auto stays with float32 where computing hides the all-reduce', () => {
  const schedule = new CompressionSchedule(AUTO);
  assert.deepEqual([...new Set(run(schedule, 50, { bytesPerSecond: 1e9 }))], ['float32']);
});

test('auto measures each compression on a slow link, then takes one that saves time', () => {
  const schedule = new CompressionSchedule(AUTO);
  const steps = run(schedule, 60, { bytesPerSecond: 40e6 });
  assert.equal(steps[0], 'float32');
  assert.deepEqual(steps.slice(1, 13), [
    ...Array<string>(4).fill('int8'),
    ...Array<string>(4).fill('top-k'),
    ...Array<string>(4).fill('power-sgd'),
  ]);
  // int8 takes 64 ms where 50 are hidden; the others are not noticeably faster, or less.
  assert.deepEqual([...new Set(steps.slice(30))], ['top-k']);
});

test('auto finds out that the link became faster, step by step', () => {
  const schedule = new CompressionSchedule(AUTO);
  run(schedule, 60, { bytesPerSecond: 40e6 });
  assert.equal(schedule.next(), 'top-k');
  const steps = run(schedule, 600, { bytesPerSecond: 1e9 });
  const chosen = steps.filter((compression, at) => compression !== steps[at - 1]);
  // By one step with the next more exact one, some before the choice changes.
  assert.deepEqual(chosen, ['top-k', 'int8', 'top-k', 'int8', 'float32', 'int8', 'float32']);
});

test('auto takes int8 where its bytes are hidden', () => {
  const schedule = new CompressionSchedule(AUTO);
  const steps = run(schedule, 60, { bytesPerSecond: 60e6 });
  assert.deepEqual([...new Set(steps.slice(30))], ['int8']);
});

test('a sum unlike the exact one steps back', () => {
  const schedule = new CompressionSchedule(AUTO);
  run(schedule, 40, { bytesPerSecond: 40e6 });
  assert.equal(schedule.next(), 'top-k');
  run(schedule, 1, { bytesPerSecond: 40e6, similarity: 0.5 });
  assert.equal(schedule.next(), 'int8');
  run(schedule, 100, { bytesPerSecond: 40e6, similarity: 0.999 });
  assert.equal(schedule.next(), 'int8');
  run(schedule, 1, { bytesPerSecond: 40e6, similarity: 0.97 });
  assert.equal(schedule.next(), 'float32');
});

test('the bound of the guard is the run file’s', () => {
  const schedule = new CompressionSchedule({ ...AUTO, guardSimilarityMin: 0.3 });
  run(schedule, 40, { bytesPerSecond: 40e6 });
  run(schedule, 20, { bytesPerSecond: 40e6, similarity: 0.5 });
  assert.equal(schedule.next(), 'top-k');
});

test('one worker alone has nothing to measure', () => {
  const schedule = new CompressionSchedule(AUTO);
  const steps = run(schedule, 20, { bytesPerSecond: 1e6, members: 1 });
  assert.deepEqual([...new Set(steps)], ['float32']);
});
