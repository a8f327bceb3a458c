/** Which task follows which, and that a run that is resumed goes on as if it had not stopped. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EvaluationOrder } from '../../proto/generated/messages.ts';
import type { Effect, JournalRecord } from '../../coordinator/core/events.ts';
import { NO_PROGRESS, progressOf, type Progress } from '../../coordinator/core/progress.ts';
import { RunTasks } from '../../coordinator/core/run-tasks.ts';
import type { Ordering, Task } from '../../coordinator/core/task.ts';
import { planRun, type RunPlan } from '../../lib/run/plan.ts';
import { modeOf } from '../../lib/optim/modes/registry.ts';
import { aReport } from '../support/committed-step.ts';
import { aRun } from '../support/engines.ts';
import type { RunOverrides } from '../support/run-files.ts';

/** Ten steps of eight samples, four to an epoch, in one phase. */
function aPlan(overrides: RunOverrides = {}): RunPlan {
  const run = aRun({
    batch: { globalSize: 8, microBatches: 2 },
    schedule: { phases: 1, imageSizePx: { min: 16, max: 16 } },
    ...overrides,
    training: { steps: 10, ...overrides['training'] },
  });
  return planRun(run, modeOf(run).plan, 32, 100);
}

/** One member that does what it is ordered, a millisecond for each task. */
class Alone {
  readonly records: JournalRecord[] = [];
  /** What was done, such as "step 3" or "evaluation 0 at 16 px". */
  readonly done: string[] = [];
  readonly tasks: RunTasks;
  task: Task;
  nowMs = 0;
  /** The share of images that an evaluation finds right. */
  top1 = 0.5;
  isSkipped = false;

  constructor(plan: RunPlan, progress: Progress = NO_PROGRESS) {
    this.tasks = new RunTasks(plan, progress);
    this.task = this.tasks.next();
  }

  /** Does so many tasks, or all. @returns what was done */
  go(count = Infinity): string[] {
    for (let left = count; left > 0 && this.task.kind !== 'finish'; left--) this.#doOne();
    return this.done;
  }

  #doOne(): void {
    const order = this.task.order(this.#ordering());
    this.nowMs++;
    if (order.kind === 'stepOrder') {
      const { step, attempt, generation } = order;
      const nonfiniteCount = this.isSkipped ? 1 : 0;
      this.task.record(0, aReport({ step, attempt, generation, nonfiniteCount }));
      this.done.push(`step ${step}`);
    } else {
      assert.equal(order.kind, 'evaluationOrder');
      this.#evaluate(order as EvaluationOrder);
    }
    const completion = this.task.complete(1, this.nowMs);
    assert.equal(completion.kind, 'continues');
    this.#take(completion.effects);
    this.task = completion.next;
  }

  #evaluate({ evaluation, generation, leases, imageSizePx }: EvaluationOrder): void {
    const counts = { sampleCount: 100, top1Count: 100 * this.top1, top5Count: 90, lossSum: 1 };
    const ema = { emaTop1Count: 100 * this.top1, emaTop5Count: 90, emaLossSum: 1 };
    const unreadable = { unreadableCount: 0, unreadable: [] };
    const batches = (leases[0]?.batches ?? []).map((index) => ({
      index,
      ...counts,
      ...ema,
      ...unreadable,
    }));
    this.task.record(0, { kind: 'evaluationDone', generation, evaluation, batches });
    this.done.push(`evaluation ${evaluation} at ${imageSizePx} px`);
  }

  #take(effects: readonly Effect[]): void {
    for (const effect of effects) if (effect.kind === 'journal') this.records.push(effect.record);
  }

  #ordering(): Ordering {
    const { committedSteps } = this.tasks;
    return {
      generation: 1,
      slots: [0],
      members: [{ slot: 0, machine: 'm' }],
      relayedPairs: [],
      committedSteps,
      nowMs: this.nowMs,
    };
  }
}

