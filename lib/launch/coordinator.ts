/** Sets a coordinator up from a run file: dataset, plan, run folder, server, observers. */
import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { classNamesMetadata } from '../weights/class-names.ts';
import type { RunConfig } from '../run/run-config.ts';
import { fingerprintOf } from '../run/fingerprint.ts';
import { MetricsObserver } from '../../coordinator/observers/metrics-observer.ts';
import { RunFolder } from '../../coordinator/run-folder.ts';
import { planRun, type RunPlan } from '../run/plan.ts';
import { modeOf } from '../optim/modes/registry.ts';
import { CoordinatorServer, requireTokenOffLoopback } from '../../coordinator/server.ts';
import { SummaryBuilder, type RunSummary } from '../../coordinator/observers/summary.ts';
import { describeDataset } from '../data/open-batch-source.ts';
import { buildNetwork, countParameters } from '../models/registry.ts';
import { checkAgainstModel } from '../planning/check-run.ts';
import { ProgressView } from './progress-view.ts';

export interface CoordinatorSettings {
  /** As `crescendo-train/schedule` reads it. */
  readonly run: RunConfig;
  /** Address to listen on; `127.0.0.1` unless given. */
  readonly host?: string;
  /** Port to listen on, 0 to 65535; 0, a free one, unless given. */
  readonly port?: number;
  /** Secret that workers must send. Addresses other than loopback require one. */
  readonly joinToken?: string | undefined;
  /** Folder in which the run gets a folder of its own; `runs` unless given. */
  readonly runsFolder?: string;
  /** Where progress is shown, such as `process.stderr`; nowhere unless given. */
  readonly progress?: NodeJS.WriteStream | undefined;
}

export interface StartedCoordinator {
  /** The port it listens on, for workers, `/metrics` and `/status`. */
  readonly port: number;
  readonly runId: string;
  readonly folderPath: string;
  readonly plan: RunPlan;
  /** Ends the run after the step in flight; the weights are kept. */
  requestStop(reason: string): void;
  /** Waits for the end of the run, writes summary.json, and closes everything. */
  finish(): Promise<RunSummary>;
}

/** Header and slack of a weights file beyond its tensors' bytes and its class names. */
const WEIGHTS_HEADER_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Starts the coordinator of a run in this process. It waits for `cluster.minWorkers` workers, and
 * the run begins; the caller awaits `finish()`.
 * @throws CRESCENDO_CONFIG_INVALID, CRESCENDO_WEIGHTS_INVALID when the run file does not fit its
 * model; CRESCENDO_DATASET_INVALID; CRESCENDO_TOKEN_REQUIRED; CRESCENDO_PORT_IN_USE
 */
export async function startCoordinator(settings: CoordinatorSettings): Promise<StartedCoordinator> {
  const { run, host = '127.0.0.1', joinToken, runsFolder = 'runs', progress } = settings;
  requireTokenOffLoopback(host, joinToken);
  const dataset = await describeDataset(run, {
    onProgress: (line) => progress?.write(line + '\n'),
  });
  const network = buildNetwork(run.model, dataset.classNames.length);
  await checkAgainstModel(run, network, dataset.classNames);
  const plan = planRun(
    run,
    modeOf(run).plan,
    dataset.trainSampleCount,
    dataset.validationSampleCount,
  );
  const runId = makeRunId();
  const fingerprint = fingerprintOf(run);
  const metrics = new MetricsObserver(run, plan);
  const summary = new SummaryBuilder(plan.phases);
  const view = progress === undefined ? [] : [new ProgressView(plan, progress)];
  const server = await CoordinatorServer.listen({
    run,
    runId,
    configFingerprint: fingerprint,
    plan,
    host,
    port: settings.port ?? 0,
    joinToken,
    observers: [metrics, summary, ...view],
    metricsText: () => metrics.text(),
    makeFolder: () => {
      const nameBytes = Buffer.byteLength(JSON.stringify(classNamesMetadata(dataset.classNames)));
      const weightsBytesMax =
        countParameters(network).total * 4 + nameBytes + WEIGHTS_HEADER_BYTES_MAX;
      return new RunFolder(resolve(runsFolder), runId, run, weightsBytesMax);
    },
  });
  const finish = async (): Promise<RunSummary> => {
    const outcome = await server.outcome;
    const result = summary.build({
      runId,
      model: run.model.name,
      dataset: run.dataset.name,
      outcome,
    });
    server.folder.writeSummary(result);
    await server.close();
    return result;
  };
  return {
    port: server.port,
    runId,
    folderPath: server.folder.path,
    plan,
    requestStop: (reason) => {
      server.requestStop(reason);
    },
    finish,
  };
}

/** Such as `20260102-030405-a1b2`: sorts by time, and two in one second do not collide. */
function makeRunId(): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${time}-${randomBytes(2).toString('hex')}`;
}
