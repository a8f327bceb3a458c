/** `crescendo simulate`. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  calibrated,
  releasedBuckets,
  simulate,
  type SimulationSettings,
} from '../../lib/planning/estimate.ts';
import { buildNetwork } from '../../lib/models/registry.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { aRun } from '../support/engines.ts';
import { runCommand } from '../support/processes.ts';
import { temporaryFolder, writeRunFile } from '../support/run-files.ts';

const SETTINGS: SimulationSettings = {
  gpus: [1, 8, 64],
  gpusPerMachine: 8,
  linkGbitPerSecond: 100,
  latencyMicroseconds: 20,
  linkGbitWithinMachine: 80,
  stepMs: 250,
  batchPerGpu: 128,
  microBatchesPerGpu: 1,
  compression: 'float32',
  mode: modeOf(aRun()).costs.estimate,
  variation: 0.02,
  updateMs: 10,
  sharesCore: false,
};

/** The estimate of local SGD with so many inner steps. */
function localSgd(innerSteps: number): SimulationSettings['mode'] {
  return modeOf(aRun({ training: { localSgd: { innerSteps } } })).costs.estimate;
}

const NETWORK = buildNetwork(aRun().model, 10);

test('larger clusters are less efficient, faster links more, and half the bytes are half', () => {
  const [one, eight, many] = simulate(NETWORK, SETTINGS);
  assert.equal(one?.efficiency, 1);
  assert.ok((eight?.efficiency ?? 0) > (many?.efficiency ?? 1));
  const slow = simulate(NETWORK, { ...SETTINGS, gpus: [64], linkGbitPerSecond: 0.1 })[0];
  assert.ok((slow?.efficiency ?? 1) < (many?.efficiency ?? 0));
  assert.match(
    slow?.limit ?? '',
    /^the all-reduce takes \d+ % of the step; what helps: .*bfloat16/,
  );
  const half = simulate(NETWORK, { ...SETTINGS, gpus: [64], compression: 'bfloat16' })[0];
  assert.ok(
    Math.abs((half?.sentBytesPerMachine ?? 0) / (many?.sentBytesPerMachine ?? 1) - 0.5) < 1e-9,
  );
});

test('local SGD all-reduces once for its inner steps, and is not advised again', () => {
  const shape = { ...SETTINGS, gpus: [64], linkGbitPerSecond: 0.1, variation: 0 };
  const [each] = simulate(NETWORK, { ...shape, mode: localSgd(1) });
  const [tenth] = simulate(NETWORK, { ...shape, mode: localSgd(10) });
  const near = (left: number | undefined, right: number | undefined): void => {
    assert.ok(Math.abs((left as number) / (right as number) - 10) < 1e-9, `${left} and ${right}`);
  };
  near(each?.parts.allReduceSeconds, tenth?.parts.allReduceSeconds);
  near(each?.parts.coordinatorSeconds, tenth?.parts.coordinatorSeconds);
  near(each?.sentBytesPerMachine, tenth?.sentBytesPerMachine);
  const large = buildNetwork(aRun({ model: { name: 'efficientnetv2-s' } }).model, 10);
  const exposed = (innerSteps: number): number =>
    simulate(large, { ...shape, mode: localSgd(innerSteps) })[0]?.parts.allReduceSeconds as number;
  assert.ok(exposed(0) < exposed(1));
  assert.match(tenth?.limit ?? '', /the all-reduce .*more training\.localSgd\.innerSteps/);
  const slowest = simulate(NETWORK, { ...shape, variation: 0.1, mode: localSgd(4) })[0];
  const alone = simulate(NETWORK, { ...shape, variation: 0.1 })[0];
  assert.ok(
    Math.abs((slowest?.parts.stragglerSeconds ?? 0) * 2 - (alone?.parts.stragglerSeconds ?? 0)) <
      1e-9,
  );
});

test('buckets leave during the backward pass of the last micro-batch', () => {
  const buckets = releasedBuckets(
    buildNetwork(aRun({ model: { name: 'efficientnetv2-s' } }).model, 10),
    {
      ...SETTINGS,
      microBatchesPerGpu: 4,
    },
  );
  const seconds = buckets.map((bucket) => bucket.releaseSeconds);
  assert.deepEqual(
    seconds,
    [...seconds].sort((left, right) => left - right),
  );
  assert.ok((seconds[0] as number) > 0.25 - (0.25 / 4) * (2 / 3) - 1e-9);
  assert.equal(seconds.at(-1), 0.25);
});

