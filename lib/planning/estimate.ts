/**
 * What `crescendo simulate` predicts: a run's step on clusters of other sizes, by the cost model
 * (lib/planning/cost-model.ts) with the run's own model, and costs that were measured.
 */
import { CrescendoError } from '../base/errors.ts';
import { connectionSeconds, predictStep } from './cost-model.ts';
import type { ReleasedBucket, StepCosts, StepPrediction } from './step-costs.ts';
import { bytesPerValue, type ValueFormat } from '../collective/kernels/vector.ts';
import { CHUNK_ELEMENTS_MAX, planBuckets } from '../collective/buckets.ts';
import { TAIL_ELEMENTS } from '../collective/step-vector.ts';
import { FlatLayout } from '../optim/flat-layout.ts';
import type { ModeEstimate } from '../optim/modes/costs.ts';
import type { Network } from '../models/network.ts';

export interface SimulationSettings {
  readonly gpus: readonly number[];
  readonly gpusPerMachine: number;
  /** The link of each machine, in each direction. */
  readonly linkGbitPerSecond: number;
  /** Latency between machines, one way. */
  readonly latencyMicroseconds: number;
  readonly linkGbitWithinMachine: number;
  readonly stepMs: number;
  readonly batchPerGpu: number;
  readonly microBatchesPerGpu: number;
  readonly compression: ValueFormat;
  readonly mode: ModeEstimate;
  /** Standard deviation over mean of a worker's compute time. */
  readonly variation: number;
  readonly updateMs: number;
  /** True where the all-reduce runs on the core that computes. */
  readonly sharesCore: boolean;
}

export interface SimulatedSize extends StepPrediction {
  readonly gpus: number;
  /** What takes most of the step besides computing, in words, and what would help. */
  readonly limit: string;
}

/**
 * Costs of a worker's processor as measured with `bench allreduce`, `dist/bench/kernels.js` and
 * `bench scaling` on an AMD EPYC of two cores (docs/scaling.md).
 */
const PROCESSING = {
  reduceSecondsPerByte: 1 / 16e9,
  socketSecondsPerByte: 1 / 10e9,
  messageSeconds: 20e-6,
  chunkBytes: CHUNK_ELEMENTS_MAX * 4,
} as const;
const CODING_SECONDS_PER_BYTE: Readonly<Record<ValueFormat, number>> = {
  float32: 0,
  bfloat16: 1 / 40e9,
  float16: 1 / 13e9,
};

/** Commit, journal and order; per worker a report and an order, of some bytes for each share. */
const COORDINATOR = {
  stepSeconds: 1e-3,
  workerSeconds: 30e-6,
  shareSeconds: 20e-9,
  shareBytes: 8,
} as const;

/** Linux lets a connection have so much under way (net.ipv4.tcp_wmem). */
const TCP_WINDOW_BYTES = 4 * 1024 * 1024;
/** With which a connection begins again after it was idle for a while (RFC 6928; RFC 5681, 4.1). */
const TCP_INITIAL_WINDOW_BYTES = 10 * 1460;

const WITHIN_MACHINE_LATENCY_SECONDS = 10e-6;

/** Share of a micro-batch's time that the backward pass takes: twice the forward pass's. */
const BACKWARD_SHARE = 2 / 3;

export function simulate(network: Network, settings: SimulationSettings): SimulatedSize[] {
  const buckets = releasedBuckets(network, settings);
  return settings.gpus.map((gpus) => {
    const prediction = predictStep(costsOf(gpus, buckets, settings));
    return { ...prediction, gpus, limit: limitOf(prediction, settings) };
  });
}

/** Seconds until a worker has so many bytes of another machine, over one connection. */
export function transferSeconds(bytes: number, settings: SimulationSettings): number {
  const { cluster } = costsOf(1, [], settings);
  const link = cluster.betweenMachines;
  return connectionSeconds(bytes, link.bytesPerSecond, link) + link.latencySeconds;
}

function costsOf(
  gpus: number,
  buckets: readonly ReleasedBucket[],
  settings: SimulationSettings,
): StepCosts {
  const coding = CODING_SECONDS_PER_BYTE[settings.compression];
  const link = (gbit: number, latencySeconds: number): StepCosts['cluster']['withinMachine'] => ({
    latencySeconds,
    bytesPerSecond: (gbit * 1e9) / 8,
    windowBytes: TCP_WINDOW_BYTES,
    initialWindowBytes: TCP_INITIAL_WINDOW_BYTES,
  });
  return {
    cluster: {
      workers: gpus,
      workersPerMachine: settings.gpusPerMachine,
      withinMachine: link(settings.linkGbitWithinMachine, WITHIN_MACHINE_LATENCY_SECONDS),
      betweenMachines: link(settings.linkGbitPerSecond, settings.latencyMicroseconds * 1e-6),
      topology: settings.gpusPerMachine > 1 ? 'hierarchical' : 'flat',
    },
    work: {
      samplesPerWorker: settings.batchPerGpu,
      computeSeconds: settings.stepMs / 1000,
      computeVariation: settings.variation,
      applySeconds: settings.updateMs / 1000,
      stepsPerAllReduce: settings.mode.stepsPerAllReduce,
      buckets,
    },
    processing: {
      ...PROCESSING,
      encodeSecondsPerByte: coding,
      decodeSecondsPerByte: coding,
      compressionRatio: compressionRatio(settings),
      sharesCore: settings.sharesCore,
    },
    coordinator: COORDINATOR,
  };
}

