/** `bench ops`: where the time of a traced training step goes, by op. */
import type { OpTime } from '../lib/engine/graph/op-times.ts';
import { createGraphEngine } from '../lib/engine/graph-engine.ts';
import { kernelsFor, requirePrecision } from '../lib/engine/create-engine.ts';
import { chosenVariant } from '../lib/tensorflow/install/device.ts';
import { loadTensorflow } from '../lib/tensorflow/load.ts';
import type { Kernels } from '../lib/engine/model-step.ts';
import { median } from './statistics.ts';
import {
  CLASS_COUNT,
  makeInput,
  requireModel,
  stepRunConfig,
  type StepSettings,
} from './step-config.ts';
import { barePhase } from '../lib/run/phases.ts';

export interface OpsSettings extends StepSettings {
  /** By TensorFlow's own kernels alone. */
  readonly stockKernels: boolean;
}

export interface OpsResult {
  readonly model: string;
  readonly batch: number;
  readonly imageSizePx: number;
  readonly threads: number;
  readonly device: 'cpu' | 'gpu';
  readonly kernels: Kernels;
  /** Medians over the measured steps, most first. */
  readonly ops: readonly { readonly op: string; readonly count: number; readonly ms: number }[];
}

const WARM_UP_STEPS = 3;
const MEASURED_STEPS = 10;

/** @throws CRESCENDO_CONFIG_INVALID, CRESCENDO_ENGINE_SETUP, CRESCENDO_ENGINE_UNAVAILABLE */
export async function benchOps(
  settings: OpsSettings,
  print: (line: string) => void,
): Promise<OpsResult> {
  const run = stepRunConfig(settings);
  requireModel(run);
  requirePrecision(run.engine.precision, chosenVariant(process.env));
  const { description, native, device } = await loadTensorflow(run.engine, print);
  const kernels = settings.stockKernels ? 'tensorflow' : kernelsFor(run.engine, device);
  const engine = createGraphEngine({ run, classCount: CLASS_COUNT, description, native, kernels });
  engine.enterPhase(barePhase(settings.imageSizePx));
  const input = makeInput(settings);
  const vector = new Float32Array(engine.layout.totalElements);
  for (let step = 0; step < WARM_UP_STEPS; step++) {
    await engine.computeMicroBatch(step, input, vector);
  }
  const steps: ReadonlyMap<string, OpTotal>[] = [];
  for (let step = 0; step < MEASURED_STEPS; step++) {
    steps.push(totals(await engine.profile(input, vector)));
  }
  engine.dispose();
  const { model, batch, imageSizePx, threads } = settings;
  return { model, batch, imageSizePx, threads, device, kernels, ops: medians(steps) };
}

interface OpTotal {
  count: number;
  ms: number;
}

function totals(times: readonly OpTime[]): ReadonlyMap<string, OpTotal> {
  const byOp = new Map<string, OpTotal>();
  for (const { op, microseconds } of times) {
    const total = byOp.get(op) ?? { count: 0, ms: 0 };
    byOp.set(op, { count: total.count + 1, ms: total.ms + microseconds / 1000 });
  }
  return byOp;
}

function medians(steps: readonly ReadonlyMap<string, OpTotal>[]): OpsResult['ops'] {
  const first = steps[0] ?? new Map<string, OpTotal>();
  return [...first]
    .map(([op, { count }]) => {
      const ms = median(steps.map((one) => one.get(op)?.ms ?? 0));
      return { op, count, ms: Number(ms.toFixed(2)) };
    })
    .filter(({ ms }) => ms > 0)
    .sort((left, right) => right.ms - left.ms);
}
