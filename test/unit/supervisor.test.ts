/** The supervisor on real processes, which are small scripts. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Supervisor, type GoneWorker } from '../../lib/launch/supervisor.ts';

const DEADLINE = { timeout: 30_000 };
const LIMITS = { restartsMax: 2, windowMs: 600_000, firstDelayMs: 1, delayMaxMs: 1 };
/** Leaves when it is told to, or when its parent is gone. */
const PATIENT =
  "process.on('message', () => process.exit(0)); console.error('up'); setInterval(() => 0, 1000)";
const STUBBORN = "process.on('message', () => 0); console.error('up'); setInterval(() => 0, 1000)";

interface Supervised {
  readonly workers: Supervisor;
  readonly lines: string[];
  readonly gone: GoneWorker[];
  /** Settles with the first line that contains `text`. */
  readonly line: (text: string) => Promise<void>;
}

function supervise(context: TestContext, scripts: readonly string[], limits = LIMITS): Supervised {
  const lines: string[] = [];
  const gone: GoneWorker[] = [];
  const checks = new Set<() => void>();
  const workers = new Supervisor(
    scripts.map((script, index) => ({
      args: ['-e', script],
      environment: { SCRIPT: String(index) },
      name: () => `script ${index}`,
    })),
    {
      limits,
      print: (text) => {
        lines.push(text);
        for (const check of checks) check();
      },
      onGone: (one) => {
        gone.push(one);
      },
    },
  );
  context.after(() => {
    workers.kill();
  });
  const line = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (lines.some((one) => one.includes(text))) resolve();
      };
      checks.add(check);
      check();
    });
  return { workers, lines, gone, line };
}

test('a worker is started again up to the limit, with the reason', DEADLINE, async (context) => {
  const { workers, lines, gone } = supervise(context, ['process.exit(7)']);
  assert.equal(await workers.ended(), 7);
  assert.deepEqual(lines, [
    'script 0 ended with exit code 7; another is started in 0.001 s (1 of at most 2 within 10 min)',
    'script 0 ended with exit code 7; another is started in 0.001 s (2 of at most 2 within 10 min)',
    'script 0 ended with exit code 7; no other is started: 2 restarts within 10 min are the limit',
  ]);
  assert.deepEqual(gone, [
    { reason: 'script 0 ended with exit code 7', wasAsked: false, leftCount: 0 },
  ]);
});

test('a worker that reports a lasting error is not started again', DEADLINE, async (context) => {
  const script =
    "process.send({ errorCode: 'CRESCENDO_ENGINE_UNAVAILABLE' }, () => process.exit(1))";
  const { workers, lines } = supervise(context, [script]);
  assert.equal(await workers.ended(), 1);
  assert.deepEqual(lines, [
    'script 0 ended with exit code 1; no other is started: it would fail again',
  ]);
});

test('workers are told to leave, and what they print is passed on', DEADLINE, async (context) => {
  const { workers, lines, gone, line } = supervise(context, [PATIENT, PATIENT]);
  await Promise.all([line('[script 0] up'), line('[script 1] up')]);
  workers.leave();
  assert.equal(await workers.ended(), 0);
  assert.deepEqual([lines.length, gone], [2, []]);
});

test('none is started again after they were told to leave', DEADLINE, async (context) => {
  const slow = { ...LIMITS, firstDelayMs: 1e6, delayMaxMs: 1e6 };
  const { workers, line } = supervise(context, ['process.exit(3)'], slow);
  await line('another is started in 1000 s');
  workers.leave();
  assert.equal(await workers.ended(), 0);
});

test('one that leaves by itself is counted, and the others go on', DEADLINE, async (context) => {
  const { workers, gone, line } = supervise(context, ['process.exit(0)', PATIENT]);
  await line('[script 1] up');
  while (gone.length === 0) await new Promise(setImmediate);
  assert.deepEqual(gone, [
    { reason: 'script 0 ended with exit code 0', wasAsked: true, leftCount: 1 },
  ]);
  workers.leave();
  assert.equal(await workers.ended(), 0);
});

test('a worker that does not leave after the run is killed', DEADLINE, async (context) => {
  const { workers, line } = supervise(context, [STUBBORN]);
  await line('[script 0] up');
  await workers.end(100);
});
