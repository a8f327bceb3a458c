/** The cost of a step, by formulas that can be worked out by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connectionSeconds, expectedMaximum, predictStep } from '../../lib/planning/cost-model.ts';
import type { StepCosts } from '../../lib/planning/step-costs.ts';
import { normalQuantile } from '../../lib/collective/compression/normal-quantile.ts';

const LINK = {
  latencySeconds: 0,
  bytesPerSecond: 1e8,
  windowBytes: Infinity,
  initialWindowBytes: Infinity,
};

/** Ten million bytes that are there at the end of a second, over links of 10^8 bytes a second. */
function costs(changes: {
  workers?: number;
  workersPerMachine?: number;
  topology?: StepCosts['cluster']['topology'];
  releaseSeconds?: number;
  latencySeconds?: number;
  variation?: number;
}): StepCosts {
  const link = { ...LINK, latencySeconds: changes.latencySeconds ?? 0 };
  return {
    cluster: {
      workers: changes.workers ?? 2,
      workersPerMachine: changes.workersPerMachine ?? 1,
      withinMachine: { ...LINK, bytesPerSecond: Infinity },
      betweenMachines: link,
      topology: changes.topology ?? 'flat',
    },
    work: {
      samplesPerWorker: 10,
      computeSeconds: 1,
      applySeconds: 0,
      stepsPerAllReduce: 1,
      computeVariation: changes.variation ?? 0,
      buckets: [{ bytes: 1e7, releaseSeconds: changes.releaseSeconds ?? 1 }],
    },
    processing: {
      reduceSecondsPerByte: 0,
      encodeSecondsPerByte: 0,
      decodeSecondsPerByte: 0,
      socketSecondsPerByte: 0,
      messageSeconds: 0,
      compressionRatio: 1,
      chunkBytes: 1e6,
      sharesCore: false,
    },
    coordinator: { stepSeconds: 0, workerSeconds: 0, shareSeconds: 0, shareBytes: 0 },
  };
}

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9 + 1e-6 * expected, `${actual}, not ${expected}`);
}

test('one worker waits for nobody', () => {
  const { stepSeconds, efficiency, sentBytesPerWorker } = predictStep(costs({ workers: 1 }));
  assert.deepEqual([stepSeconds, efficiency, sentBytesPerWorker], [1, 1, 0]);
});

test('n workers each send 2 (n - 1) / n of the vector, in as long as a link takes for it', () => {
  for (const workers of [2, 4, 8]) {
    const prediction = predictStep(costs({ workers }));
    const bytes = (2 * (workers - 1) * 1e7) / workers;
    assertNear(prediction.sentBytesPerWorker, bytes);
    assertNear(prediction.stepSeconds, 1 + bytes / 1e8);
    assertNear(prediction.efficiency, 1 / (1 + bytes / 1e8));
    assertNear(prediction.communicationExposedRatio, 1 - 1 / (1 + bytes / 1e8));
  }
});

test('what leaves early enough is hidden; latency comes once for each of the two phases', () => {
  assertNear(predictStep(costs({ releaseSeconds: 0.5 })).stepSeconds, 1);
  assertNear(predictStep(costs({ latencySeconds: 0.01 })).parts.allReduceSeconds, 0.1 + 0.02);
});

test('workers of one machine share its link: it carries 2 (k - 1) / k once, not for each', () => {
  const flat = predictStep(costs({ workers: 16, workersPerMachine: 8 }));
  const layered = predictStep(
    costs({ workers: 16, workersPerMachine: 8, topology: 'hierarchical' }),
  );
  assertNear(layered.sentBytesPerMachine, 1e7);
  assertNear(layered.parts.allReduceSeconds, 1e7 / 1e8);
  assert.ok(flat.sentBytesPerMachine > 7 * layered.sentBytesPerMachine);
  const star = predictStep(costs({ workers: 16, topology: 'star' }));
  assert.ok(star.parts.allReduceSeconds > 15 * layered.parts.allReduceSeconds);
});

test('the slowest of more workers is slower, as normal order statistics say', () => {
  // Harter 1961, "Expected values of normal order statistics", to the error of Blom's formula.
  for (const [count, expected] of [
    [1, 0],
    [2, 0.5642],
    [10, 1.5388],
    [100, 2.5076],
  ] as const) {
    // prettier-ignore
    assert.ok(Math.abs(expectedMaximum(count) - expected) < 0.03, `${count}`);
  }
  const { parts } = predictStep(costs({ workers: 10, variation: 0.1 }));
  assert.ok(Math.abs(parts.stragglerSeconds - 0.15388) < 0.003);
});

test('a connection moves no more than its window in a round trip', () => {
  const link = { ...LINK, latencySeconds: 0.05, windowBytes: 1e6 };
  // Ten windows, nine round trips of 0.1 s and the last window at the link's rate.
  assertNear(connectionSeconds(1e7, 1e8, link), 9 * 0.1 + 0.01);
  assertNear(connectionSeconds(1e7, 1e8, { ...link, latencySeconds: 0 }), 0.1);
});

test('quantiles of the normal distribution are right to seven digits', () => {
  for (const [probability, expected] of [
    [0.5, 0],
    [0.975, 1.959964],
    [0.001, -3.0902323],
    [1e-9, -5.997807],
  ] as const) {
    // prettier-ignore
    assert.ok(Math.abs(normalQuantile(probability) - expected) < 2e-6, `${probability}`);
  }
  assert.throws(() => normalQuantile(1), /not 1/);
});
