/** The multiply-adds of the models' tables against those of the graphs that are built from them. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import { defaultModelConfig } from '../../lib/run/parse.ts';
import { GraphRecorder } from '../../lib/engine/graph/recorder.ts';
import { loadTensorflow, type LoadedTensorflow } from '../../lib/tensorflow/load.ts';
import { inferenceStep } from '../../lib/engine/model-step.ts';
import type { GraphOutput, NativeAddon } from '../../lib/tensorflow/addon.ts';
import type { Network } from '../../lib/models/network.ts';
import { buildNetwork, listModels } from '../../lib/models/registry.ts';

let loaded: LoadedTensorflow;

before(async () => {
  loaded = await loadTensorflow({ intraOpThreads: 1 });
});

type Shape = readonly number[];

function product(shape: Shape): number {
  return shape.reduce((left, right) => left * right, 1);
}

/** Multiply-adds of one op, from the shapes of its inputs and its output. */
function multiplyAddsOf(op: string, inputs: readonly Shape[], output: Shape): number {
  const [left, right] = inputs as [Shape, Shape];
  switch (op) {
    case 'Conv2D':
      return product(output) * product(right.slice(0, 3));
    case 'DepthwiseConv2dNative':
      return product(output) * product(right.slice(0, 2));
    case 'MatMul':
    case 'BatchMatMulV2':
      // The contracted size, whichever sides are transposed.
      return Math.sqrt(
        (product(left) * product(right) * product(output)) /
          (op === 'MatMul' ? 1 : product(output.slice(0, -2))),
      );
    default:
      return 0;
  }
}

/** Multiply-adds of the recorded inference of one image. */
function recordedMultiplyAdds(network: Network, sizePx: number): number {
  const shapes = new Map<number, Shape>();
  let sum = 0;
  const remember = (output: GraphOutput): void => {
    shapes.set(output.id, output.shape);
  };
  const counting: NativeAddon = Object.assign(Object.create(loaded.native) as NativeAddon, {
    addOperation: (...args: Parameters<NativeAddon['addOperation']>): GraphOutput[] => {
      const outputs = loaded.native.addOperation(...args);
      outputs.forEach(remember);
      const inputs = args[3].flat().map((id) => shapes.get(id) ?? []);
      sum += multiplyAddsOf(args[1], inputs, outputs[0]?.shape ?? []);
      return outputs;
    },
    addConstant: (...args: Parameters<NativeAddon['addConstant']>): GraphOutput => {
      const output = loaded.native.addConstant(...args);
      remember(output);
      return output;
    },
  });
  const recorder = new GraphRecorder(counting);
  recorder.record(() => {
    tf.tidy(() => {
      const [parameters, statistics] = [network.parameters, network.statistics].map((specs) =>
        specs.map(({ shape }) => recorder.placeholder(shape)),
      ) as [tf.Tensor[], tf.Tensor1D[]];
      const images = recorder.placeholder([1, sizePx, sizePx, 3]) as tf.Tensor4D;
      const targets = recorder.placeholder([1, network.classCount]) as tf.Tensor2D;
      inferenceStep(network, parameters, statistics, images, targets, 'softmax');
    });
  });
  return sum;
}

test('multiply-adds counted from the tables are those of the recorded graphs', () => {
  for (const { name, multiplyAdds, evaluationImageSizePx, trainableParameters } of listModels()) {
    if (trainableParameters > 100e6) continue; // The same tables with more layers.
    const network = buildNetwork(defaultModelConfig(name), 1000);
    const recorded = recordedMultiplyAdds(network, evaluationImageSizePx);
    assert.equal(recorded, multiplyAdds, name);
  }
});

test('with a stem of stride 1 a map is as large as with stride 2 of images twice as large', () => {
  for (const name of ['efficientnetv2-b0', 'efficientnet-b0', 'coatnet-0', 'resnet-50']) {
    const config = defaultModelConfig(name);
    const at = (stemStride: number, tableImageSizePx: number): Network => {
      const coatnet = { ...config.coatnet, tableImageSizePx };
      return buildNetwork({ ...config, stemStride, coatnet }, 10);
    };
    const network = at(1, 32);
    const recorded = recordedMultiplyAdds(network, 32);
    assert.equal(recorded, network.multiplyAdds(32), name);
    const usual = at(2, 64);
    // A ResNet's stem pools too, and has another kernel.
    if (name === 'resnet-50') assert.ok(recorded > 3 * usual.multiplyAdds(64), name);
    else assert.equal(recorded, usual.multiplyAdds(64), name);
  }
});
