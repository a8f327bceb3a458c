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
import { checkAgainstModel } from './check-run.ts';
import { ProgressView } from './progress-view.ts';

export interface CoordinatorSettings {
  readonly run: RunConfig;
  readonly host: string;
  readonly port: number;
  readonly joinToken: string | undefined;
  readonly runsFolder: string;
}

export interface StartedCoordinator {
  readonly server: CoordinatorServer;
  readonly port: number;
  readonly runId: string;
  readonly folderPath: string;
  readonly plan: RunPlan;
  /** Waits for the end, writes summary.json, closes everything. */
  finish(): Promise<RunSummary>;
}

/** Header and slack of a weights file beyond its tensors' bytes and its class names. */
const WEIGHTS_HEADER_BYTES_MAX = 4 * 1024 * 1024;

export async function startCoordinator(settings: CoordinatorSettings): Promise<StartedCoordinator> {
  const { run } = settings;
  requireTokenOffLoopback(settings.host, settings.joinToken);
  const dataset = await describeDataset(run, {
    onProgress: (line) => process.stderr.write(line + '\n'),
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
  const view = new ProgressView(plan);
  const server = await CoordinatorServer.listen({
    run,
    runId,
    configFingerprint: fingerprint,
    plan,
    host: settings.host,
    port: settings.port,
    joinToken: settings.joinToken,
    observers: [metrics, summary, view],
    metricsText: () => metrics.text(),
    makeFolder: () => {
      const nameBytes = Buffer.byteLength(JSON.stringify(classNamesMetadata(dataset.classNames)));
      const weightsBytesMax =
        countParameters(network).total * 4 + nameBytes + WEIGHTS_HEADER_BYTES_MAX;
      return new RunFolder(resolve(settings.runsFolder), runId, run, weightsBytesMax);
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
  return { server, port: server.port, runId, folderPath: server.folder.path, plan, finish };
}

/** Such as `20260102-030405-a1b2`: sorts by time, and two in one second do not collide. */
function makeRunId(): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${time}-${randomBytes(2).toString('hex')}`;
}
