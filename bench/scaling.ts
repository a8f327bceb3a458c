/**
 * `bench scaling`: throughput of real training runs with 1, 2, … workers (weak scaling: each worker
 * has the same batch), without links between them and with links of given rates and delays. Rounds
 * go through all points in turn, so that a machine's mood meets all of them alike.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseRunText } from '../lib/run/parse.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import { vectorElements } from '../lib/planning/dry-run.ts';
import { prepareTensorflow } from '../lib/tensorflow/load.ts';
import { buildNetwork } from '../lib/models/registry.ts';
import { undoAtExit } from './scaling/at-exit.ts';
import { coresEach, coresOfWorker, usableCores } from './scaling/core-share.ts';
import {
  buildSwitch,
  labObstacle,
  LinkLab,
  removeLeftovers,
  type Link,
} from './scaling/link-lab.ts';
import { measureRun, type MeasuredStep } from './scaling/measured-run.ts';
import {
  summarize,
  type MeasuredRound,
  type ScalingLine,
  type ScalingPoint,
} from './scaling/result.ts';

export interface ScalingSettings {
  readonly model: string;
  readonly imageSizePx: number;
  readonly workers: readonly number[];
  /** null: no limit. */
  readonly linksGbitPerSecond: readonly (number | null)[];
  readonly delaysMs: readonly number[];
  readonly compression: string;
  readonly optimizer: string;
  /** Whether its state is sharded. */
  readonly sharded: boolean;
  /** Measured steps of each run. */
  readonly steps: number;
  readonly batchPerWorker: number;
  readonly microBatchesPerWorker: number;
  readonly rounds: number;
}

const WARM_UP_STEPS = 2;
const CLASS_COUNT = 10;

/**
 * @throws CRESCENDO_CONFIG_INVALID for a wrong model, size, batch or compression; the error of a
 * failed run
 */
export async function benchScaling(
  settings: ScalingSettings,
  print: (line: string) => void,
): Promise<ScalingLine[]> {
  const cores = usableCores();
  const workersMax = Math.max(...settings.workers);
  const network = buildNetwork(runConfig(settings, workersMax).model, CLASS_COUNT);
  await prepareTensorflow({ onProgress: print });
  const scratch = mkdtempSync(join(tmpdir(), 'crescendo-scaling-'));
  const removeScratch = undoAtExit(() => {
    rmSync(scratch, { recursive: true, force: true });
  });
  try {
    const points = pointsOf(settings);
    const lab = prepareLab(points, scratch, print);
    const rounds = new Map<ScalingPoint, MeasuredRound[]>(points.map((point) => [point, []]));
    for (let round = 0; round < settings.rounds; round++) {
      for (const point of points) {
        if (isLinked(point.link) && lab.obstacle !== undefined) continue;
        const measure = new PointMeasure(settings, point, { cores, workersMax, scratch });
        const measured = await measure.run(lab.switchProgram);
        rounds.get(point)?.push(measured);
        print(
          `round ${round + 1}/${settings.rounds}, ${describePoint(point)}: ${sketch(measured)}`,
        );
      }
    }
    return summarize(points, rounds, {
      compression: settings.compression,
      optimizer: settings.optimizer,
      sharded: settings.sharded,
      model: settings.model,
      imageSizePx: settings.imageSizePx,
      batchPerWorker: settings.batchPerWorker,
      microBatchesPerWorker: settings.microBatchesPerWorker,
      vectorBytes: 4 * vectorElements(network),
      processor: cpus()[0]?.model.trim() ?? 'unknown',
      coresPerWorker: (workers) => coresEach(cores.length, workers, workersMax),
      obstacle: lab.obstacle,
    });
  } finally {
    removeScratch();
  }
}

/**
 * One worker first, without a link: it all-reduces nothing, and is what the others are held
 * against.
 */
function pointsOf(settings: ScalingSettings): ScalingPoint[] {
  const counts = [...new Set(settings.workers)].sort((left, right) => left - right);
  const links = settings.linksGbitPerSecond.flatMap((gbitPerSecond) =>
    settings.delaysMs.map((delayMs): Link => ({ gbitPerSecond, delayMs })),
  );
  return [
    { workers: 1, link: { gbitPerSecond: null, delayMs: 0 } },
    ...counts
      .filter((workers) => workers > 1)
      .flatMap((workers) => links.map((link) => ({ workers, link }))),
  ];
}

