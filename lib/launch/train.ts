/** `crescendo train`: a coordinator in this process and N workers as child processes. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { describeExit } from '../base/process.ts';
import { NATIVE_NOTICE } from '../tensorflow/install/commands.ts';
import { prepareTensorflow } from '../tensorflow/load.ts';
import type { RunConfig } from '../run/run-config.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import { PROJECT_ROOT } from '../base/project.ts';
import { startCoordinator } from './coordinator.ts';

export interface TrainSettings {
  readonly run: RunConfig;
  readonly workerCount: number;
  readonly port: number;
  readonly runsFolder: string;
}

export interface TrainResult {
  readonly summary: RunSummary;
  readonly folderPath: string;
}

/** Runs to the end. Ctrl-C stops after the step in flight and keeps the weights; twice kills. */
export async function trainLocally(settings: TrainSettings): Promise<TrainResult> {
  const print = (line: string): void => void process.stderr.write(line + '\n');
  const run = {
    ...settings.run,
    cluster: { ...settings.run.cluster, minWorkers: settings.workerCount },
  };
  if (run.engine.name === 'tensorflow') await prepareTensorflow({ onProgress: print });
  const coordinator = await startCoordinator({
    run,
    host: '127.0.0.1',
    port: settings.port,
    joinToken: undefined,
    runsFolder: settings.runsFolder,
  });
  const address = `127.0.0.1:${coordinator.port}`;
  print(`run ${coordinator.runId}: dashboard data at http://${address}/metrics and /status`);
  const children = Array.from({ length: settings.workerCount }, () =>
    spawnWorker(`ws://${address}`, print),
  );
  const stop = stopOnSignal(children, () => {
    coordinator.server.requestStop('stopped by a signal');
  });
  let left = children.length;
  for (const child of children) {
    child.once('exit', (code, signal) => {
      left--;
      const how = describeExit(code, signal);
      // Those that this process killed are no news.
      if (code !== 0 && !child.killed) print(`worker pid ${child.pid} ended with ${how}`);
      if (left > 0) return;
      const last = code === 0 ? '' : `, the last with ${how}`;
      coordinator.server.requestStop(`all workers have ended${last}`);
    });
  }
  try {
    const summary = await coordinator.finish();
    await Promise.all(children.map((child) => exited(child)));
    return { summary, folderPath: coordinator.folderPath };
  } finally {
    stop();
    for (const child of children) child.kill('SIGKILL');
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

function stopOnSignal(children: readonly ChildProcess[], requestStop: () => void): () => void {
  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals > 1) {
      for (const child of children) child.kill('SIGKILL');
      process.exit(130);
    }
    process.stderr.write('\nstopping after the step in flight; once more to stop at once\n');
    requestStop();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
}

function exited(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
