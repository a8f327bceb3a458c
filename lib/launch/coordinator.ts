/** Sets a coordinator up from a run file: dataset, plan, run folder, server, observers. */
import { CrescendoError } from '../base/errors.ts';
import type { RunConfig } from '../run/run-config.ts';
import { fingerprintOf } from '../run/fingerprint.ts';
import { badSamplesOf } from '../../coordinator/core/bad-samples.ts';
import { changeSince } from '../../coordinator/core/dataset-agreement.ts';
import type { RunOutcome } from '../../coordinator/core/events.ts';
import type { RunObserver } from '../../coordinator/core/ports.ts';
import type { CoreStatus } from '../../coordinator/core/state.ts';
import { MetricsObserver } from '../../coordinator/observers/metrics-observer.ts';
import { RunFolder } from '../../coordinator/run-folder.ts';
import { planRun, type RunPlan } from '../run/plan.ts';
import { goingOn } from './going-on.ts';
import { ownStore, type OwnedStore } from './run-checkpoints.ts';
import { runFolderOptions, spreadStateOf } from './run-store.ts';
import { modeOf } from '../optim/modes/registry.ts';
import { FrontDoor } from '../../coordinator/front-door.ts';
import { CoordinatorServer } from '../../coordinator/server.ts';
import { SummaryBuilder, type RunSummary } from '../../coordinator/observers/summary.ts';
import type { DatasetIdentity } from '../../proto/generated/messages.ts';
import { identityOf } from '../data/dataset-identity.ts';
import { describeDataset } from '../data/open-batch-source.ts';
import type { Network } from '../models/network.ts';
import { buildNetwork } from '../models/registry.ts';
import { checkAgainstModel } from '../planning/check-run.ts';
import { noticesOf } from '../planning/run-notices.ts';
import { ownBegunRun, ownNewRun, ownUnfinishedRun, type OwnedRun } from './owned-run.ts';
import { ProgressView, type ProgressOutput } from './progress-view.ts';
import type { BegunRun } from './resume.ts';
import { throwIfStopped, unlessStopped } from './stopping.ts';

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
  /** A run that goes on, in its own folder, as `readBegunRun` has it; else a new one begins. */
  readonly resumed?: BegunRun | undefined;
  /**
   * Whether the newest run of this run file in `runsFolder` goes on, whatever its `cluster` says,
   * if its coordinator has died; else, or where there is none, a new run begins. False unless
   * given.
   */
  readonly goesOn?: boolean;
  /** Where progress is shown, such as `process.stderr`; nowhere unless given. */
  readonly progress?: ProgressOutput | undefined;
  /** Told the port as soon as it is open, before the images are read. */
  readonly onListening?: (port: number) => void;
  /** Once it is aborted, the run ends after the step in flight; the weights are kept. */
  readonly signal?: AbortSignal | undefined;
  /** The run ends once so many steps are committed, or one order more. */
  readonly untilStep?: number | undefined;
}

export interface StartedCoordinator {
  /** The port it listens on, for workers, `/metrics` and `/status`. */
  readonly port: number;
  readonly runId: string;
  readonly folderPath: string;
  readonly plan: RunPlan;
  /** What the coordinator is doing, and why. */
  status(): CoreStatus;
  /** Ends the run after the step in flight, for this reason; the weights are kept. */
  requestStop(reason: string): void;
  /**
   * Waits for the end of the run, writes summary.json, and closes everything.
   * @throws CRESCENDO_RUN_IN_USE when another process has taken the run's folder over;
   * CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
   */
  finish(): Promise<RunSummary>;
}

/** Why a run ended that a signal has stopped. */
const STOPPED_BY_SIGNAL = 'stopped by a signal';
/** Why a run ended that lost its workers to signals. */
export const WORKERS_ASKED_TO_LEAVE = 'all workers were asked to leave';

/** Whether a run ended before its last step because somebody asked for that. */
export function isStoppedAsAsked({ ending, reason }: RunSummary): boolean {
  return (
    ending === 'stopped' && (reason === STOPPED_BY_SIGNAL || reason === WORKERS_ASKED_TO_LEAVE)
  );
}

/** A run's folder, and what it has elsewhere. */
interface OwnedPlaces extends OwnedRun {
  readonly store: OwnedStore | undefined;
}

/** What is known of a run once its data is read. */
interface PreparedRun {
  readonly run: RunConfig;
  readonly plan: RunPlan;
  readonly network: Network;
  /** In class order. */
  readonly classNames: readonly string[];
  readonly dataset: DatasetIdentity;
}

/**
 * Starts the coordinator of a run in this process. Its port is open at once; workers that connect
 * while the images are read wait. Then it waits for `cluster.minWorkers` workers, and the run
 * begins; the caller awaits `finish()`. Until then this process is the owner of the run's folder.
 * @throws CRESCENDO_CONFIG_INVALID, CRESCENDO_WEIGHTS_INVALID when the run file does not fit its
 * model; CRESCENDO_DATASET_INVALID; CRESCENDO_TOKEN_REQUIRED; CRESCENDO_PORT_IN_USE;
 * CRESCENDO_STOPPED when `signal` was aborted before the run began; CRESCENDO_RUN_IN_USE when
 * another process coordinates the run; CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
 */