/** Steps after which there was an evaluation. */
function evaluatedAfter(done: readonly string[]): number[] {
  return done.flatMap((what, index) =>
    what.startsWith('evaluation') ? [Number(done[index - 1]?.split(' ')[1]) + 1] : [],
  );
}

test('evaluations come after every so many steps, and at the end', () => {
  const plan = aPlan({ evaluation: { everySteps: 3, imageSizePx: 32 } });
  const done = new Alone(plan).go();
  assert.deepEqual(evaluatedAfter(done), [3, 6, 9, 10]);
  assert.equal(done.at(-1), 'evaluation 3 at 32 px');
  assert.equal(done[3], 'evaluation 0 at 16 px');
});

test('evaluations come where so many epochs are done, also fractions', () => {
  assert.deepEqual(
    evaluatedAfter(new Alone(aPlan({ evaluation: { everyEpochs: 1 } })).go()),
    [4, 8, 10],
  );
  assert.deepEqual(
    evaluatedAfter(new Alone(aPlan({ evaluation: { everyEpochs: 0.75 } })).go()),
    [3, 6, 9, 10],
  );
});

test('evaluations come when so many minutes have passed since the last one', () => {
  const alone = new Alone(aPlan({ evaluation: { everyMinutes: 1 } }));
  alone.go(2);
  alone.nowMs += 60_000;
  alone.go(4);
  assert.deepEqual(evaluatedAfter(alone.done), [3]);
  alone.nowMs += 59_990;
  alone.go(1);
  alone.nowMs += 10;
  assert.deepEqual(evaluatedAfter(alone.go()), [3, 7, 10]);
});

test('where two rules ask for an evaluation of the same state there is one', () => {
  const plan = aPlan({ evaluation: { everySteps: 5, everyEpochs: 1.25, atPhaseEnd: true } });
  assert.deepEqual(evaluatedAfter(new Alone(plan).go()), [5, 10]);
});

test('with local SGD an evaluation comes at the end of the order that passes its step', () => {
  const plan = aPlan({
    evaluation: { everySteps: 4 },
    training: { steps: 10, localSgd: { innerSteps: 3 } },
  });
  const alone = new Alone(plan);
  alone.go();
  const steps = alone.records.flatMap((one) =>
    one.kind === 'evaluated' ? [one.result.steps] : [],
  );
  assert.deepEqual(steps, [6, 9, 10]);
});

const EARLY = { stopAfterWithoutGain: 2, everySteps: 2, gainMin: 0.01 };

test('training that brings no gain ends early and successfully, with a last evaluation', () => {
  const alone = new Alone(aPlan({ evaluation: { ...EARLY, imageSizePx: 32 } }));
  alone.go(3);
  alone.top1 = 0.505; // Less than a gain.
  alone.go();
  assert.deepEqual(evaluatedAfter(alone.done.slice(0, -1)), [2, 4, 6]);
  assert.equal(alone.done.at(-1), 'evaluation 3 at 32 px');
  const { ending, reason } = alone.tasks.ending();
  assert.equal(ending, 'completed');
  assert.match(
    reason,
    /^stopped early after 6 steps: 2 evaluations .* no gain of emaTop1; .* \(0\.505\) after 4/,
  );
});

test('a gain begins the count anew, and the best is remembered', () => {
  const alone = new Alone(aPlan({ evaluation: EARLY }));
  alone.go(6);
  alone.top1 = 0.6;
  alone.go(3);
  assert.deepEqual(alone.tasks.best, { steps: 6, value: 0.6 });
  alone.top1 = 0.55;
  assert.deepEqual(evaluatedAfter(alone.go()).slice(0, -1), [2, 4, 6, 8]);
  const last = alone.records.findLast((one) => one.kind === 'evaluated');
  assert.deepEqual(last?.best, { steps: 6, value: 0.6 });
});

