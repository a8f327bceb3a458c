/**
 * What faults cost a run: the production coordinator and workers on a virtual clock, whose steps
 * and transfers take what the cost model says, and workers that fail at random. Pure: the same
 * settings give the same result.
 */
import { parseRunText } from '../../run/parse.ts';
import type { RunConfig } from '../../run/run-config.ts';
import { DisturbedRun, type Disturbances } from './disturbed-run.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;

/** How long things take on the cluster, in milliseconds. */
export interface ClusterTimes {
  /** A worker's micro-batches of a step, where all workers are there. */
  readonly computeMs: number;
  /** What a step takes besides: the all-reduce that is not hidden, stragglers, the update. */
  readonly waitMs: number;
  /** Until a joiner has the training state. */
  readonly transferMs: number;
  /** For which members pause their steps when a checkpoint is taken. */
  readonly checkpointMs: number;
}

export interface GoodputSettings {
  readonly workers: number;
  readonly microBatchesPerWorker: number;
  readonly batchPerWorker: number;
  /** What a joiner gets. */
  readonly stateBytes: number;
  readonly times: ClusterTimes;
  readonly mode: {
    readonly innerSteps: number;
    readonly isSharded: boolean;
  };
  readonly cluster: Pick<
    RunConfig['cluster'],
    'pauseBelow' | 'heartbeatIntervalMs' | 'heartbeatTimeoutMs' | 'reconnectMinutes'
  >;
  /** `everySteps` counts where it is above 0; with 0 for both there are no checkpoints. */
  readonly checkpoint: { readonly everySteps: number; readonly everyMinutes: number };
  /** Mean time between faults of one worker, and of the coordinator; Infinity: it has none. */
  readonly mtbfMs: number;
  readonly coordinatorMtbfMs: number;
  /** Share of worker faults that close no connection, as when a machine loses its power. */
  readonly silentRatio: number;
  /** From a fault until a new process is ready to join. */
  readonly restartMs: number;
  readonly durationMs: number;
  readonly seed: number;
}

export interface Goodput {
  /** Committed samples over those of a run without faults and checkpoints. */
  readonly goodputRatio: number;
  readonly samplesPerSecond: { readonly with: number; readonly without: number };
  readonly stepSeconds: number;
  readonly hours: number;
  readonly faults: { readonly workers: number; readonly coordinator: number };
  /** From faults of members to the next commit; 0 where there was none. */
  readonly recoverySeconds: { readonly median: number; readonly p95: number; readonly max: number };
  /** Attempts that were done again because a member was lost. */
  readonly stepsRepeated: number;
  /** Committed steps that were lost with all workers that had them. */
  readonly stepsLost: number;
  /** Share of the time that checkpoints take. */
  readonly checkpointRatio: number;
  /** Share of the time in which all workers are members. */
  readonly fullRatio: number;
  readonly gpuHours: { readonly paid: number; readonly useful: number };
  /** Why the run ended before its time; empty where it did not. */
  readonly ending: string;
}

export function predictGoodput(settings: GoodputSettings): Goodput {
  const run = runOf(settings);
  const { workers, batchPerWorker, times, durationMs } = settings;
  const { computeMs, waitMs, transferMs } = times;
  // Steps go on while a joiner gets the state.
  const isFed = settings.mode.innerSteps === 0 && !settings.mode.isSharded;
  // With local SGD it comes once for its inner steps.
  const waitsPerOrder = Math.max(1, settings.mode.innerSteps);
  const timing = {
    prepareMs: 0,
    microBatchMs: computeMs / settings.microBatchesPerWorker,
    evaluationBatchMs: 0,
    waitMs: waitMs * waitsPerOrder,
    transferMs: isFed ? 0 : transferMs,
  };
  const { everySteps, everyMinutes } = settings.checkpoint;
  const stepMs = DisturbedRun.stepMsOf(run, timing, workers);
  const byTime = everyMinutes > 0 ? (everyMinutes * 60 * SECOND_MS) / stepMs : Infinity;
  const intervalSteps = everySteps > 0 ? everySteps : byTime;
  const restartMs = settings.restartMs + (isFed ? transferMs : 0);
  const disturbances: Disturbances = { ...settings, restartMs, intervalSteps };
  const disturbed = new DisturbedRun(run, timing, disturbances);
  const told = disturbed.run(durationMs);
  const checkpointRatio = Math.min(1, times.checkpointMs / (intervalSteps * stepMs));
  const possibleSteps = durationMs / stepMs;
  const goodputRatio = Math.max(0, told.steps / possibleSteps) * (1 - checkpointRatio);
  const without = (workers * batchPerWorker * SECOND_MS) / stepMs;
  const gpuHours = (workers * durationMs) / HOUR_MS;
  return {
    goodputRatio,
    samplesPerSecond: { with: goodputRatio * without, without },
    stepSeconds: stepMs / SECOND_MS,
    hours: durationMs / HOUR_MS,
    faults: told.faults,
    recoverySeconds: {
      median: quantile(told.recoveriesMs, 0.5) / SECOND_MS,
      p95: quantile(told.recoveriesMs, 0.95) / SECOND_MS,
      max: quantile(told.recoveriesMs, 1) / SECOND_MS,
    },
    stepsRepeated: told.stepsRepeated,
    stepsLost: Math.round(told.stepsLost),
    checkpointRatio,
    fullRatio: told.fullMs / durationMs,
    gpuHours: { paid: gpuHours, useful: gpuHours * goodputRatio },
    ending: told.ending,
  };
}

/** A run of the toy model. Its own checkpoints are only what it goes back to. */
function runOf(settings: GoodputSettings): RunConfig {
  const { workers, microBatchesPerWorker, batchPerWorker, mode, cluster } = settings;
  return parseRunText(
    JSON.stringify({
      model: { name: 'efficientnetv2-b0' },
      dataset: { name: 'mnist' },
      batch: {
        globalSize: workers * batchPerWorker,
        microBatches: workers * microBatchesPerWorker,
      },
      training: {
        steps: 1_000_000_000,
        optimizer: { sharded: mode.isSharded },
        localSgd: { innerSteps: mode.innerSteps },
        learningRate: { peak: 0.01, decay: 'constant', warmupEpochs: 0 },
      },
      schedule: { phases: 1, imageSizePx: { min: 32, max: 32 } },
      evaluation: { atPhaseEnd: false },
      checkpoint: { everySteps: 20 },
      // Most steps are not simulated, so a worker would seem to be lost soon after it joined.
      cluster: { ...cluster, minWorkers: workers, holdOffSecondsMax: 0 },
      engine: { name: 'js' },
    }),
    'the run of a prediction',
  );
}

/** 0 where there are no values. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