function isLinked(link: Link): boolean {
  return link.gbitPerSecond !== null || link.delayMs > 0;
}

interface Lab {
  readonly switchProgram: string;
  readonly obstacle: string | undefined;
}

function prepareLab(
  points: readonly ScalingPoint[],
  scratch: string,
  print: (line: string) => void,
): Lab {
  if (!points.some((point) => isLinked(point.link))) {
    return { switchProgram: '', obstacle: undefined };
  }
  removeLeftovers();
  const obstacle = labObstacle();
  if (obstacle !== undefined) {
    print(`lines with links are skipped: ${obstacle}`);
    return { switchProgram: '', obstacle };
  }
  return { switchProgram: buildSwitch(scratch), obstacle: undefined };
}

interface Surroundings {
  readonly cores: readonly number[];
  readonly workersMax: number;
  readonly scratch: string;
}

class PointMeasure {
  readonly #settings: ScalingSettings;
  readonly #point: ScalingPoint;
  readonly #surroundings: Surroundings;

  constructor(settings: ScalingSettings, point: ScalingPoint, surroundings: Surroundings) {
    this.#settings = settings;
    this.#point = point;
    this.#surroundings = surroundings;
  }

  async run(switchProgram: string): Promise<MeasuredRound> {
    const { workers, link } = this.#point;
    if (!isLinked(link)) {
      const steps = await this.#steps(workers, undefined);
      return { steps, sideBySide: workers > 1 ? await this.#sideBySide() : undefined };
    }
    const lab = await LinkLab.open(switchProgram, workers + 1, link);
    try {
      return { steps: await this.#steps(workers, lab), sideBySide: undefined };
    } finally {
      lab.close();
    }
  }

  /** As many runs of one worker at once: what the machine gives without any all-reduce. */
  #sideBySide(): Promise<MeasuredStep[][]> {
    return Promise.all(
      Array.from({ length: this.#point.workers }, (_, index) => this.#steps(1, undefined, index)),
    );
  }

  async #steps(workers: number, lab: LinkLab | undefined, firstCore = 0): Promise<MeasuredStep[]> {
    const { cores, workersMax, scratch } = this.#surroundings;
    const steps = await measureRun({
      coresOf: Array.from({ length: workers }, (_, index) =>
        coresOfWorker(cores, firstCore + index, workersMax),
      ),
      lab,
      run: runFile(this.#settings, workers),
      scratch,
    });
    return steps.slice(WARM_UP_STEPS);
  }
}

/** The run file: one phase, little augmentation, so that the step is what is measured. */
function runFile(settings: ScalingSettings, workers: number): object {
  const { model, imageSizePx: size, compression, optimizer, sharded, steps } = settings;
  const none = { min: 0, max: 0 };
  return {
    model: { name: model },
    dataset: { name: 'fashion-mnist', validationSamplesMax: 16 },
    batch: {
      globalSize: workers * settings.batchPerWorker,
      microBatches: workers * settings.microBatchesPerWorker,
    },
    training: {
      steps: steps + WARM_UP_STEPS,
      optimizer: { name: optimizer, sharded },
      learningRate: { peak: 0.01 },
    },
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
    // A worker without a core of its own may be late with a heartbeat.
    cluster: { minWorkers: workers, heartbeatTimeoutMs: 120_000 },
    ...(compression === 'float32' ? {} : { communication: { compression } }),
  };
}

function runConfig(settings: ScalingSettings, workers: number): RunConfig {
  return parseRunText(JSON.stringify(runFile(settings, workers)), 'bench scaling');
}

export function describePoint({ workers, link }: ScalingPoint): string {
  const rate = link.gbitPerSecond === null ? 'no limit' : `${link.gbitPerSecond} Gbit/s`;
  return `${workers} worker(s), ${rate}, ${link.delayMs} ms`;
}

function sketch({ steps }: MeasuredRound): string {
  const seconds = steps.reduce((sum, step) => sum + step.stepSeconds, 0);
  const samples = steps.reduce((sum, step) => sum + step.samples, 0);
  return `${(samples / seconds).toFixed(1)} images/s`;
}
