/** `crescendo train`: a coordinator in this process and N workers as child processes. */
import { join } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import { PROJECT_ROOT } from '../base/project.ts';
import type { RunSummary } from '../../coordinator/observers/summary.ts';
import type { RunConfig } from '../run/run-config.ts';
import { prepareTensorflow } from '../tensorflow/load.ts';
import {
  startCoordinator,
  WORKERS_ASKED_TO_LEAVE,
  type StartedCoordinator,
} from './coordinator.ts';
import type { ProgressOutput } from './progress-view.ts';
import { DEFAULT_RESTART_LIMITS, type RestartLimits } from './restart-policy.ts';
import type { BegunRun } from './resume.ts';
import { unlessStopped } from './stopping.ts';
import { Supervisor, type GoneWorker, type WorkerCommand } from './supervisor.ts';

export interface TrainSettings {
  /** As `crescendo-train/schedule` reads it; `cluster.minWorkers` becomes `workerCount`. */
  readonly run: RunConfig;
  /** Worker processes to start on this machine; 1 unless given. */
  readonly workerCount?: number;
  /** Port for metrics and status, 0 to 65535; 0, a free one, unless given. */
  readonly port?: number;
  /** Folder in which the run gets a folder of its own; `runs` unless given. */
  readonly runsFolder?: string;
  /** A run that goes on, in its own folder, as `readBegunRun` has it; else a new one begins. */
  readonly resumed?: BegunRun;
  /** As in CoordinatorSettings. */
  readonly goesOn?: boolean;
  /** Where progress is shown, such as `process.stderr`; nowhere unless given. */
  readonly progress?: ProgressOutput;
  /** Ends the run after the step in flight once it is aborted; the weights are kept. */
  readonly signal?: AbortSignal;
  /** Ends the run once so many steps are committed, or one order more; at its end unless given. */
  readonly untilStep?: number;
  /** When a worker that dies is started again; what is not given is as in `RestartLimits`. */
  readonly restarts?: Partial<RestartLimits>;
}

export interface TrainResult {
  /** What summary.json says; `succeeded` is false where the run ended early. */
  readonly summary: RunSummary;
  readonly folderPath: string;
}

/**
 * Trains to the end of the run. Workers that die are started again; a run whose workers have all
 * ended for good, or that waits for one that has, ends with the reason. The workers are killed when
 * this process exits before that, and leave when it is killed.
 * @throws what startCoordinator throws; CRESCENDO_CONFIG_INVALID for a wrong number of workers;
 * CRESCENDO_ENGINE_SETUP, CRESCENDO_ENGINE_UNAVAILABLE
 */
export async function trainLocally(settings: TrainSettings): Promise<TrainResult> {
  const { workerCount = 1, port, runsFolder, resumed, goesOn, progress, signal } = settings;
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
  if (run.engine.name === 'tensorflow') {
    await unlessStopped(prepareTensorflow({ onProgress: print }), signal);
  }
  const coordinator = await startCoordinator({
    run,
    port: port ?? 0,
    runsFolder: runsFolder ?? 'runs',
    resumed,
    goesOn: goesOn ?? false,
    progress,
    signal,
    untilStep: settings.untilStep,
  });
  const address = `127.0.0.1:${coordinator.port}`;
  print(`run ${coordinator.runId}: dashboard data at http://${address}/metrics and /status`);
  const command = workerCommand(`ws://${address}`);
  let failedCount = 0;
  const workers = new Supervisor(Array<WorkerCommand>(workerCount).fill(command), {
    limits: { ...DEFAULT_RESTART_LIMITS, ...settings.restarts },
    print,
    onGone: (gone) => {
      failedCount += gone.wasAsked ? 0 : 1;
      stopIfStuck(coordinator, gone, run.cluster, failedCount);
    },
  });
  try {
    return { summary: await coordinator.finish(), folderPath: coordinator.folderPath };
  } finally {
    await workers.end();
  }
}

function workerCommand(url: string): WorkerCommand {
  const main = join(PROJECT_ROOT, 'dist', 'cli', 'main.js');
  return {
    args: [main, 'worker', '--coordinator', url],
    environment: {},
    name: (processId) => `worker pid ${processId}`,
  };
}

/** A worker has ended for good: a run that has no other, or waits for it, cannot go on. */
function stopIfStuck(
  coordinator: StartedCoordinator,
  { reason, leftCount }: GoneWorker,
  { minWorkers, pauseBelow }: RunConfig['cluster'],
  failedCount: number,
): void {
  if (leftCount === 0) {
    coordinator.requestStop(
      failedCount === 0 ? WORKERS_ASKED_TO_LEAVE : `all workers have ended, the last: ${reason}`,
    );
    return;
  }
  const { status, generation } = coordinator.status();
  const neededCount = generation === 0 ? minWorkers : pauseBelow;
  if (status === 'waiting' && leftCount < neededCount) {
    coordinator.requestStop(`a worker that the run waits for has ended: ${reason}`);
  }
}
