/** For tests of how processes live and end: a run without end, and what is seen of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { CommandProcess, type StartOptions } from './processes.ts';
import { temporaryFolder, writeRunFile } from './run-files.ts';

const POLL_MS = 20;

/** Settles once `condition` holds; the deadline is the test's. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
}

/** A run file whose run goes on for much longer than any test, with quick steps. */
export function endlessRun(context: TestContext): { readonly folder: string; file: string } {
  const folder = temporaryFolder(context);
  const file = writeRunFile(folder, {
    batch: { globalSize: 8, microBatches: 2 },
    training: { epochs: 100_000 },
    schedule: { phases: 1 },
    engine: { name: 'js' },
  });
  return { folder, file };
}

export interface EndlessTraining {
  readonly train: CommandProcess;
  /** Where its coordinator answers, such as `http://127.0.0.1:1234`. */
  readonly url: string;
}

/** `train` on an endless run, as soon as its coordinator listens. */
export async function startTraining(
  context: TestContext,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<EndlessTraining> {
  const { folder, file } = endlessRun(context);
  const runs = ['--runs', join(folder, 'runs')];
  const train = new CommandProcess(context, ['train', file, ...runs, ...args], options);
  const [, url] = await train.line(/dashboard data at (http:\S+)\/metrics/);
  return { train, url: url as string };
}

/** The process ids of the workers of a training, by slot, once they have connected. */
export function workerIds(train: CommandProcess, count: number): Promise<number[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, slot) => {
      const [, id] = await train.line(new RegExp(`worker ${slot} connected .*pid (\\d+)`));
      return Number(id);
    }),
  );
}

/** Steps that a coordinator has committed. */
export async function committedSteps(url: string): Promise<number> {
  const answer = await fetch(`${url}/status`);
  return ((await answer.json()) as { committedSteps: number }).committedSteps;
}

/** Whether a process is there, and no zombie. */
export function isAlive(processId: number): boolean {
  try {
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Whether a process has a handler for a signal. */
export function catches(processId: number, signalNumber: number): boolean {
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  const caught = BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  return (caught & (1n << BigInt(signalNumber - 1))) !== 0n;
}

/** The id of a process's parent. */
export function parentOf(processId: number): number {
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
}
