/** What the coordinator's metrics count. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CommittedStep } from '../../coordinator/core/events.ts';
import type { CoreStatus } from '../../coordinator/core/state.ts';
import { MetricsObserver } from '../../coordinator/observers/metrics-observer.ts';
import { planRun } from '../../lib/run/plan.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { aRun } from '../support/engines.ts';

const STEP: CommittedStep = {
  step: 0,
  stepCount: 1,
  phaseIndex: 0,
  imageSizePx: 8,
  learningRate: 0.1,
  meanLoss: 2,
  accuracyRatio: 0.1,
  sampleCount: 24,
  compression: 'float32',
  cosineSimilarity: Number.NaN,
  skipped: false,
  nonfinite: [],
  durationMs: 10,
  reports: [
    {
      kind: 'stepReduced',
      generation: 1,
      step: 0,
      attempt: 0,
      checksum: 1,
      lossSum: 48,
      correctCount: 2,
      sampleCount: 24,
      nonfiniteCount: 0,
      nonfinite: [],
      computeSeconds: 1,
      inputSeconds: 0.25,
      gradientChecksums: [],
      allReduceSeconds: 0,
      samplesComputed: 24,
      gradientNorm: 1,
      applySeconds: 0,
      allReduceBytesSent: 0,
      allReducePayloadBytes: 0,
      compressionSeconds: 0,
      overlapSeconds: 0,
      cosineSimilarity: Number.NaN,
      slot: 0,
      lagMs: 0,
    },
  ],
};

async function lineOf(metrics: MetricsObserver, name: string): Promise<string[]> {
  const lines = (await metrics.text()).split('\n');
  return lines.filter((line) => line.startsWith(`crescendo_${name}`));
}

test('a skipped step is counted, and its micro-batches by who computed them', async () => {
  const run = aRun();
  const metrics = new MetricsObserver(run, planRun(run, modeOf(run).plan, 100, 60));
  assert.deepEqual(await lineOf(metrics, 'nonfinite'), ['crescendo_nonfinite_steps_total 0']);
  const source = { slot: 1, step: 1, firstPosition: 24, sampleCount: 4 };
  const nonfinite = [0, 2].map((microBatch) => ({ ...source, microBatch }));
  metrics.onStep(STEP);
  metrics.onStep({ ...STEP, step: 1, skipped: true, nonfinite });
  assert.deepEqual(await lineOf(metrics, 'nonfinite'), [
    'crescendo_nonfinite_steps_total 1',
    'crescendo_nonfinite_micro_batches_total{slot="1"} 2',
  ]);
  assert.deepEqual(await lineOf(metrics, 'steps_committed'), ['crescendo_steps_committed_total 2']);
});

test('the compression of the last step is named; its similarity stays', async () => {
  const run = aRun();
  const metrics = new MetricsObserver(run, planRun(run, modeOf(run).plan, 100, 60));
  metrics.onStep({ ...STEP, compression: 'int8', cosineSimilarity: 0.5 });
  metrics.onStep({ ...STEP, compression: 'top-k' });
  assert.deepEqual(await lineOf(metrics, 'compression'), [
    'crescendo_compression_info{compression="top-k"} 1',
    'crescendo_compression_cosine_similarity 0.5',
  ]);
});

test('what may be refused is counted from zero, by real reasons', async () => {
  const run = aRun();
  const lines = await lineOf(
    new MetricsObserver(run, planRun(run, modeOf(run).plan, 100, 60)),
    'rejected_frames',
  );
  assert.ok(lines.length > 0);
  for (const line of lines) assert.match(line, /reason="CRESCENDO_[A-Z_]+"\} 0$/);
});

test('checkpoints and writes of the journal are measured', async () => {
  const run = aRun();
  const metrics = new MetricsObserver(run, planRun(run, modeOf(run).plan, 100, 60));
  metrics.onCheckpoint(8);
  metrics.onCheckpoint(16);
  metrics.onCheckpointFailed();
  assert.deepEqual(await lineOf(metrics, 'checkpoint'), [
    'crescendo_checkpoints_written_total 2',
    'crescendo_checkpoints_failed_total 1',
    'crescendo_checkpoint_steps 16',
  ]);
  metrics.onRecordWritten(0.002);
  assert.deepEqual(await lineOf(metrics, 'journal_write_seconds_sum'), [
    'crescendo_journal_write_seconds_sum 0.002',
  ]);
});

test('members that hold nobody up and lose no units are there at zero', async () => {
  const run = aRun();
  const metrics = new MetricsObserver(run, planRun(run, modeOf(run).plan, 100, 60));
  const status: CoreStatus = {
    status: 'working',
    reason: '',
    generation: 1,
    committedSteps: 0,
    task: 'step',
    members: [0, 2],
    joining: [],
    checkpoint: undefined,
    waitsFor: undefined,
  };
  metrics.onGeneration(1, 'two workers have joined', status);
  metrics.onStolen('step 3', [{ unit: 1, from: 2, to: 0 }]);
  assert.deepEqual(await lineOf(metrics, 'units_stolen'), [
    'crescendo_units_stolen_total{slot="0"} 0',
    'crescendo_units_stolen_total{slot="2"} 1',
  ]);
  assert.deepEqual(await lineOf(metrics, 'worker_input_wait'), [
    'crescendo_worker_input_wait_seconds_total{slot="0"} 0',
    'crescendo_worker_input_wait_seconds_total{slot="2"} 0',
  ]);
  metrics.onStragglers([{ slot: 2, reason: 'input', heldUpRatio: 0.4 }]);
  assert.deepEqual(await lineOf(metrics, 'worker_straggler'), [
    'crescendo_worker_straggler{slot="0",reason="computing"} 0',
    'crescendo_worker_straggler{slot="2",reason="computing"} 0',
    'crescendo_worker_straggler{slot="2",reason="input"} 0.4',
  ]);
});
