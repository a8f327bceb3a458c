/** Both cores and the real all-reduce in one process, on a virtual clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomStream } from '../../lib/base/random.ts';
import type { JournalRecord } from '../../coordinator/core/events.ts';
import { SimulatedCluster } from '../../lib/simulator/cluster.ts';
import { MemoryStorage } from '../../lib/simulator/run-storage.ts';
import { aRun } from '../support/engines.ts';

const SAMPLES = 640;
const BATCH = 32;

function aCluster(steps: number): SimulatedCluster {
  const run = aRun({
    batch: { globalSize: BATCH, microBatches: 4 },
    training: { steps },
    cluster: { minWorkers: 2 },
  });
  return new SimulatedCluster({ run, trainSampleCount: SAMPLES, validationSampleCount: 0 });
}

function recordsOf(cluster: SimulatedCluster): readonly JournalRecord[] {
  assert.ok(cluster.storage instanceof MemoryStorage);
  return cluster.storage.records;
}

/** The weights of a run that nothing disturbs, after so many steps. */
function undisturbed(steps: number): Float32Array {
  const cluster = aCluster(steps);
  const one = cluster.join('a');
  cluster.join('b');
  cluster.until(() => cluster.outcome !== undefined, 1e9);
  assert.equal(cluster.outcome?.ending, 'completed');
  return one.weights;
}

/** Each step once and in order, and each sample once per epoch, by the journal. */
function checkJournal(cluster: SimulatedCluster, steps: number): void {
  let position = 0;
  let generation = 0;
  let next = 0;
  for (const record of recordsOf(cluster)) {
    if (record.kind !== 'committed') continue;
    assert.equal(record.step, next);
    assert.equal(record.firstPosition, position);
    assert.ok(record.generation >= generation, 'generations only grow');
    const leased = record.leases.flatMap(({ microBatches }) => microBatches);
    assert.deepEqual([...leased].sort(), [0, 1, 2, 3]);
    generation = record.generation;
    position += record.sampleCount;
    next = record.step + record.stepCount;
  }
  assert.equal(next, steps);
}

test('ten thousand steps with joins and kills end with the bytes of an undisturbed run', () => {
  const steps = 10_000;
  // The time of this process alone: other load on the machine does not count.
  const started = process.cpuUsage();
  const cluster = aCluster(steps);
  const random = new RandomStream(1, 'members');
  let joined = 0;
  let kills = 0;
  const join = (): void => {
    cluster.join(`w${joined++}`);
  };
  for (let worker = 0; worker < 3; worker++) join();
  const disturb = (): void => {
    const alive = cluster.workers;
    const victim = alive[random.below(alive.length)];
    if (alive.length > 2 && victim !== undefined) {
      victim.kill();
      kills++;
    } else join();
    cluster.clock.after(300 + random.below(1_500), disturb);
  };
  cluster.clock.after(500, disturb);
  cluster.until(() => cluster.outcome !== undefined, 1e9);
  assert.equal(cluster.outcome?.ending, 'completed', cluster.outcome?.reason);
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1e6;
  assert.ok(kills > 50, `${kills} kills`);
  checkJournal(cluster, steps);
  const expected = undisturbed(steps);
  for (const { weights } of cluster.workers) assert.deepEqual(weights, expected);
  assert.ok(seconds < 20, `${seconds.toFixed(1)} s`);
});

test('the same seed gives the same run, event for event', () => {
  const trace = (): string[] => {
    const cluster = aCluster(30);
    for (const name of ['a', 'b', 'c']) cluster.join(name);
    cluster.clock.advance(150);
    cluster.worker('b').kill();
    cluster.join('d');
    cluster.until(() => cluster.outcome !== undefined, 1e9);
    return recordsOf(cluster).map((record) => JSON.stringify(record));
  };
  assert.deepEqual(trace(), trace());
});
