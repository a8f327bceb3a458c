/**
 * `bench loader`: what reading images costs a training step where cores suffice: steps that get
 * their images from the loader, as a worker's do, and steps with one batch that is there already,
 * in turns in one process.
 */
import { cpus } from 'node:os';
import { openBatchSource } from '../../lib/data/open-batch-source.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import { createEngine } from '../../lib/engine/create-engine.ts';
import { createRendererFor } from '../../lib/engine/create-renderer.ts';
import { parseRun } from '../../lib/run/parse.ts';
import { planPhases } from '../../lib/run/phases.ts';
import { InputQueue } from '../../worker/compute/inputs.ts';
import { median } from '../statistics.ts';

export interface LoaderSettings {
  readonly model: string;
  readonly width: number;
  readonly depth: number;
  readonly batch: number;
  readonly size: number;
  readonly rounds: number;
}

export interface LoaderResult extends LoaderSettings {
  /** Medians of a step with the loader, and with a batch that is there. */
  readonly stepMs: number;
  readonly cachedStepMs: number;
  /** The one over the other; median of the rounds. */
  readonly ratioToCached: number;
  /** For which a step waited for its images. */
  readonly waitMs: number;
  /** Processor time that reading adds to a step. */
  readonly readCpuMs: number;
  readonly processor: string;
}

interface Step {
  readonly ms: number;
  readonly waitMs: number;
  readonly cpuMs: number;
}

const STEPS_PER_ROUND = 8;
const WARM_UP_STEPS = 5;
const LEARNING_RATE = 0.01;

/** @throws CRESCENDO_CONFIG_INVALID, and what the engine and the dataset throw */
export async function benchLoader(
  settings: LoaderSettings,
  print: (line: string) => void,
): Promise<LoaderResult> {
  const step = await stepper(settings);
  const rounds: { readonly loaded: Step[]; readonly cached: Step[] }[] = [];
  const several = async (isCached: boolean, count: number): Promise<Step[]> => {
    const steps: Step[] = [];
    while (steps.length < count) steps.push(await step(isCached));
    // The first one may still have to wait, because nobody has read ahead for it.
    return steps.slice(1);
  };
  for (const isCached of [true, false]) await several(isCached, WARM_UP_STEPS);
  for (let round = 0; round < settings.rounds; round++) {
    const isCachedFirst = round % 2 === 0;
    const first = await several(isCachedFirst, STEPS_PER_ROUND);
    const second = await several(!isCachedFirst, STEPS_PER_ROUND);
    const [cached, loaded] = isCachedFirst ? [first, second] : [second, first];
    rounds.push({ cached, loaded });
    print(`round ${round + 1} of ${settings.rounds}: ${midMs(loaded)} and ${midMs(cached)} ms`);
  }
  const loaded = rounds.flatMap((one) => one.loaded);
  const cached = rounds.flatMap((one) => one.cached);
  const ratios = rounds.map((one) => midMs(one.loaded) / midMs(one.cached));
  const cpuMs = (steps: readonly Step[]): number => median(steps.map((one) => one.cpuMs));
  return {
    ...settings,
    stepMs: midMs(loaded),
    cachedStepMs: midMs(cached),
    ratioToCached: rounded(median(ratios), 3),
    waitMs: rounded(median(loaded.map(({ waitMs }) => waitMs)), 3),
    readCpuMs: rounded(cpuMs(loaded) - cpuMs(cached), 2),
    processor: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  };
}

/** Makes steps of one worker that has the whole global batch. */
async function stepper(settings: LoaderSettings): Promise<(isCached: boolean) => Promise<Step>> {
  const run = parseRun(runFile(settings), 'bench loader');
  const source = await openBatchSource(run, await createRendererFor(run.engine));
  const engine = await createEngine(run, source.classNames.length);
  const inputs = new InputQueue(source, run.batch, Infinity);
  const [phase] = planPhases(run.schedule, 1, run.recipe);
  if (phase === undefined) throw new Error('a run without a phase');
  engine.enterPhase(phase);
  const target = new Float32Array(new SharedArrayBuffer(engine.layout.totalElements * 4));
  let number = 0;
  let kept: MicroBatchInput | undefined;
  return async (isCached) => {
    const usage = process.cpuUsage();
    const startMs = performance.now();
    const input = isCached && kept !== undefined ? kept : await inputs.input(number, 0, phase);
    if (isCached) kept = input;
    const waitMs = performance.now() - startMs;
    const computed = engine.accumulateMicroBatch(number, input, { held: [], target });
    if (!isCached) inputs.prefetch(number + 1, 0, phase);
    await computed;
    await engine.applyUpdate(number, LEARNING_RATE, target);
    number++;
    const { user, system } = process.cpuUsage(usage);
    return { ms: performance.now() - startMs, waitMs, cpuMs: (user + system) / 1000 };
  };
}

function runFile({ model, width, depth, batch, size }: LoaderSettings): object {
  const none = { min: 0, max: 0 };
  return {
    model: { name: model, widthMultiplier: width, depthMultiplier: depth },
    dataset: { name: 'cifar-10' },
    batch: { globalSize: batch, microBatches: 1 },
    schedule: {
      phases: 1,
      imageSizePx: { min: size, max: size },
      randAugmentMagnitude: none,
      mixupAlpha: none,
      cutmixAlpha: none,
    },
    augmentation: { horizontalFlip: true, crop: 'pad' },
    evaluation: { imageSizePx: size },
    engine: { name: 'tensorflow', intraOpThreads: 1 },
  };
}

function midMs(steps: readonly Step[]): number {
  return rounded(median(steps.map(({ ms }) => ms)), 2);
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
