/** `crescendo simulate --mtbf`: what faults cost a run on a cluster. */
import { InvalidArgumentError, type Command } from 'commander';
import { CrescendoError, defined } from '../../lib/base/errors.ts';
import { elementsOf } from '../../lib/checkpoint/snapshot.ts';
import { spreadStateOf } from '../../lib/launch/run-store.ts';
import type { Network } from '../../lib/models/network.ts';
import { simulate, transferSeconds, type SimulationSettings } from '../../lib/planning/estimate.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import {
  predictGoodput,
  type Goodput,
  type GoodputSettings,
} from '../../lib/simulator/goodput/goodput.ts';
import { wholeNumber } from '../arguments.ts';

/** Each member sends and receives from each other one, which is simulated frame by frame. */
const WORKERS_MAX = 64;
/** Expected faults of a prediction whose length is not given, for about five seconds of work. */
const FAULTS = { least: 10, timesWorkers: 480 };
/** Copying the state from where the optimizer has it. */
const COPY_BYTES_PER_SECOND = 8e9;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const TIME_MS_MAX = 36_500 * 24 * HOUR_MS;
const UNITS_MS = { s: 1_000, m: MINUTE_MS, h: HOUR_MS, d: 24 * HOUR_MS };

export interface GoodputFlags {
  /** Milliseconds. */
  readonly mtbf?: number;
  readonly coordinatorMtbf?: number;
  readonly silentShare: number;
  readonly minutesToRestart: number;
  readonly checkpointEvery?: number;
  readonly hours?: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** Flags with which faults are predicted. */
export type FaultFlags = GoodputFlags & { readonly mtbf: number };

export function addGoodputOptions(command: Command): Command {
  return command
    .option('--mtbf <time>', 'predict what faults cost: mean time between those of a worker', time)
    .option('--coordinator-mtbf <time>', 'the same of the coordinator (default: no faults)', time)
    .option('--silent-share <ratio>', 'faults that close no connection (lost machines)', share, 0)
    .option('--minutes-to-restart <minutes>', 'from a fault until a new process joins', minutes, 1)
    .option(
      '--checkpoint-every <steps>',
      'in place of checkpoint of the run file',
      wholeNumber('the number of steps', 1, 1_000_000_000),
    )
    .option('--hours <hours>', 'simulated time (default: some dozens of faults)', hours)
    .option('--seed <number>', 'of the faults', wholeNumber('the seed', 0, 2 ** 32 - 1), 1);
}

/**
 * Prints what the faults of the flags cost a run.
 * @param cluster of `gpus` only the first counts
 */
export function printGoodput(
  run: RunConfig,
  network: Network,
  cluster: SimulationSettings,
  flags: FaultFlags,
): void {
  const [workers = 1] = cluster.gpus;
  if (workers > WORKERS_MAX) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `--workers ${workers}: faults are simulated with at most ${WORKERS_MAX} workers; leave ` +
        '--mtbf out for the throughput of larger clusters',
    );
  }
  const settings = settingsOf(run, network, cluster, flags);
  const goodput = predictGoodput(settings);
  process.stdout.write(
    flags.json === true
      ? JSON.stringify({ model: run.model.name, settings, ...goodput }) + '\n'
      : describe(run.model.name, settings, goodput),
  );
}

function settingsOf(
  run: RunConfig,
  network: Network,
  cluster: SimulationSettings,
  flags: FaultFlags,
): GoodputSettings {
  const [workers = 1] = cluster.gpus;
  const [predicted] = simulate(network, { ...cluster, gpus: [workers] });
  const { computeSeconds, ...others } = defined(predicted, 'prediction').parts;
  const waitSeconds = Object.values(others).reduce((sum, one) => sum + one, 0);
  const stateBytes = elementsOf(spreadStateOf(run, network).layout) * 4;
  const { checkpointEvery, hours: asked, mtbf: mtbfMs } = flags;
  const faults = Math.max(FAULTS.least, FAULTS.timesWorkers / workers);
  return {
    workers,
    microBatchesPerWorker: cluster.microBatchesPerGpu,
    batchPerWorker: cluster.batchPerGpu,
    stateBytes,
    times: {
      computeMs: computeSeconds * 1_000,
      waitMs: waitSeconds * 1_000,
      transferMs: transferSeconds(stateBytes, cluster) * 1_000,
      checkpointMs: (stateBytes / workers / COPY_BYTES_PER_SECOND) * 1_000,
    },
    mode: {
      innerSteps: run.training.localSgd.innerSteps,
      isSharded: run.training.optimizer.sharded,
    },
    cluster: run.cluster,
    checkpoint:
      checkpointEvery === undefined
        ? run.checkpoint
        : { everySteps: checkpointEvery, everyMinutes: 0 },
    mtbfMs,
    coordinatorMtbfMs: flags.coordinatorMtbf ?? Infinity,
    silentRatio: flags.silentShare,
    restartMs: flags.minutesToRestart * MINUTE_MS,
    durationMs: asked === undefined ? (faults * mtbfMs) / workers : asked * HOUR_MS,
    seed: flags.seed,
  };
}