test('a calibration takes the line of one worker, and says what is wrong with another', () => {
  const line = {
    workers: 1,
    model: 'efficientnetv2-b0',
    batchPerWorker: 32,
    microBatchesPerWorker: 4,
    computeSeconds: 0.3,
    applySeconds: 0.006,
    computeVariation: 0.05,
  };
  const text = [{ ...line, workers: 2 }, { skipped: 'no root' }, line]
    .map((one) => JSON.stringify(one))
    .join('\n');
  const settings = calibrated(SETTINGS, { path: 'a', text }, 'efficientnetv2-b0');
  assert.deepEqual(
    [settings.stepMs, settings.updateMs, settings.batchPerGpu, settings.variation],
    [300, 6, 32, 0.05],
  );
  const refusals: [string, RegExp][] = [
    ['{', /calibration file a: line 1 is not JSON/],
    ['7', /line 1 is no object/],
    [JSON.stringify({ ...line, computeSeconds: -1 }), /line 1: computeSeconds is -1/],
    [JSON.stringify({ ...line, workers: 2 }), /no measured line of one worker with/],
    [JSON.stringify({ ...line, model: 'other' }), /only of other/],
  ];
  for (const [wrong, message] of refusals) {
    assert.throws(
      () => calibrated(SETTINGS, { path: 'a', text: wrong }, 'efficientnetv2-b0'),
      message,
    );
  }
});

test('the command prints a table or JSON, and refuses wrong numbers', async (context) => {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder);
  const table = await runCommand(context, ['simulate', file, '--gpus', '8,64']);
  assert.equal(table.exitCode, 0, table.stderr);
  assert.match(table.stdout, /\n\s+64\s+\d+\s+0\.\d{3}/);
  const json = await runCommand(context, ['simulate', file, '--gpus', '16', '--json']);
  const { sizes } = JSON.parse(json.stdout) as { sizes: { gpus: number; efficiency: number }[] };
  assert.equal(sizes[0]?.gpus, 16);
  writeFileSync(join(folder, 'broken.jsonl'), '{');
  for (const wrong of [
    ['--gpus', '0'],
    ['--gpus', '5000'],
    ['--gpus', '8,,64', '"" is no number of GPUs'],
    ['--link-gbit', '-1'],
    ['--variation', '2'],
    ['--micro-batches-per-gpu', '3', '3 does not divide the batch of 128'],
    ['--calibrate', join(folder, 'none')],
    ['--calibrate', join(folder, 'broken.jsonl'), 'broken.jsonl: line 1 is not JSON'],
  ] as const) {
    const [flag, value, expected = ''] = wrong;
    const result = await runCommand(context, ['simulate', file, flag, value]);
    assert.equal(result.exitCode, 2, wrong.join(' '));
    assert.ok(result.stderr.includes(expected), result.stderr);
  }
});

test('what the run file asks for and the model does not know is named', async (context) => {
  const folder = temporaryFolder(context);
  const notesOf = async (...flags: string[]): Promise<string[]> => {
    const args = ['simulate', join(folder, 'run.yaml'), '--gpus', '8', '--json', ...flags];
    return (JSON.parse((await runCommand(context, args)).stdout) as { notes: string[] }).notes;
  };
  writeRunFile(folder, { communication: { compression: 'top-k' } });
  assert.match(
    (await notesOf()).join(),
    /communication\.compression is top-k.*float32 is predicted/,
  );
  assert.deepEqual(await notesOf('--compression', 'bfloat16'), []);
  writeRunFile(folder, { communication: { compression: 'auto' } });
  assert.match(
    (await notesOf()).join(),
    /communication\.compression is auto: float32 is predicted/,
  );
  writeRunFile(folder, { training: { epochs: 2, localSgd: { innerSteps: 7 } } });
  const table = await runCommand(context, ['simulate', join(folder, 'run.yaml'), '--gpus', '8']);
  assert.match(table.stdout, /\nnote: training\.localSgd: one all-reduce for 7 steps/);
});
