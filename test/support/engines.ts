/** Small engines and inputs for tests. */
import { createEngine } from '../../lib/engine/create-engine.ts';
import type { Engine } from '../../lib/engine/engine.ts';
import type { MicroBatchInput } from '../../lib/data/micro-batch.ts';
import { parseRunText } from '../../lib/run/parse.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import { RandomStream } from '../../lib/base/random.ts';
import { smallRun, type RunOverrides } from './run-files.ts';
import { barePhase } from '../../lib/run/phases.ts';

export const CLASS_COUNT = 4;

export function aRun(overrides: RunOverrides = {}): RunConfig {
  return parseRunText(smallRun({ engine: { name: 'js' }, ...overrides }), 'test');
}

/** A small CoAtNet whose last map has four tokens at 40 px, and tables that are resized for it. */
export const SMALL_COATNET = {
  model: {
    name: 'coatnet-0',
    widthMultiplier: 0.3,
    depthMultiplier: 0.2,
    coatnet: { tableImageSizePx: 64 },
  },
  sizePx: 40,
} as const;

/** A small ResNet with two pixels left on the last map's side at 40 px. */
export const SMALL_RESNET = {
  model: { name: 'resnet-50', widthMultiplier: 0.125, depthMultiplier: 0.4 },
  sizePx: 40,
} as const;

/** A small airbench network, whose last map has four pixels at 40 px. */
export const SMALL_AIRBENCH = {
  model: { name: 'airbench-94', widthMultiplier: 0.125, stemStride: 2 },
  sizePx: 40,
} as const;

/** A small ViT with four patches at 40 px, and position embeddings that are resized for them. */
export const SMALL_VIT = {
  model: { name: 'vit-b16', widthMultiplier: 0.15, depthMultiplier: 0.15 },
  sizePx: 40,
} as const;

/** An engine in a phase of 12 px without dropout, unless told otherwise. */
export async function anEngine(
  overrides: RunOverrides = {},
  dropoutRate = 0,
  sizePx = 12,
): Promise<Engine> {
  const engine = await createEngine(aRun(overrides), CLASS_COUNT);
  engine.enterPhase({ ...barePhase(sizePx), dropoutRate });
  return engine;
}

/** Draws kernels that start at zero, since gradients do not get past them. */
export function withoutZeroKernels(engine: Engine): void {
  const drawn = engine.exportWeights('raw').map((one) => {
    if (!one.name.endsWith('.kernel') || one.values.some((value) => value !== 0)) return one;
    const random = new RandomStream(3, `test/${one.name}`);
    return { ...one, values: one.values.map(() => 0.1 * random.normal()) };
  });
  engine.importWeights(drawn);
}

export function anInput(sampleCount: number, firstPosition = 0, sizePx = 12): MicroBatchInput {
  const random = new RandomStream(3, 'test-input', firstPosition);
  const targets = new Float32Array(sampleCount * CLASS_COUNT);
  const labels = Int32Array.from({ length: sampleCount }, (_, row) => row % CLASS_COUNT);
  for (const [row, label] of labels.entries()) targets[row * CLASS_COUNT + label] = 1;
  return {
    microBatch: 0,
    pixels: Uint8Array.from({ length: sampleCount * sizePx * sizePx * 3 }, () =>
      Math.min(255, Math.max(0, Math.round(128 + 64 * random.normal()))),
    ),
    mixing: undefined,
    targets,
    labels,
    firstPosition,
    sampleCount,
  };
}

/** Pixels as the first layer gets them. */
export function normalized(pixels: Uint8Array): Float32Array {
  return Float32Array.from(pixels, (value) => (value - 128) / 128);
}

/** The vector of one micro-batch. */
export async function compute(
  engine: Engine,
  input: MicroBatchInput,
  step = 0,
): Promise<Float32Array> {
  const output = new Float32Array(engine.layout.totalElements);
  await engine.computeMicroBatch(step, input, output);
  return output;
}
