/** The gradient of one micro-batch in training, for comparison with another framework's. */
import assert from 'node:assert/strict';
import { parseRunText } from '../../lib/run/parse.ts';
import { createEngine } from '../../lib/engine/create-engine.ts';
import type { NamedTensor } from '../../lib/weights/named-tensor.ts';
import { FlatLayout } from '../../lib/optim/flat-layout.ts';
import type { Network } from '../../lib/models/network.ts';
import { readNpy } from '../../lib/weights/npy.ts';
import { barePhase } from '../../lib/run/phases.ts';

export interface TrainingResult {
  readonly lossSum: number;
  readonly gradients: readonly NamedTensor[];
}

/**
 * Gradients of the cross-entropy summed over the samples; sample i has class i modulo classes.
 */
export async function trainingGradient(
  model: object,
  network: Network,
  weights: readonly NamedTensor[],
  inputPath: string,
): Promise<TrainingResult> {
  const { shape, values: images } = readNpy(inputPath);
  const [sampleCount, imageSizePx] = shape as [number, number];
  const { classCount } = network;
  const run = parseRunText(
    JSON.stringify({
      model: { ...model, stochasticDepthRate: 0 },
      training: { labelSmoothing: 0, emaDecay: 0 },
      engine: { intraOpThreads: 2 },
    }),
    'parity',
  );
  const engine = await createEngine(run, classCount);
  engine.importWeights(weights);
  engine.enterPhase(barePhase(imageSizePx));
  const labels = Int32Array.from({ length: sampleCount }, (_, row) => row % classCount);
  const targets = new Float32Array(sampleCount * classCount);
  for (const [row, label] of labels.entries()) targets[row * classCount + label] = 1;
  const vector = new Float32Array(engine.layout.totalElements);
  const input = {
    microBatch: 0,
    pixels: pixelsOf(images),
    mixing: undefined,
    targets,
    labels,
    firstPosition: 0,
    sampleCount,
  };
  await engine.computeMicroBatch(0, input, vector);
  const { gradientElements, statisticElements } = engine.layout;
  engine.dispose();
  return {
    lossSum: vector[gradientElements + statisticElements] as number,
    gradients: new FlatLayout(network.parameters).cut(vector.subarray(0, gradientElements)),
  };
}

/** The bytes that images of (byte - 128) / 128 are made of. @throws for other images */
function pixelsOf(images: Float32Array): Uint8Array {
  return Uint8Array.from(images, (value) => {
    const byte = value * 128 + 128;
    assert.ok(Number.isInteger(byte) && byte >= 0 && byte <= 255, `${value} is no pixel`);
    return byte;
  });
}
