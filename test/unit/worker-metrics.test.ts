/** What a worker's own metrics say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { WorkerMetrics } from '../../worker/metrics-observer.ts';
import { aReport } from '../support/committed-step.ts';

test('bytes sent are counted, memory is the last measured, and docs name all', async () => {
  const metrics = new WorkerMetrics();
  const observer = metrics.observe({ print: () => undefined });
  observer.onAllReduce?.(100, 7, 0);
  observer.onAllReduce?.(250, 5, 11);
  const text = await metrics.text();
  assert.match(text, /^crescendo_worker_all_reduce_bytes_total 250$/m);
  assert.match(text, /^crescendo_worker_all_reduce_memory_bytes 5$/m);
  assert.match(text, /^crescendo_worker_optimizer_shard_bytes 11$/m);
  const docs = readFileSync(join(PROJECT_ROOT, 'docs', 'metrics.md'), 'utf8');
  const names = [...text.matchAll(/^# TYPE (crescendo_worker_\w+)/gm)].map((match) => match[1]);
  const own = names.filter((name) => !/_(process|nodejs)_/.test(name ?? ''));
  assert.ok(own.length >= 6);
  assert.deepEqual(
    own.filter((name) => !docs.includes(`\`${name}`)),
    [],
  );
});

test('samples are counted once, though each report of a step counts all its attempts', async () => {
  const metrics = new WorkerMetrics();
  const observer = metrics.observe({ print: () => undefined });
  const steps = [
    [0, 8],
    [1, 8],
    [1, 12],
    [2, 4],
  ] as const;
  for (const [step, samplesComputed] of steps)
    observer.onStep?.(aReport({ step, samplesComputed }));
  assert.match(await metrics.text(), /^crescendo_worker_samples_total 24$/m);
});