export async function startCoordinator(settings: CoordinatorSettings): Promise<StartedCoordinator> {
  const { run, host = '127.0.0.1', port = 0, runsFolder = 'runs', joinToken, signal } = settings;
  throwIfStopped(signal);
  let owned = await ownBegun(settings, runsFolder);
  let door: FrontDoor | undefined;
  let store: OwnedStore | undefined;
  try {
    door = await FrontDoor.open({ host, port, joinToken, reason: 'reading images' });
    settings.onListening?.(door.port);
    const prepared = await unlessStopped(prepareRun(run, settings.progress), signal);
    owned ??= await ownNewRun(runsFolder);
    const { runId } = owned;
    store = await ownStore(
      { run, runId },
      prepared.plan,
      (line) => void settings.progress?.write(`${line}\n`),
    );
    throwIfStopped(signal);
    return begin(settings, door, { ...owned, store }, prepared);
  } catch (error) {
    await door?.close();
    await store?.release();
    owned?.release();
    throw error;
  }
}

/** A run that was begun before; undefined where a new one is to begin. */
async function ownBegun(
  { run, resumed, goesOn = false }: CoordinatorSettings,
  runsFolder: string,
): Promise<OwnedRun | undefined> {
  if (resumed !== undefined) return ownBegunRun(resumed);
  return goesOn ? ownUnfinishedRun(runsFolder, run) : undefined;
}

async function prepareRun(
  run: RunConfig,
  progress: ProgressOutput | undefined,
): Promise<PreparedRun> {
  const dataset = await describeDataset(run, {
    onProgress: (line) => progress?.write(line + '\n'),
  });
  const { classNames, trainSampleCount, validationSampleCount } = dataset;
  const network = buildNetwork(run.model, classNames.length);
  await checkAgainstModel(run, network, classNames);
  const plan = planRun(run, modeOf(run).plan, trainSampleCount, validationSampleCount);
  for (const line of noticesOf(plan)) progress?.write(`warning: ${line}\n`);
  return { run, plan, network, classNames, dataset: identityOf(dataset) };
}

function begin(
  settings: CoordinatorSettings,
  door: FrontDoor,
  owned: OwnedPlaces,
  prepared: PreparedRun,
): StartedCoordinator {
  const { run, plan, network, dataset } = prepared;
  const { joinToken, resumed, progress, signal, untilStep } = settings;
  const { runId } = owned;
  const metrics = new MetricsObserver(run, plan);
  const folder = openFolder(owned, prepared, progress, metrics);
  if (!owned.isNew && untilStep === undefined) {
    const lines = goingOn(folder, runId, resumed !== undefined);
    for (const line of lines) progress?.write(`${line}\n`);
  }
  const summary = new SummaryBuilder(plan, folder.records);
  const view = progress === undefined ? [] : [new ProgressView(plan, progress)];
  const server = new CoordinatorServer(door, {
    run,
    runId,
    configFingerprint: fingerprintOf(run),
    plan,
    dataset,
    joinToken,
    observers: [
      metrics,
      summary,
      ...view,
      stopAt(untilStep, (reason) => {
        server.requestStop(reason);
      }),
    ],
    folder,
    metricsText: () => metrics.text(),
    state: spreadStateOf(run, network),
  });
  const stop = (): void => {
    server.requestStop(STOPPED_BY_SIGNAL);
  };
  signal?.addEventListener('abort', stop);
  const names = { runId, model: run.model.name, dataset: run.dataset.name };
  const finish = (): Promise<RunSummary> =>
    endOf(server, owned, (outcome) =>
      summary.build({ ...names, outcome, uploadedWeights: owned.store?.uploaded ?? [] }),
    ).finally(() => {
      signal?.removeEventListener('abort', stop);
    });
  return {
    port: door.port,
    runId,
    folderPath: server.folder.path,
    plan,
    status: () => server.status(),
    requestStop: (reason) => {
      server.requestStop(reason);
    },
    finish,
  };
}

/**
 * Waits for the end of a run, writes its summary, and gives its folder back.
 * @throws CRESCENDO_RUN_IN_USE where another has taken the folder
 */
async function endOf(
  server: CoordinatorServer,
  owned: OwnedPlaces,
  summaryOf: (outcome: RunOutcome) => RunSummary,
): Promise<RunSummary> {
  try {
    const lost = [owned.lost, ...(owned.store === undefined ? [] : [owned.store.lost])];
    const outcome = await Promise.race([server.outcome, ...lost]);
    if (outcome instanceof CrescendoError) throw outcome;
    const result = summaryOf(outcome);
    server.folder.writeSummary(result);
    return result;
  } finally {
    await server.close();
    await owned.store?.release();
    owned.release();
  }
}

/** Stops a run once so many steps are committed; never where they are undefined. */
function stopAt(untilStep = Infinity, stop: (reason: string) => void): RunObserver {
  return {
    onStep: ({ step, stepCount }) => {
      if (step + stepCount >= untilStep) stop(`${untilStep} steps are committed, as asked`);
    },
  };
}

function openFolder(
  { folderPath, isNew, files, store }: OwnedPlaces,
  { run, network, classNames, dataset }: PreparedRun,
  progress: ProgressOutput | undefined,
  metrics: MetricsObserver,
): RunFolder {
  const options = runFolderOptions(run, network, classNames, {
    files,
    onNotice: (line) => void progress?.write(line + '\n'),
    onRecordWritten: (seconds) => {
      metrics.onRecordWritten(seconds);
    },
    remote: store,
  });
  if (isNew) return RunFolder.create(folderPath, run, options);
  const folder = RunFolder.open(folderPath, options);
  const changed = changeSince(folder.records, dataset);
  if (changed !== undefined) options.onNotice(`warning: ${changed}`);
  metrics.onBadSamples(badSamplesOf(folder.records).length);
  return folder;
}