function describe(model: string, settings: GoodputSettings, goodput: Goodput): string {
  const { workers, times, restartMs, mtbfMs } = settings;
  const { faults, recoverySeconds: recovery, gpuHours, samplesPerSecond, ending } = goodput;
  const lines: [string, string][] = [
    ['goodput', `${percent(goodput.goodputRatio)} of a run without faults`],
    [
      'images/s',
      `${samplesPerSecond.with.toFixed(0)} of ${samplesPerSecond.without.toFixed(0)}; ` +
        `a step takes ${goodput.stepSeconds.toFixed(3)} s with all workers`,
    ],
    ['faults', `${faults.workers} of workers, ${faults.coordinator} of the coordinator`],
    [
      'recovery',
      `${recovery.median.toFixed(1)} s from a fault to the next commit (median), ` +
        `${recovery.p95.toFixed(1)} s (p95), ${recovery.max.toFixed(1)} s at most`,
    ],
    ['all workers', `are members ${percent(goodput.fullRatio)} of the time`],
    [
      'steps',
      `${goodput.stepsRepeated} with another attempt, ${goodput.stepsLost} lost with all copies ` +
        'of the state and done again',
    ],
    [
      'a joiner',
      `gets ${(settings.stateBytes / 1e6).toFixed(0)} MB of state in ` +
        `${(times.transferMs / 1_000).toFixed(2)} s`,
    ],
    [
      'checkpoints',
      `take ${times.checkpointMs.toFixed(1)} ms of a step each, ` +
        `${percent(goodput.checkpointRatio)} of the time`,
    ],
    [
      'GPU hours',
      `${gpuHours.paid.toFixed(1)} paid, ` +
        `${(gpuHours.paid - gpuHours.useful).toFixed(1)} of them lost`,
    ],
  ];
  const head =
    `${model} on ${workers} workers for ${goodput.hours.toFixed(1)} h: each fails every ` +
    `${(mtbfMs / MINUTE_MS).toFixed(1)} min, and is back after ${restartMs / MINUTE_MS} min\n`;
  return (
    head +
    lines.map(([name, text]) => `  ${name.padEnd(12)} ${text}\n`).join('') +
    noteOf(settings) +
    (ending === '' ? '' : `note: the run ends before its time: ${ending}\n`) +
    'A prediction: docs/scaling.md has what it assumes.\n'
  );
}

/** What would help most where one worker less makes steps much longer. */
function noteOf({ workers, microBatchesPerWorker }: GoodputSettings): string {
  if (workers === 1) return '';
  const most = Math.ceil((workers * microBatchesPerWorker) / (workers - 1));
  const longer = most / microBatchesPerWorker;
  const best = workers / (workers - 1);
  if (longer < best * 1.2) return '';
  return (
    `note: without one of ${workers} workers a step computes for ${longer.toFixed(2)} times as ` +
    `long, because micro-batches are not divided; with more of them ` +
    `(--micro-batches-per-gpu) it would be ${best.toFixed(2)}\n`
  );
}

function percent(ratio: number): string {
  return ratio > 0 && ratio < 1e-3 ? 'less than 0.1 %' : `${(100 * ratio).toFixed(1)} %`;
}

function time(text: string): number {
  const [, number = '', unit = ''] = /^([\d.]+)(s|m|h|d)$/.exec(text) ?? [];
  const unitMs = new Map(Object.entries(UNITS_MS)).get(unit) ?? 0;
  const value = Number(number) * unitMs;
  if (value >= UNITS_MS.s && value <= TIME_MS_MAX) return value;
  throw new InvalidArgumentError('a time from 1s to 36500d, such as 90s, 15m, 6h or 30d.');
}

function minutes(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 525_600) return value;
  throw new InvalidArgumentError('minutes above 0, at most 525600.');
}

function hours(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 876_000) return value;
  throw new InvalidArgumentError('hours above 0, at most 876000.');
}

function share(text: string): number {
  const value = Number(text);
  if (value >= 0 && value <= 1 && text.trim() !== '') return value;
  throw new InvalidArgumentError('a number from 0 to 1.');
}