/** Bytes that travel, of float32: half of them are what owners send. */
function compressionRatio({ compression, mode }: SimulationSettings): number {
  const ratio = bytesPerValue(compression) / 4;
  return mode.gather === 'weights' ? (ratio + 1) / 2 : ratio;
}

/**
 * Buckets leave in the backward pass of the last micro-batch. A bucket is taken to be whole when as
 * large a share of that pass is over as of the tensors, counted from the last, lies behind it,
 * unless the mode has all of them leave after the last step.
 */
export function releasedBuckets(
  network: Network,
  { stepMs, microBatchesPerGpu, compression, mode }: SimulationSettings,
): ReleasedBucket[] {
  const { placed, elements } = new FlatLayout(network.parameters);
  const statistics = new FlatLayout(network.statistics).elements;
  const totalElements = elements + statistics + TAIL_ELEMENTS;
  const tensorBegins = placed.map(({ begin }) => begin);
  const seconds = stepMs / 1000;
  const backward = (seconds / microBatchesPerGpu) * BACKWARD_SHARE;
  const shape = { tensorBegins, gradientElements: elements, totalElements };
  return planBuckets(shape, compression).map(({ begin, end }) => {
    const before = tensorBegins.filter((tensor) => tensor < begin).length;
    const isLast = begin >= elements || mode.leave === 'after-compute';
    const left = isLast ? 0 : before / tensorBegins.length;
    return { bytes: (end - begin) * 4, releaseSeconds: seconds - backward * left };
  });
}

function limitOf(
  { parts, stepSeconds }: StepPrediction,
  { compression, mode }: SimulationSettings,
): string {
  const { stragglerSeconds, allReduceSeconds, coordinatorSeconds } = parts;
  const smaller = compression === 'float32' ? 'communication.compression bfloat16, ' : '';
  const causes: readonly [number, string, string][] = [
    [
      stragglerSeconds,
      'waiting for the slowest worker',
      'steadier workers, or more computing between all-reduces',
    ],
    [
      allReduceSeconds,
      'the all-reduce',
      `${smaller}faster links, a larger batch per GPU, or ${mode.rarerBy}`,
    ],
    [coordinatorSeconds, 'the coordinator', `a larger batch per GPU, or ${mode.rarerBy}`],
  ];
  const [seconds, cause, help] = causes.reduce((most, one) => (one[0] > most[0] ? one : most));
  const share = (100 * seconds) / stepSeconds;
  if (share < 1) return 'nothing that takes 1 % of the step';
  return `${cause} takes ${share.toFixed(0)} % of the step; what helps: ${help}`;
}

/** A line that `bench scaling --json` prints, as far as it is read here. */
export interface CalibrationLine {
  readonly workers: number;
  readonly model: string;
  readonly batchPerWorker: number;
  readonly microBatchesPerWorker: number;
  readonly computeSeconds: number;
  readonly applySeconds: number;
  readonly computeVariation: number;
}

/**
 * Settings as one measured worker has them.
 * @param file `path` is what errors name
 * @throws CRESCENDO_CONFIG_INVALID
 */
export function calibrated(
  settings: SimulationSettings,
  file: { readonly path: string; readonly text: string },
  model: string,
): SimulationSettings {
  const invalid = (what: string): CrescendoError =>
    new CrescendoError('CRESCENDO_CONFIG_INVALID', `calibration file ${file.path}: ${what}`);
  const lines = file.text.split('\n').filter((line) => line.trim() !== '');
  const alone = lines
    .map((line, index) => calibrationLine(line, (what) => invalid(`line ${index + 1}${what}`)))
    .filter(isOfOneWorker);
  const line = alone.find((one) => one.model === model);
  if (line === undefined) {
    const others = [...new Set(alone.map((one) => one.model))];
    throw invalid(
      `it has no measured line of one worker with ${model}` +
        (others.length === 0 ? '' : `, only of ${others.join(', ')}`) +
        `: make one with "npm run -s bench -- scaling --model ${model} --json"`,
    );
  }
  return {
    ...settings,
    stepMs: line.computeSeconds * 1000,
    updateMs: line.applySeconds * 1000,
    variation: line.computeVariation,
    batchPerGpu: line.batchPerWorker,
    microBatchesPerGpu: line.microBatchesPerWorker,
  };
}

function calibrationLine(
  line: string,
  invalid: (what: string) => CrescendoError,
): CalibrationLine | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw invalid(' is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) throw invalid(' is no object');
  if ('skipped' in parsed) return undefined;
  const one = parsed as Partial<Record<keyof CalibrationLine, unknown>>;
  for (const name of FIGURES) {
    const value = one[name];
    if (typeof value === 'number' && Number.isFinite(value) && value >= 0) continue;
    throw invalid(`: ${name} is ${String(value)}, expected a number from 0`);
  }
  return parsed as CalibrationLine;
}

const FIGURES = [
  'workers',
  'batchPerWorker',
  'microBatchesPerWorker',
  'computeSeconds',
  'applySeconds',
  'computeVariation',
] as const;

function isOfOneWorker(line: CalibrationLine | undefined): line is CalibrationLine {
  return line?.workers === 1;
}
