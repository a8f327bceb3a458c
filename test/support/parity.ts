/** The fixtures of test/parity/recipe.py, and their optimizer steps done by ours. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import type { OptimizerConfig } from '../../lib/run/run-config.ts';
import type { UpdateSettings } from '../../lib/base/update-settings.ts';
import { emaDecayAt, initialMomentsOf, UPDATE_KINDS } from '../../lib/optim/optimizer.ts';
import type { ApplyUpdate } from '../../lib/optim/training-state.ts';

interface Inputs {
  readonly parameters: readonly (readonly [name: string, elements: number, isDecayed: boolean])[];
  readonly weightDecay: number;
  readonly clipNorm: number;
  readonly weights: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly learningRates: readonly number[];
}

type Optimizers = Readonly<Record<string, readonly number[]>>;

export interface TensorflowFixture {
  readonly optimizers: Optimizers;
  readonly schedules: Readonly<
    Record<string, { readonly steps: readonly number[]; readonly values: readonly number[] }>
  > & {
    readonly settings: {
      readonly totalSteps: number;
      readonly warmupSteps: number;
      readonly stepsPerEpoch: number;
    };
  };
  readonly losses: {
    readonly logits: readonly (readonly number[])[];
    readonly targets: readonly (readonly number[])[];
    readonly softmax: number;
    readonly sigmoid: number;
  };
  readonly deviations: Readonly<
    Record<
      string,
      { readonly elements: number; readonly deviation: number; readonly largest: number }
    >
  >;
}

export interface TorchFixture {
  readonly optimizers: Optimizers;
  readonly stochasticDepthRates: readonly number[];
  readonly layerScales: {
    readonly factor: number;
    readonly stem: number;
    readonly blocks: readonly number[];
    readonly 'head.conv': number;
    readonly 'head.dense': number;
  };
  readonly losses: { readonly softmax: number; readonly sigmoid: number };
}

function read(name: string): unknown {
  const path = join(PROJECT_ROOT, 'test', 'parity', `recipe-${name}.json`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

export const INPUTS = read('inputs') as Inputs;
export const TENSORFLOW = read('tensorflow') as TensorflowFixture;
export const TORCH = read('torch') as TorchFixture;

/** What the others computed in float64, and how ours is told to compute the same. */
export const OPTIMIZER_CASES: readonly {
  readonly by: string;
  readonly name: OptimizerConfig['name'];
  readonly expected: readonly number[] | undefined;
  readonly settings?: Partial<UpdateSettings>;
  readonly emaDecay?: number;
}[] = (() => {
  const clipNorm = INPUTS.clipNorm;
  const [tensorflow, torch] = [TENSORFLOW.optimizers, TORCH.optimizers];
  const clipped = { clipNorm };
  const nesterov = { nesterov: true };
  return [
    { by: 'TensorFlow 1', name: 'rmsprop', expected: tensorflow['rmsprop'] },
    {
      by: 'TensorFlow 1, clipped',
      name: 'rmsprop',
      expected: tensorflow['rmsprop clipped'],
      settings: clipped,
    },
    {
      by: 'tf.train.ExponentialMovingAverage',
      name: 'rmsprop',
      expected: tensorflow['rmsprop ema'],
      emaDecay: 0.9,
    },
    { by: 'Keras', name: 'rmsprop-keras', expected: tensorflow['rmsprop-keras'] },
    {
      by: 'Keras, clipped',
      name: 'rmsprop-keras',
      expected: tensorflow['rmsprop-keras clipped'],
      settings: clipped,
    },
    { by: "timm's RMSpropTF", name: 'rmsprop', expected: torch['rmsprop'] },
    { by: 'PyTorch', name: 'sgd', expected: torch['sgd'] },
    {
      by: 'PyTorch, Nesterov',
      name: 'sgd',
      expected: torch['sgd nesterov'],
      settings: nesterov,
    },
    {
      by: 'PyTorch, Nesterov, clipped',
      name: 'sgd',
      expected: torch['sgd nesterov clipped'],
      settings: { ...nesterov, ...clipped },
    },
    { by: 'PyTorch', name: 'adamw', expected: torch['adamw'] },
    {
      by: 'PyTorch, clipped',
      name: 'adamw',
      expected: torch['adamw clipped'],
      settings: clipped,
    },
    { by: "timm's Lamb", name: 'lamb', expected: torch['lamb'] },
    {
      by: "timm's Lamb, clipped",
      name: 'lamb',
      expected: torch['lamb clipped'],
      settings: clipped,
    },
  ];
})();

/** The weights, or their EMA, after all steps. */
export async function optimized(
  applyUpdate: ApplyUpdate,
  name: OptimizerConfig['name'],
  changes: Partial<UpdateSettings> = {},
  emaDecay = 0,
): Promise<Float32Array> {
  const elements = INPUTS.weights.length;
  const weights = Float32Array.from(INPUTS.weights);
  const ema = emaDecay > 0 ? weights.slice() : new Float32Array(0);
  const slots = initialMomentsOf({ name } as OptimizerConfig).map((value) =>
    new Float32Array(elements).fill(value),
  );
  let at = 0;
  const segments = INPUTS.parameters.flatMap(([, size, isDecayed]) => {
    at += size;
    return [at - size, at, isDecayed ? 1 : 0];
  });
  for (const [step, gradient] of INPUTS.gradients.entries()) {
    await applyUpdate(settingsOf(name, step, changes, emaDecay), {
      weights,
      sum: Float32Array.from(gradient),
      moments: slots,
      ema,
      segments: Int32Array.from(segments),
      rates: new Float32Array(INPUTS.parameters.length).fill(1),
    });
  }
  return emaDecay > 0 ? ema : weights;
}

function settingsOf(
  name: OptimizerConfig['name'],
  step: number,
  changes: Partial<UpdateSettings>,
  emaDecay: number,
): UpdateSettings {
  return {
    kind: UPDATE_KINDS[name],
    scale: 1,
    learningRate: INPUTS.learningRates[step] as number,
    momentum: 0.9,
    nesterov: false,
    decay: 0.9,
    epsilon: 1e-3,
    beta1: 0.9,
    beta2: 0.999,
    correction1: 1 - 0.9 ** (step + 1),
    correction2: 1 - 0.999 ** (step + 1),
    weightDecay: INPUTS.weightDecay,
    clipNorm: 0,
    emaKeep: emaDecayAt(step, emaDecay),
    ...changes,
  };
}

/** Largest difference, relative to the largest expected value. */
export function largestRelativeError(
  actual: Float32Array,
  expected: readonly number[] | undefined,
): number {
  assert.ok(expected !== undefined && expected.length === actual.length, 'lengths differ');
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(
    ...expected.map((value, index) => Math.abs(value - (actual[index] as number)) / scale),
  );
}
