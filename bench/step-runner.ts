/**
 * The measured process of `bench step`: one engine, driven by lines on standard input.
 * `steps N` answers the milliseconds of N training steps, `gradient FILE` writes the vector of a
 * step at the initial weights, `phase` the time of the first step of a new phase of that size,
 * after one of another size, `peak` answers the most memory the process has held.
 */
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { CrescendoError, messageOf } from '../lib/base/errors.ts';
import type { Engine } from '../lib/engine/engine.ts';
import { kernelsFor } from '../lib/engine/create-engine.ts';
import { createGraphEngine } from '../lib/engine/graph-engine.ts';
import { loadTensorflow } from '../lib/tensorflow/load.ts';
import { createTfjsEngine } from '../lib/engine/tfjs-engine.ts';
import { CLASS_COUNT, makeInput, stepRunConfig, type StepRunnerSettings } from './step-config.ts';
import { barePhase } from '../lib/run/phases.ts';

const LEARNING_RATE = 0.01;

interface Engines {
  /** What is timed. */
  readonly timed: Engine;
  /** What the gradients are compared of: by the same kernels, traced and eager. */
  readonly compared: Engine;
}

async function makeEngines(settings: StepRunnerSettings): Promise<Engines> {
  const run = stepRunConfig(settings);
  const { description, native, device } = await loadTensorflow(run.engine);
  const options = { run, classCount: CLASS_COUNT, description };
  const kernels = kernelsFor(run.engine, device);
  const engines = ((): Engines => {
    if (settings.engine === 'graph') {
      const engine = createGraphEngine({ ...options, native, kernels });
      return { timed: engine, compared: engine };
    }
    // Timed as tfjs users have it, on TensorFlow's kernels, its fused batch norm included.
    return {
      timed: createTfjsEngine({ ...options, kernels: 'tensorflow' }),
      compared: createTfjsEngine({ ...options, kernels }),
    };
  })();
  engines.timed.enterPhase(barePhase(settings.imageSizePx));
  engines.compared.enterPhase(barePhase(settings.imageSizePx));
  return engines;
}

/** One line, which the parent shows; a stack only for what is a fault of this project. */
function endWith(error: unknown): never {
  const isExpected = error instanceof CrescendoError && error.code !== 'CRESCENDO_INVARIANT';
  const text = isExpected
    ? `error ${error.code}: ${messageOf(error)}`
    : String((error as Error).stack);
  process.stderr.write(text + '\n');
  process.exit(1);
}
process.on('uncaughtException', endWith);

const settings = JSON.parse(process.argv[2] as string) as StepRunnerSettings;
const { timed, compared } = await makeEngines(settings);
const input = makeInput(settings);
const vector = new Float32Array(timed.layout.totalElements);
let step = 0;

async function timedStep(): Promise<number> {
  const start = performance.now();
  await timed.computeMicroBatch(step, input, vector);
  await timed.applyUpdate(step, LEARNING_RATE, vector);
  step++;
  return performance.now() - start;
}

/** From leaving a phase of half the size to the end of the first step of this one. */
async function phaseChange(): Promise<number> {
  const other = { ...settings, imageSizePx: settings.imageSizePx / 2 };
  timed.enterPhase(barePhase(other.imageSizePx));
  await timed.computeMicroBatch(step, makeInput(other), vector);
  const start = performance.now();
  timed.enterPhase(barePhase(settings.imageSizePx));
  await timed.computeMicroBatch(step, input, vector);
  return performance.now() - start;
}

async function answerTo(line: string): Promise<unknown> {
  const [command, argument = ''] = line.split(' ', 2);
  if (command === 'peak') return { bytes: process.resourceUsage().maxRSS * 1024 };
  if (command === 'gradient') {
    const start = performance.now();
    await compared.computeMicroBatch(0, input, vector);
    const { gradientElements } = compared.layout;
    const gradient = vector.subarray(0, gradientElements);
    writeFileSync(
      argument,
      gradient.map((value) => value / compared.lossScale),
    );
    return { firstStepMs: performance.now() - start };
  }
  if (command === 'phase') return { ms: await phaseChange() };
  const ms: number[] = [];
  for (let left = Number(argument); left > 0; left--) ms.push(await timedStep());
  return { ms };
}

process.stdout.write(JSON.stringify({ ready: timed.description }) + '\n');
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(await answerTo(line)) + '\n');
}
