/** Plans of faults: what is drawn, what comes of it, and how a plan that fails is made smaller. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunReport } from '../../lib/simulator/faults/execute.ts';
import { executePlan } from '../../lib/simulator/faults/execute.ts';
import { planOf } from '../../lib/simulator/faults/seed-run.ts';
import type { FaultPlan } from '../../lib/simulator/faults/plan.ts';
import { shrinkPlan } from '../../lib/simulator/faults/shrink.ts';
import { transcribe } from '../../lib/simulator/transcript.ts';

test('a seed gives the same plan, and a plan the same run, line for line', () => {
  const tell = (): unknown => {
    const lines: string[] = [];
    const plan = planOf(3);
    const report = executePlan(plan, { listener: transcribe((line) => lines.push(line)) });
    return { plan, report, lines };
  };
  assert.deepEqual(tell(), tell());
  assert.notDeepEqual(planOf(3).faults, planOf(4).faults);
});

test('no faults lead to no findings', () => {
  const { violations, faults, virtualMs } = executePlan({ ...planOf(2), faults: [] });
  assert.deepEqual(violations, []);
  assert.deepEqual(faults, {});
  assert.ok(virtualMs < planOf(2).faultsEndMs);
});

test('a run that does not end once its faults are over is found', () => {
  const plan = planOf(2);
  const needsMore = { ...plan.settings, seats: 1, minWorkers: 2 };
  const { violations } = executePlan({ ...plan, settings: needsMore, faults: [] });
  assert.deepEqual(
    violations.map(({ checker }) => checker),
    ['progress'],
  );
});

/** Fails where two certain faults are in the plan, and the run has two seats. */
function failsWithBoth({ faults, settings }: FaultPlan): RunReport {
  const hasFailed =
    faults.some(({ kind }) => kind === 'kill') &&
    faults.some((fault) => fault.kind === 'freeze' && fault.forMs >= 16) &&
    settings.seats >= 2;
  const violations = hasFailed ? [{ atMs: 0, checker: 'samples', text: 'found' }] : [];
  return { violations, faults: {}, virtualMs: 0, committedSteps: 0, ending: '' };
}

test('a plan is made as small as it can be while it still fails', () => {
  const plan = planOf(1);
  const { kind, seats } = { kind: 'kill', seats: 5 } as const;
  const freeze = { kind: 'freeze', host: 'w0', forMs: 5_000, first: 'timers' } as const;
  const faults = [...plan.faults, { atMs: 1, kind, seat: 1 }, { atMs: 2, ...freeze }];
  const large = { ...plan, faults, settings: { ...plan.settings, seats, steps: 500 } };
  const shrunk = shrinkPlan(large, failsWithBoth).plan;
  assert.deepEqual(shrunk.faults.map((fault) => fault.kind).sort(), ['freeze', 'kill']);
  assert.equal(shrunk.settings.steps, 1);
  assert.equal(shrunk.settings.phases, 1);
  const frozen = shrunk.faults.find((fault) => fault.kind === 'freeze');
  assert.ok(frozen !== undefined && frozen.forMs < 32, JSON.stringify(frozen));
});
