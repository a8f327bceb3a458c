/** `crescendo train`: a coordinator in this process and N workers as child processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import { describeExit } from '../base/process.ts';
import { PROJECT_ROOT } from '../base/project.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import type { RunConfig } from '../run/run-config.ts';
import { NATIVE_NOTICE } from '../tensorflow/install/commands.ts';
import { prepareTensorflow } from '../tensorflow/load.ts';
import { startCoordinator, type StartedCoordinator } from './coordinator.ts';

/** How long a worker may take to end after the run, in ms, before it is killed. */
const EXIT_DEADLINE_MS = 10_000;

export interface TrainSettings {
  /** As `crescendo-train/schedule` reads it; `cluster.minWorkers` becomes `workerCount`. */
  readonly run: RunConfig;
  /** Worker processes to start on this machine; 1 unless given. */
  readonly workerCount?: number;
  /** Port for metrics and status, 0 to 65535; 0, a free one, unless given. */
  readonly port?: number;
  /** Folder in which the run gets a folder of its own; `runs` unless given. */
  readonly runsFolder?: string;
  /** Where progress is shown, such as `process.stderr`; nowhere unless given. */
  readonly progress?: NodeJS.WriteStream;
  /** Ends the run after the step in flight once it is aborted; the weights are kept. */
  readonly signal?: AbortSignal;
}

export interface TrainResult {
  /** What summary.json says; `succeeded` is false where the run ended early. */
  readonly summary: RunSummary;
  readonly folderPath: string;
}

/**
 * Trains to the end of the run. The workers are killed when this process exits before that.
 * @throws what startCoordinator throws; CRESCENDO_CONFIG_INVALID for a wrong number of workers;
 * CRESCENDO_ENGINE_SETUP, CRESCENDO_ENGINE_UNAVAILABLE
 */
export async function trainLocally(settings: TrainSettings): Promise<TrainResult> {
  const { workerCount = 1, port, runsFolder, progress, signal } = settings;
  if (!Number.isInteger(workerCount) || workerCount < 1) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `workerCount: ${workerCount} is not a whole number of at least 1`,
    );
  }
  const print = (line: string): void => void progress?.write(line + '\n');
  const run = {
    ...settings.run,
    cluster: { ...settings.run.cluster, minWorkers: workerCount },
  };
  if (run.engine.name === 'tensorflow') await prepareTensorflow({ onProgress: print });
  const coordinator = await startCoordinator({
    run,
    port: port ?? 0,
    runsFolder: runsFolder ?? 'runs',
    progress,
  });
  const address = `127.0.0.1:${coordinator.port}`;
  print(`run ${coordinator.runId}: dashboard data at http://${address}/metrics and /status`);
  const children = Array.from({ length: workerCount }, () => spawnWorker(`ws://${address}`, print));
  const stop = (): void => {
    coordinator.requestStop('stopped by a signal');
  };
  const kill = (): void => {
    for (const child of children) child.kill('SIGKILL');
  };
  signal?.addEventListener('abort', stop);
  if (signal?.aborted === true) stop();
  process.on('exit', kill);
  stopWhenAllEnd(children, coordinator, print);
  try {
    const summary = await coordinator.finish();
    await Promise.all(children.map((child) => exited(child)));
    return { summary, folderPath: coordinator.folderPath };
  } finally {
    signal?.removeEventListener('abort', stop);
    process.off('exit', kill);
    kill();
  }
}

function spawnWorker(url: string, print: (line: string) => void): ChildProcess {
  const main = join(PROJECT_ROOT, 'dist', 'cli', 'main.js');
  const child = spawn(process.execPath, [main, 'worker', '--coordinator', url], {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Own process group: a terminal's Ctrl-C reaches the coordinator, which ends the workers.
    detached: true,
  });
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (!NATIVE_NOTICE.test(line)) print(`[worker pid ${child.pid}] ${line}`);
  });
  return child;
}

/** A run whose workers have all ended cannot go on: the coordinator stops it. */
function stopWhenAllEnd(
  children: readonly ChildProcess[],
  coordinator: StartedCoordinator,
  print: (line: string) => void,
): void {
  let left = children.length;
  for (const child of children) {
    child.once('exit', (code, signal) => {
      left--;
      const how = describeExit(code, signal);
      // Those that this process killed are no news.
      if (code !== 0 && !child.killed) print(`worker pid ${child.pid} ended with ${how}`);
      if (left > 0) return;
      const last = code === 0 ? '' : `, the last with ${how}`;
      coordinator.requestStop(`all workers have ended${last}`);
    });
  }
}

function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), EXIT_DEADLINE_MS);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
