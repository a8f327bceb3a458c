/** Micro-batches follow the measured speed of members, where that is worth it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { divided, Leases } from '../../coordinator/core/leases.ts';
import { Speeds } from '../../coordinator/core/speeds.ts';
import { RandomStream } from '../../lib/base/random.ts';
import { SimulatedCluster } from '../../lib/simulator/cluster.ts';
import { aReport } from '../support/committed-step.ts';
import { CoreCluster } from '../support/core-cluster.ts';
import { aRun } from '../support/engines.ts';

/** How many micro-batches each slot from 0 on gets. */
function sizes(count: number, speeds: readonly number[]): number[] {
  const slots = speeds.map((_, slot) => slot);
  return divided(count, slots, new Map(speeds.entries())).map(({ length }) => length);
}

test('a member twice as fast gets about twice as many micro-batches', () => {
  assert.deepEqual(sizes(12, [2, 1]), [8, 4]);
  assert.deepEqual(sizes(8, [1, 2, 1]), [2, 4, 2]);
  assert.deepEqual(sizes(8, [1, 1, 1, 1]), [2, 2, 2, 2]);
});

test('however slow a member is, it gets one micro-batch where there are enough', () => {
  assert.deepEqual(sizes(8, [1, 1000]), [1, 7]);
  assert.deepEqual(sizes(1, [1, 1000]), [0, 1]);
});

test('a member of unknown speed counts as one of mean speed', () => {
  const parts = divided(
    9,
    [0, 1, 2],
    new Map([
      [0, 2],
      [1, 4],
    ]),
  );
  assert.deepEqual(
    parts.map(({ length }) => length),
    [2, 4, 3],
  );
});

test('no division among members of any speeds is done sooner', () => {
  const random = new RandomStream(5, 'leases');
  const whole = (max: number): number => 1 + Math.floor(random.uniform() * max);
  for (let trial = 0; trial < 200; trial++) {
    const speeds = Array.from({ length: whole(3) }, () => whole(9));
    const count = speeds.length + whole(6);
    const timeOf = (parts: readonly number[]): number =>
      Math.max(...parts.map((part, index) => part / (speeds[index] as number)));
    const best = Math.min(...divisions(count, speeds.length).map(timeOf));
    assert.equal(timeOf(sizes(count, speeds)), best, `${count} among ${speeds.join(', ')}`);
  }
});

/** All ways to give each of `members` at least one of `count`. */
function divisions(count: number, members: number): number[][] {
  if (members === 1) return [[count]];
  return Array.from({ length: count - members + 1 }, (_, more) => more + 1).flatMap((first) =>
    divisions(count - first, members - 1).map((rest) => [first, ...rest]),
  );
}

test('a survivor keeps its micro-batches, and the lost ones go by speed', () => {
  const leases = new Leases(
    12,
    new Map([
      [0, 1],
      [1, 1],
      [2, 2],
    ]),
  );
  leases.divide([0, 1, 2]);
  const before = leases.list();
  assert.deepEqual(before[2]?.microBatches, [6, 7, 8, 9, 10, 11]);
  leases.divide([0, 2]);
  const [zero, two] = leases.list();
  assert.deepEqual(zero?.microBatches, [0, 1, 2, 3]);
  assert.deepEqual(two?.microBatches, [4, 5, 6, 7, 8, 9, 10, 11]);
});

/** Steps of eight micro-batches of two samples. */
class Measured {
  readonly speeds = new Speeds(8);

  /** @param rates samples per second of each slot @param allReduceSeconds that nothing hides */
  steps(count: number, rates: readonly number[], allReduceSeconds = 0, phaseIndex = 0): void {
    for (let step = 0; step < count; step++) {
      const parts = divided(
        8,
        rates.map((_, slot) => slot),
        this.speeds.inForce,
      );
      const reports = rates.map((rate, slot) => {
        const samplesComputed = 2 * (parts[slot]?.length ?? 0);
        const computeSeconds = samplesComputed / rate;
        return {
          ...aReport({ samplesComputed, computeSeconds, allReduceSeconds }),
          slot,
          lagMs: 0,
        };
      });
      this.speeds.observe({ phaseIndex, reports });
    }
  }

