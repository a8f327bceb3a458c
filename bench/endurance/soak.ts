/**
 * `bench soak`: many steps of a small model with kills and joins, and what the coordinator and the
 * worker that lives throughout hold meanwhile. Whatever rises from the second fifth of the run to
 * the last one is a leak.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../statistics.ts';
import { killsOf, type Kill } from './kills.ts';
import { metricsAt, SupervisedRun } from './supervised-run.ts';

const SAMPLE_MS = 2_000;
const WARM_UP_STEPS = 100;
const WORKERS = 3;
const PARTS = 5;
const TENSORS = 'crescendo_worker_tensors';
const START_TIME = 'crescendo_worker_process_start_time_seconds';

export interface SoakSettings {
  readonly steps: number;
  readonly secondsBetweenKills: number;
  readonly seed: number;
}

/** What is held at a moment. */
interface Holding {
  readonly coordinatorBytes: number;
  readonly workerBytes: number;
  readonly coordinatorDescriptors: number;
  readonly workerDescriptors: number;
  readonly coordinatorSockets: number;
  readonly workerSockets: number;
  readonly workerTensors: number;
  readonly temporaryFiles: number;
}

type Quantity = keyof Holding;

/** How much more the last fifth may hold than the second, by the medians. */
const RISE_MAX: Readonly<Record<Quantity, (early: number) => number>> = {
  // A heap that is collected late, and pages that an allocator keeps.
  coordinatorBytes: (early) => Math.max(0.1 * early, 16 * 2 ** 20),
  workerBytes: (early) => Math.max(0.1 * early, 16 * 2 ** 20),
  // A worker more or less is linked at a moment.
  coordinatorDescriptors: () => 4,
  workerDescriptors: () => 4,
  coordinatorSockets: () => 4,
  workerSockets: () => 4,
  workerTensors: () => 0,
  temporaryFiles: () => 4,
};

export interface SoakResult extends SoakSettings {
  readonly kills: number;
  readonly seconds: number;
  /** Medians of the second fifth of the run and of the last. */
  readonly early: Holding;
  readonly late: Holding;
  readonly rising: readonly Quantity[];
  readonly processor: string;
}

/** @throws the error of a failed run */
export async function benchSoak(
  settings: SoakSettings,
  print: (line: string) => void,
): Promise<SoakResult> {
  const run = await SupervisedRun.start({ run: runFile(), workers: WORKERS }, WARM_UP_STEPS);
  const startMs = performance.now();
  // More kills than can come before the end.
  const perSecond = 1 / settings.secondsBetweenKills;
  const planned = killsOf(settings.seed, settings.steps, perSecond, WORKERS - 1);
  const holdings: Holding[] = [];
  let kills = 0;
  for (;;) {
    const seconds = (performance.now() - startMs) / 1000;
    const due = planned[kills];
    if (due !== undefined && due.atSeconds <= seconds) {
      kill(run, due);
      kills++;
    }
    const { crescendo_steps_committed_total: committed } = await run.metrics([
      'crescendo_steps_committed_total',
    ]);
    if (committed >= settings.steps) break;
    holdings.push(await held(run));
    if (holdings.length % 30 === 0) print(`${committed} steps, ${kills} kills`);
    await pause(SAMPLE_MS);
  }
  const seconds = Math.round((performance.now() - startMs) / 1000);
  await run.end();
  const early = medians(holdings, 1);
  const late = medians(holdings, PARTS - 1);
  const rising = (Object.keys(RISE_MAX) as Quantity[]).filter(
    (quantity) => late[quantity] - early[quantity] > RISE_MAX[quantity](early[quantity]),
  );
  const processor = `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`;
  return { ...settings, kills, seconds, early, late, rising, processor };
}

/** Kills any worker but the oldest. */
function kill(run: SupervisedRun, { worker }: Kill): void {
  const [, ...others] = run.workerIds();
  const victim = others[worker % others.length];
  if (victim !== undefined) process.kill(victim, 'SIGKILL');
}

async function held(run: SupervisedRun): Promise<Holding> {
  const [worker = 0] = run.workerIds();
  const coordinator = descriptorsOf(run.processId);
  const ofWorker = descriptorsOf(worker);
  return {
    coordinatorBytes: residentBytes(run.processId),
    workerBytes: residentBytes(worker),
    coordinatorDescriptors: coordinator.all,
    workerDescriptors: ofWorker.all,
    coordinatorSockets: coordinator.sockets,
    workerSockets: ofWorker.sockets,
    workerTensors: await tensorsOfOldest(run),
    temporaryFiles: filesIn(run.folder),
  };
}

/** Live tensors of the worker that started first; those that were just killed do not answer. */
async function tensorsOfOldest(run: SupervisedRun): Promise<number> {
  const urls = await run.workerMetricsUrls();
  const answers = await Promise.allSettled(
    urls.map((url) => metricsAt(url, [TENSORS, START_TIME])),
  );
  const oldest = answers
    .flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    .reduce((first, other) => (other[START_TIME] < first[START_TIME] ? other : first));
  return oldest[TENSORS];
}

function residentBytes(processId: number): number {
  const status = readFileSync(`/proc/${processId}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
}

function descriptorsOf(processId: number): { readonly all: number; readonly sockets: number } {
  const folder = `/proc/${processId}/fd`;
  const targets = readdirSync(folder).map((name) => {
    try {
      return readlinkSync(join(folder, name));
    } catch {
      return 'closed meanwhile';
    }
  });
  const sockets = targets.filter((target) => target.startsWith('socket:')).length;
  return { all: targets.length, sockets };
}

function filesIn(folder: string): number {
  return readdirSync(folder, { recursive: true }).length;
}

function medians(holdings: readonly Holding[], part: number): Holding {
  const length = holdings.length / PARTS;
  const chosen = holdings.slice(Math.floor(part * length), Math.floor((part + 1) * length));
  const quantities = Object.keys(RISE_MAX) as Quantity[];
  const values = quantities.map((quantity) => [
    quantity,
    median(chosen.map((holding) => holding[quantity])),
  ]);
  return Object.fromEntries(values) as Holding;
}

/** Steps of a few hundredths of a second. */
function runFile(): object {
  const none = { min: 0, max: 0 };
  return {
    model: { name: 'efficientnetv2-b0', widthMultiplier: 0.2, depthMultiplier: 0.2 },
    dataset: { name: 'fashion-mnist', trainSamplesMax: 4096, validationSamplesMax: 64 },
    batch: { globalSize: 12, microBatches: 6 },
    training: { epochs: 1000, learningRate: { peak: 0.01 } },
    schedule: {
      phases: 1,
      imageSizePx: { min: 16, max: 16 },
      randAugmentMagnitude: none,
      mixupAlpha: none,
      cutmixAlpha: none,
    },
    augmentation: { horizontalFlip: true, crop: 'none' },
    evaluation: { imageSizePx: 16, atPhaseEnd: false },
    engine: { name: 'tensorflow', intraOpThreads: 1 },
    checkpoint: { everySteps: 200, keep: 2 },
  };
}