test('a smaller loss is a gain where the loss is measured, and NaN never is', () => {
  const plan = aPlan({ evaluation: EARLY, checkpoint: { keepBest: 'loss' } });
  const evaluations = [2, 1, Number.NaN, 1.5].map((loss, index) => ({
    steps: 2 * (index + 1),
    imageSizePx: 16,
    isFinal: false,
    sampleCount: 100,
    unreadableCount: 0,
    unreadable: [],
    top1: 0,
    top5: 0,
    loss,
    emaTop1: 0,
    emaTop5: 0,
    emaLoss: 0,
  }));
  const tasks = new RunTasks(plan, { ...NO_PROGRESS, committedSteps: 8, evaluations });
  assert.deepEqual(tasks.best, { steps: 4, value: 1 });
  assert.ok(tasks.isTrained);
});

test('a run that is resumed after any task goes on as if it had not stopped', () => {
  for (const evaluation of [{ everySteps: 3 }, { everyEpochs: 0.5 }, EARLY]) {
    const plan = aPlan({ evaluation });
    const whole = new Alone(plan);
    whole.go();
    for (let count = 0; count < whole.done.length; count++) {
      const first = new Alone(plan);
      first.go(count);
      const second = new Alone(plan, progressOf(first.records));
      assert.deepEqual([...first.done, ...second.go()], whole.done, `after ${count} tasks`);
      assert.deepEqual(second.tasks.ending(), whole.tasks.ending());
    }
  }
});

test('a run that goes back makes later evaluations again, under new numbers', () => {
  const plan = aPlan({ evaluation: { everySteps: 3 } });
  const alone = new Alone(plan);
  alone.top1 = 0.9;
  alone.go(9); // Steps 0 to 6, evaluations after 3 and 6.
  alone.top1 = 0.5;
  alone.tasks.rewindTo(4);
  assert.deepEqual(alone.tasks.best, { steps: 3, value: 0.9 });
  alone.task = alone.tasks.next();
  alone.done.length = 0;
  alone.go(3);
  assert.deepEqual(alone.done, ['step 4', 'step 5', 'evaluation 2 at 16 px']);
  const { evaluations, ...progress } = progressOf(alone.records);
  assert.deepEqual(progress, { committedSteps: 6, skippedInARow: 0, nextEvaluation: 3 });
  assert.deepEqual(
    evaluations.map(({ steps, top1 }) => [steps, top1]),
    [
      [3, 0.9],
      [6, 0.5],
    ],
  );
});

test('a checkpoint of a state that was evaluated is not evaluated again', () => {
  const plan = aPlan({ evaluation: { everySteps: 3 } });
  const alone = new Alone(plan);
  alone.go(6);
  alone.tasks.rewindTo(3);
  assert.equal(alone.tasks.next().describe(), 'step 3');
  const before = new Alone(plan);
  before.go(3); // The evaluation after 3 steps was under way.
  before.tasks.rewindTo(3);
  assert.equal(before.tasks.next().kind, 'evaluation');
});

test('so many skipped steps in a row end the run with a code, also across a resume', () => {
  const plan = aPlan({ training: { skippedStepsMax: 4 } });
  const first = new Alone(plan);
  first.isSkipped = true;
  first.go(3);
  const second = new Alone(plan, progressOf(first.records));
  second.isSkipped = true;
  second.go();
  assert.deepEqual(second.done, ['step 3']);
  const { ending, reason } = second.tasks.ending();
  assert.equal(ending, 'failed');
  assert.match(reason, /^CRESCENDO_STEPS_SKIPPED: the 4 steps up to step 3 were all skipped/);
});

test('a healthy step between skipped ones begins the count anew; 0 never ends a run', () => {
  const alone = new Alone(aPlan({ training: { skippedStepsMax: 4 } }));
  alone.isSkipped = true;
  alone.go(3);
  alone.isSkipped = false;
  alone.go(1);
  alone.isSkipped = true;
  alone.go(3);
  assert.equal(progressOf(alone.records).skippedInARow, 3);
  assert.equal(alone.task.kind, 'step');
  const tolerant = new Alone(aPlan({ training: { skippedStepsMax: 0 } }));
  tolerant.isSkipped = true;
  tolerant.go();
  assert.equal(tolerant.tasks.ending().ending, 'completed');
});
