/**
 * `bench goodput`: committed samples per second of a run whose workers are killed at random, over
 * those of the same run left alone, measured before and after it.
 */
import { cpus } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { killsOf } from './kills.ts';
import { SupervisedRun } from './supervised-run.ts';

/** Steps before anything is measured. */
const WARM_UP_STEPS = 10;

export interface GoodputSettings {
  readonly model: string;
  readonly imageSizePx: number;
  readonly workers: number;
  readonly batchPerWorker: number;
  /** Length of the run with kills; those left alone take half of it, before and after. */
  readonly minutes: number;
  readonly killsPerMinute: number;
  readonly seed: number;
}

/** What one run came to. */
interface Measured {
  readonly samplesPerSecond: number;
  /** Seconds that the run waited for its journal, over those of its steps. */
  readonly journalShare: number;
  readonly stepSeconds: number;
}

export interface GoodputResult extends GoodputSettings {
  readonly kills: number;
  /** With kills over without. */
  readonly goodput: number;
  readonly samplesPerSecond: { readonly with: number; readonly without: readonly number[] };
  /** As a mean of the runs without kills. */
  readonly journalShare: number;
  readonly stepSeconds: number;
  readonly processor: string;
}

/** @throws the error of a failed run */
export async function benchGoodput(
  settings: GoodputSettings,
  print: (line: string) => void,
): Promise<GoodputResult> {
  const { minutes, killsPerMinute, seed, workers } = settings;
  const kills = killsOf(seed, minutes * 60, killsPerMinute / 60, workers);
  const measure = async (title: string, seconds: number, count: number): Promise<Measured> => {
    const measured = await measureRun(settings, seconds, kills.slice(0, count));
    print(`${title}: ${measured.samplesPerSecond.toFixed(1)} committed samples/s`);
    return measured;
  };
  const before = await measure('without kills', minutes * 30, 0);
  const disturbed = await measure(`${kills.length} kills`, minutes * 60, kills.length);
  const after = await measure('without kills', minutes * 30, 0);
  const mean = (of: (measured: Measured) => number): number => (of(before) + of(after)) / 2;
  const without = mean(({ samplesPerSecond }) => samplesPerSecond);
  return {
    ...settings,
    kills: kills.length,
    goodput: rounded(disturbed.samplesPerSecond / without, 3),
    samplesPerSecond: {
      with: rounded(disturbed.samplesPerSecond, 1),
      without: [before, after].map(({ samplesPerSecond }) => rounded(samplesPerSecond, 1)),
    },
    journalShare: rounded(
      mean(({ journalShare }) => journalShare),
      5,
    ),
    stepSeconds: rounded(
      mean(({ stepSeconds }) => stepSeconds),
      3,
    ),
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  };
}

async function measureRun(
  settings: GoodputSettings,
  seconds: number,
  kills: ReturnType<typeof killsOf>,
): Promise<Measured> {
  const run = await SupervisedRun.start(
    { run: runFile(settings), workers: settings.workers },
    WARM_UP_STEPS,
  );
  const counters = async (): Promise<readonly number[]> => {
    const values = await run.metrics([
      'crescendo_samples_committed_total',
      'crescendo_steps_committed_total',
      'crescendo_journal_write_seconds_sum',
    ]);
    return Object.values(values);
  };
  const startMs = performance.now();
  const secondsNow = (): number => (performance.now() - startMs) / 1000;
  const first = await counters();
  for (const { atSeconds, worker } of kills) {
    await pause(Math.max(0, atSeconds - secondsNow()) * 1000);
    const ids = run.workerIds();
    const victim = ids[worker % ids.length];
    if (victim !== undefined) process.kill(victim, 'SIGKILL');
  }
  await pause(Math.max(0, seconds - secondsNow()) * 1000);
  const elapsed = secondsNow();
  const last = await counters();
  await run.end();
  const [samples = 0, steps = 0, journal = 0] = last.map((value, at) => value - (first[at] ?? 0));
  return {
    samplesPerSecond: samples / elapsed,
    journalShare: journal / elapsed,
    stepSeconds: elapsed / steps,
  };
}

function runFile(settings: GoodputSettings): object {
  const { model, imageSizePx: size, workers, batchPerWorker } = settings;
  const none = { min: 0, max: 0 };
  return {
    model: { name: model },
    dataset: { name: 'fashion-mnist', validationSamplesMax: 16 },
    batch: { globalSize: workers * batchPerWorker, microBatches: workers * 4 },
    training: { epochs: 1000, learningRate: { peak: 0.01 } },
    schedule: {
      phases: 1,
      imageSizePx: { min: size, max: size },
      randAugmentMagnitude: none,
      mixupAlpha: none,
      cutmixAlpha: none,
    },
    augmentation: { horizontalFlip: true, crop: 'none' },
    evaluation: { imageSizePx: size, atPhaseEnd: false },
    engine: { name: 'tensorflow', intraOpThreads: 1 },
  };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
