/**
 * Head-space: whether images are there in time. Each phase is computed with a cached batch, which
 * is the most that training can reach, and its images are read by themselves.
 */
import { availableParallelism } from 'node:os';
import type { BatchSource } from '../data/batch-source.ts';
import type { ProgressListener } from '../data/dataset.ts';
import { openBatchSource } from '../data/open-batch-source.ts';
import { createRendererFor, dataThreads } from '../engine/create-renderer.ts';
import { microBatchRange, planLength } from '../run/length.ts';
import { planPhases, type Phase } from '../run/phases.ts';
import type { RunConfig } from '../run/run-config.ts';
import { measurePhases } from './measure-phases.ts';

/** Reading is measured for so long, after a first micro-batch that sets things up. */
const READ_SECONDS = 2;
const READS_MIN = 3;
const MICROSECONDS = 1_000_000;

export interface PhaseHeadSpace {
  /** From 1. */
  readonly phase: number;
  readonly imageSizePx: number;
  /** With a cached batch, on one worker. */
  readonly computedImagesPerSecond: number;
  /** With nothing else going on. */
  readonly readImagesPerSecond: number;
  /** Seconds of one core for each image. */
  readonly readCoreSeconds: number;
  /** Cores that must read, so that computing does not wait. */
  readonly coresNeeded: number;
  /** Read by computed; below 1 training waits for images. */
  readonly headSpace: number;
}

export interface HeadSpace {
  readonly engine: string;
  readonly cores: number;
  readonly dataThreads: number;
  readonly computeThreads: number;
  readonly phases: readonly PhaseHeadSpace[];
}

/** @throws what opening the dataset throws, and the engine */
export async function measureHeadSpace(
  run: RunConfig,
  onProgress: ProgressListener,
): Promise<HeadSpace> {
  const source = await openBatchSource(run, await createRendererFor(run.engine), { onProgress });
  const { globalSize } = run.batch;
  const length = planLength(source.trainSampleCount, run.training, globalSize);
  const phases = planPhases(run.schedule, length.stepCount, run.recipe);
  const reading: { readonly seconds: number; readonly coreSeconds: number }[] = [];
  for (const phase of phases) {
    onProgress(`reading images at ${phase.imageSizePx} px`);
    reading.push(await readSecondsOf(run, source, phase));
  }
  const measured = await measurePhases(run, phases, source.classNames.length, onProgress);
  const samples = globalSize / run.batch.microBatches;
  return {
    engine: measured.engine,
    cores: availableParallelism(),
    dataThreads: dataThreads(process.env, run.engine.intraOpThreads),
    computeThreads: run.engine.intraOpThreads,
    phases: phases.map((phase, index) => {
      const { seconds = NaN, coreSeconds = NaN } = reading[index] ?? {};
      const computed = samples / (measured.bySizePx.get(phase.imageSizePx)?.microBatchSeconds ?? 0);
      return {
        phase: index + 1,
        imageSizePx: phase.imageSizePx,
        computedImagesPerSecond: computed,
        readImagesPerSecond: 1 / seconds,
        readCoreSeconds: coreSeconds,
        coresNeeded: computed * coreSeconds,
        headSpace: 1 / seconds / computed,
      };
    }),
  };
}

/** For each image. */
async function readSecondsOf(
  run: RunConfig,
  source: BatchSource,
  phase: Phase,
): Promise<{ readonly seconds: number; readonly coreSeconds: number }> {
  const read = async (index: number): Promise<number> => {
    const { microBatches } = run.batch;
    const step = Math.floor(index / microBatches);
    const range = microBatchRange(step, index % microBatches, run.batch, Infinity);
    await source.microBatch(step, 0, range.firstPosition, range.sampleCount, phase);
    return range.sampleCount;
  };
  await read(0);
  const usage = process.cpuUsage();
  const startMs = performance.now();
  let images = 0;
  let seconds = 0;
  for (let index = 1; seconds < READ_SECONDS || index <= READS_MIN; index++) {
    images += await read(index);
    seconds = (performance.now() - startMs) / 1000;
  }
  const { user, system } = process.cpuUsage(usage);
  return { seconds: seconds / images, coreSeconds: (user + system) / MICROSECONDS / images };
}

/** The findings in words, a line each. */
export function headSpaceInWords(found: HeadSpace): string[] {
  const { cores, dataThreads: threads, computeThreads } = found;
  const lines = [
    `${found.engine}: ${cores} cores, ${computeThreads} for computing, ${threads} for images`,
    ...found.phases.map(
      (one) =>
        `phase ${one.phase}, ${one.imageSizePx} px: computing takes ` +
        `${rate(one.computedImagesPerSecond)} with a cached batch, reading gives ` +
        `${rate(one.readImagesPerSecond)} (${(one.readCoreSeconds * 1000).toFixed(2)} ms of a ` +
        `core each); reading needs ${one.coresNeeded.toFixed(1)} cores`,
    ),
  ];
  const worst = found.phases.reduce((left, right) =>
    left.headSpace <= right.headSpace ? left : right,
  );
  return [...lines, verdictOf(worst, found)];
}

function verdictOf(worst: PhaseHeadSpace, found: HeadSpace): string {
  const { cores, computeThreads, dataThreads } = found;
  const where = `in phase ${worst.phase}`;
  if (worst.headSpace >= 1) {
    const times = worst.headSpace.toFixed(1);
    return `images are there in time: ${where} they come ${times} times as fast as needed`;
  }
  const share = `${Math.floor(worst.headSpace * 100)} %`;
  const needed = Math.ceil(worst.coresNeeded);
  const remedy =
    dataThreads < needed && needed + computeThreads <= cores
      ? `set CRESCENDO_DATA_THREADS to ${needed}`
      : `this machine has ${cores} cores: use one with more, or store smaller images`;
  return `training waits for images: ${where} it reaches at most ${share} of its rate; ${remedy}`;
}

function rate(imagesPerSecond: number): string {
  return `${Math.round(imagesPerSecond)} images/s`;
}
