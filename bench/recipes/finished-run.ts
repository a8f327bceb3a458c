/** A run of `crescendo train` that is waited for, and where its time went. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { childrenCpuSeconds } from './children-cpu.ts';
import { undoAtExit } from '../scaling/at-exit.ts';

/** What a run came to. Seconds count from the start of its first step. */
export interface FinishedRun {
  readonly wallSeconds: number;
  /** Evaluations, and the checkpoints that they wait for. */
  readonly validationSeconds: number;
  /** For which the slowest worker of each step waited for its images. */
  readonly dataSeconds: number;
  /** What the slowest worker of each step computed, without that. */
  readonly computeSeconds: number;
  /** What is left: all-reduce, commit, update, orders, and waiting for a processor. */
  readonly restSeconds: number;
  /** Processor time of all its processes, from their start. */
  readonly cpuSeconds: number;
  readonly steps: number;
  /** Accuracy ratios at the end, of the weights and of their moving average. */
  readonly top1: number;
  readonly emaTop1: number;
}

/** Lines of metrics.jsonl. */
type MetricsLine =
  | {
      readonly kind: 'step';
      readonly wallSeconds: number;
      readonly stepSeconds: number;
      readonly workers: readonly { computeSeconds: number; inputSeconds: number }[];
    }
  | { readonly kind: 'evaluation'; readonly wallSeconds: number }
  | { readonly kind: 'generation'; readonly wallSeconds: number };

/** Trains to the end. @throws with what the run said, where it fails */
export async function finishedRun(run: object, workers: number): Promise<FinishedRun> {
  const folder = mkdtempSync(join(tmpdir(), 'crescendo-recipe-'));
  const runFile = join(folder, 'run.yaml');
  writeFileSync(runFile, JSON.stringify(run));
  const main = join(PROJECT_ROOT, 'dist', 'cli', 'main.js');
  const runs = join(folder, 'runs');
  const args = [main, 'train', runFile, '--workers', String(workers), '--runs', runs];
  const cpuBefore = childrenCpuSeconds();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const undo = undoAtExit(() => {
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  await once(child, 'close');
  try {
    if (child.exitCode !== 0) throw new Error(`the run failed:\n${said.join('').slice(-4_000)}`);
    const [name = ''] = readdirSync(runs);
    return { ...measured(join(runs, name)), cpuSeconds: childrenCpuSeconds() - cpuBefore };
  } finally {
    undo();
  }
}

function measured(folder: string): Omit<FinishedRun, 'cpuSeconds'> {
  const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8')) as {
    readonly valTop1: number;
    readonly emaValTop1: number | null;
  };
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as MetricsLine);
  const steps = events.filter((event) => event.kind === 'step');
  const [first] = steps;
  if (first === undefined) throw new Error('the run has no step');
  let beforeSeconds = first.wallSeconds - first.stepSeconds;
  const beganSeconds = beforeSeconds;
  let validationSeconds = 0;
  for (const event of events) {
    if (event.kind === 'evaluation') validationSeconds += event.wallSeconds - beforeSeconds;
    if (event.kind !== 'generation') beforeSeconds = event.wallSeconds;
  }
  const slowest = steps.map(({ workers }) =>
    workers.reduce((one, other) => (other.computeSeconds > one.computeSeconds ? other : one)),
  );
  const dataSeconds = slowest.reduce((sum, { inputSeconds }) => sum + inputSeconds, 0);
  const allSeconds = slowest.reduce((sum, { computeSeconds }) => sum + computeSeconds, 0);
  const wallSeconds = beforeSeconds - beganSeconds;
  return {
    wallSeconds,
    validationSeconds,
    dataSeconds,
    computeSeconds: allSeconds - dataSeconds,
    restSeconds: wallSeconds - validationSeconds - allSeconds,
    steps: steps.length,
    top1: summary.valTop1,
    emaTop1: summary.emaValTop1 ?? summary.valTop1,
  };
}