  get isEven(): boolean {
    return this.speeds.inForce.size === 0;
  }
}

test('one slow step changes nothing, and neither does a difference that is not worth it', () => {
  const measured = new Measured();
  measured.steps(1, [0.1, 10]); // The first compiled.
  measured.steps(5, [10, 10]);
  assert.ok(measured.isEven);
  measured.steps(5, [10, 11]);
  assert.ok(measured.isEven);
});

test('a lasting difference is followed after three steps', () => {
  const measured = new Measured();
  measured.steps(2, [10, 20]);
  assert.ok(measured.isEven);
  measured.steps(1, [10, 20]);
  assert.deepEqual(
    [...measured.speeds.inForce],
    [
      [0, 10],
      [1, 20],
    ],
  );
});

test('what was gained outlives its phase, and ends when members are equal again', () => {
  const measured = new Measured();
  measured.steps(3, [10, 20]);
  measured.steps(2, [1, 2], 0, 1);
  assert.deepEqual(measured.speeds.inForce.get(1), 20);
  measured.steps(5, [2, 2], 0, 1);
  assert.deepEqual(sizes(8, [...measured.speeds.inForce.values()]), [4, 4]);
});

test('where the all-reduce is what takes long, leases of more tree nodes are not worth it', () => {
  const measured = new Measured();
  measured.steps(6, [10, 20], 5);
  assert.ok(measured.isEven);
});

test('a slot that another worker gets later has no speed', () => {
  const measured = new Measured();
  measured.steps(3, [10, 20]);
  measured.steps(1, [10]);
  assert.deepEqual([...measured.speeds.inForce.keys()], [0]);
  measured.steps(1, [10, 10]);
  assert.equal(measured.speeds.inForce.has(1), false);
});

/** The sizes of leases that two members get once one of them was found slow. */
function leasesOfSlow(innerSteps: number, compression: string): number[] {
  const overrides = { communication: { compression } };
  const cluster = new CoreCluster(2, 40, innerSteps, false, overrides);
  cluster.join(0, 1);
  cluster.link(0, 1);
  for (let order = 0; order < 5; order++) {
    const { leases } = cluster.order(0);
    for (const slot of [0, 1]) {
      const samplesComputed = 2 * (leases[slot]?.microBatches.length ?? 0);
      const computeSeconds = samplesComputed / (slot === 0 ? 1 : 3);
      cluster.reduce(slot, 1, { samplesComputed, computeSeconds });
    }
  }
  return cluster.order(0).leases.map(({ microBatches }) => microBatches.length);
}

test('leases follow speed only where the sum has the same bytes for any division', () => {
  assert.deepEqual(leasesOfSlow(0, 'float32'), [2, 6]);
  assert.deepEqual(leasesOfSlow(0, 'bfloat16'), [2, 6]);
  assert.deepEqual(leasesOfSlow(0, 'int8'), [4, 4]);
  assert.deepEqual(leasesOfSlow(2, 'float32'), [4, 4]);
});

/** Trains on two workers, of which one computes so many times slower. */
function trained(factor: number): { readonly sha256: string; readonly sizes: Set<string> } {
  const sizes = new Set<string>();
  const run = aRun({
    batch: { globalSize: 96, microBatches: 12 },
    training: { steps: 8 },
    cluster: { minWorkers: 2 },
  });
  const cluster = new SimulatedCluster(
    { run, trainSampleCount: 640, validationSampleCount: 0 },
    {
      listener: {
        onReceived: (_, message) => {
          if (message.kind !== 'stepOrder') return;
          sizes.add(message.leases.map(({ microBatches }) => microBatches.length).join(' '));
        },
      },
    },
  );
  cluster.join('a');
  cluster.join('b').process.slow(factor);
  cluster.until(() => cluster.outcome !== undefined, 60_000);
  return { sha256: cluster.outcome?.weightsSha256 ?? '', sizes };
}

test('the weights have the same bytes with a slow worker, whose lease is smaller', () => {
  const equal = trained(1);
  const slow = trained(2);
  assert.deepEqual([...equal.sizes], ['6 6']);
  assert.deepEqual([...slow.sizes], ['6 6', '8 4']);
  assert.notEqual(slow.sha256, '');
  assert.equal(slow.sha256, equal.sha256);
});
