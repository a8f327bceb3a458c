/** Times one micro-batch of each image size of a run, and one update, with the run's own engine. */
import { RandomStream } from '../base/random.ts';
import type { RunConfig } from '../run/run-config.ts';
import { createEngine } from '../engine/create-engine.ts';
import type { Engine } from '../engine/engine.ts';
import type { MicroBatchInput } from '../data/micro-batch.ts';
import { isMixing, noMixing } from '../data/transforms/mixing.ts';
import type { Phase, PhaseSettings } from '../run/phases.ts';

/** The first micro-batch sets things up; so long as it is quick, more are timed without it. */
const REPEAT_BELOW_SECONDS = 20;
const REPEATS_MAX = 7;
const REPEATED_SECONDS_MAX = 3;

export interface PhaseMeasurement {
  readonly microBatchSeconds: number;
  /** Most memory the process has held so far. */
  readonly peakMemoryBytes: number;
}

export interface Measurement {
  readonly engine: string;
  readonly updateSeconds: number;
  readonly bySizePx: ReadonlyMap<number, PhaseMeasurement>;
}

/** @throws what the engine throws, such as CRESCENDO_OUT_OF_MEMORY with the size that would fit */
export async function measurePhases(
  run: RunConfig,
  phases: readonly Phase[],
  classCount: number,
  print: (line: string) => void,
): Promise<Measurement> {
  const engine = await createEngine(run, classCount);
  const sampleCount = run.batch.globalSize / run.batch.microBatches;
  const vector = new Float32Array(engine.layout.totalElements);
  const bySizePx = new Map<number, PhaseMeasurement>();
  try {
    for (const phase of phases) {
      if (bySizePx.has(phase.imageSizePx)) continue;
      print(`measuring one micro-batch of ${sampleCount} images at ${phase.imageSizePx} px`);
      const input = makeInput(sampleCount, phase, classCount);
      engine.enterPhase(phase);
      engine.prepare(phase, sampleCount);
      const microBatchSeconds = await medianSeconds(() =>
        engine.computeMicroBatch(0, input, vector),
      );
      const peakMemoryBytes = process.resourceUsage().maxRSS * 1024;
      bySizePx.set(phase.imageSizePx, { microBatchSeconds, peakMemoryBytes });
    }
    return {
      engine: engine.description,
      updateSeconds: await updateSeconds(engine, vector),
      bySizePx,
    };
  } finally {
    engine.dispose();
  }
}

function updateSeconds(engine: Engine, vector: Float32Array): Promise<number> {
  return secondsOf(() => engine.applyUpdate(0, 0, vector));
}

async function medianSeconds(work: () => Promise<unknown>): Promise<number> {
  const first = await secondsOf(work);
  if (first > REPEAT_BELOW_SECONDS) return first;
  const seconds: number[] = [];
  for (let total = 0; seconds.length < REPEATS_MAX && total < REPEATED_SECONDS_MAX;) {
    const one = await secondsOf(work);
    seconds.push(one);
    total += one;
  }
  seconds.sort((left, right) => left - right);
  return seconds[Math.floor(seconds.length / 2)] as number;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Noise: the time of a step does not depend on what it sees. */
function makeInput(sampleCount: number, phase: PhaseSettings, classCount: number): MicroBatchInput {
  const { imageSizePx: sizePx } = phase;
  const random = new RandomStream(1, 'dry-run');
  const labels = Int32Array.from({ length: sampleCount }, (_, row) => row % classCount);
  const targets = new Float32Array(sampleCount * classCount);
  for (const [row, label] of labels.entries()) targets[row * classCount + label] = 1;
  const values = sampleCount * sizePx * sizePx * 3;
  return {
    microBatch: 0,
    pixels: Uint8Array.from({ length: values }, () => random.below(256)),
    mixing: isMixing(phase) ? noMixing(sampleCount) : undefined,
    targets,
    labels,
    firstPosition: 0,
    sampleCount,
  };
}
