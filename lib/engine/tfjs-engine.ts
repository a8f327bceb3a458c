/**
 * The engine that lets tfjs execute each op at once. It is the one of pure JavaScript, and on
 * TensorFlow what the recorded graph is compared with.
 */
import * as tf from '@tensorflow/tfjs-core';
import { defined } from '../base/errors.ts';
import { BaseEngine, oneHotRows, type EngineOptions } from './base-engine.ts';
import { TAIL_ELEMENTS } from '../collective/step-vector.ts';
import type { Engine, EvaluationCounts, Prediction } from './engine.ts';
import type { MicroBatchInput } from '../data/micro-batch.ts';
import type { Mixing } from '../data/transforms/mixing.ts';
import { mixingShapes, mixingValues, normalized, type MixingTensors } from './input-images.ts';
import { drawMasks } from './masks.ts';
import { inferenceStep, trainingStep, type Kernels, type StepTensors } from './model-step.ts';
import { adoptInJavaScript, updateInJavaScript } from '../optim/optimizer.ts';
import { frozenNormTensors } from './ops/frozen-batch-norm.ts';
import type { StatisticSpec } from '../models/nn/layout.ts';
import type { UpdateRules } from '../optim/training-state.ts';

export interface TfjsEngineOptions extends EngineOptions {
  readonly kernels: Kernels;
  /** By default those in JavaScript. */
  readonly rules?: UpdateRules;
}

class TfjsEngine extends BaseEngine {
  readonly #kernels: Kernels;

  constructor(options: TfjsEngineOptions) {
    super(
      options,
      (elements) => new Float32Array(elements),
      options.rules ?? { apply: updateInJavaScript, adopt: adoptInJavaScript },
    );
    this.#kernels = options.kernels;
  }

  override prepare(): void {
    // Nothing to prepare where each op runs by itself.
  }

  protected override compute(
    _step: number,
    input: MicroBatchInput,
    output: Float32Array,
  ): Promise<void> {
    const { network, state, run } = this;
    const phase = defined(this.phase, 'phase');
    const { sampleCount: batch } = input;
    const { labelSmoothing, loss } = run.training;
    const size = phase.imageSizePx;
    const masks = drawMasks(network, run.seed, input, phase);
    output.fill(0);
    tf.tidy(() => {
      const step = trainingStep(
        { network, labelSmoothing, loss, kernels: this.#kernels },
        this.#parameters('raw'),
        {
          pixels: imageTensor(input.pixels, batch, size),
          mixing: input.mixing && mixingTensors(input.mixing, size),
          targets: tf.tensor2d(input.targets, [batch, network.classCount]),
          dropoutMask:
            masks.dropout && tf.tensor2d(masks.dropout, [batch, network.featureChannels]),
          lossScale: this.lossScale === 1 ? undefined : tf.scalar(this.lossScale),
          residualMasks: masks.residual.map((mask) => mask && tf.tensor4d(mask, [batch, 1, 1, 1])),
          frozenNorms: frozenNormTensors(state, (entry) => this.#statistic(entry)),
        },
      );
      for (const [index, gradient] of step.gradients.entries()) {
        output.set(read(gradient), state.parameters.placed[index]?.begin);
      }
      const offset = this.layout.gradientElements;
      for (const [index, statistic] of step.statistics.entries()) {
        output.set(read(statistic), offset + (state.statisticsLayout.placed[index]?.begin ?? 0));
      }
      const lossSum = read(step.lossSum)[0] as number;
      const isFinite = Number.isFinite(lossSum) && output.every((value) => Number.isFinite(value));
      const tail = this.tailOf(input, { lossSum, logits: read(step.logits), isFinite });
      output.set(tail, output.length - TAIL_ELEMENTS);
    });
    return Promise.resolve();
  }

  override evaluate(
    pixels: Uint8Array,
    labels: Int32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Promise<EvaluationCounts> {
    const { classCount } = this.network;
    const oneHot = oneHotRows(labels, classCount);
    const { logits, lossSum } = this.#infer(pixels, oneHot, sampleCount, imageSizePx, weights);
    return Promise.resolve(this.counts(logits, labels, sampleCount, lossSum));
  }

  override predict(
    images: Float32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Promise<Prediction> {
    const noTargets = new Float32Array(sampleCount * this.network.classCount);
    return Promise.resolve(this.#infer(images, noTargets, sampleCount, imageSizePx, weights));
  }

  #infer(
    input: Uint8Array | Float32Array,
    oneHot: Float32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): Prediction & { readonly lossSum: number } {
    return tf.tidy(() => {
      const result = inferenceStep(
        this.network,
        this.#parameters(weights),
        this.#statistics(weights),
        input instanceof Uint8Array
          ? normalized(imageTensor(input, sampleCount, imageSizePx))
          : imageTensor(input, sampleCount, imageSizePx),
        tf.tensor2d(oneHot, [sampleCount, this.network.classCount]),
        this.run.training.loss,
      );
      return {
        logits: read(result.logits),
        features: read(result.features),
        lossSum: read(result.lossSum)[0] as number,
      };
    });
  }

  override memory(): { tensorCount: number; bytes: number } {
    const { numTensors, numBytes } = tf.memory();
    return { tensorCount: numTensors, bytes: numBytes };
  }

  override dispose(): void {
    // No tensor outlives a call.
  }

  #parameters(weights: 'raw' | 'ema'): tf.Tensor[] {
    const { parameters } = this.state;
    const views = parameters.views(this.state.weightsOf(weights));
    return views.map((view, i) =>
      tf.tensor(view.slice(), [...(parameters.placed[i]?.entry.shape ?? [])]),
    );
  }

  #statistic(entry: StatisticSpec): tf.Tensor1D {
    const { statistics, statisticsLayout } = this.state;
    const { begin, end } = defined(
      statisticsLayout.placed.find((one) => one.entry === entry),
      entry.name,
    );
    return tf.tensor1d(statistics.slice(begin, end));
  }

  #statistics(weights: 'raw' | 'ema'): tf.Tensor1D[] {
    const views = this.state.statisticsLayout.views(this.state.statisticsOf(weights));
    return views.map((view) => tf.tensor1d(view.slice()));
  }
}

function read(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync<'float32'>();
}

/** An engine on the tfjs backend that is set. */
export function createTfjsEngine(options: TfjsEngineOptions): Engine {
  return new TfjsEngine(options);
}

function imageTensor(
  values: Uint8Array | Float32Array,
  batch: number,
  sizePx: number,
): tf.Tensor4D {
  return tf.tensor4d(Float32Array.from(values), [batch, sizePx, sizePx, 3]);
}

function mixingTensors(mixing: Mixing, sizePx: number): StepTensors['mixing'] {
  const shapes = mixingShapes(mixing.ratios.length, sizePx);
  const values = mixingValues(mixing, sizePx);
  const tensor = (name: keyof MixingTensors): tf.Tensor4D =>
    tf.tensor4d(values[name], shapes[name]);
  return {
    mixupCount: mixing.mixupCount,
    ratios: tensor('ratios'),
    boxRows: tensor('boxRows'),
    boxColumns: tensor('boxColumns'),
  };
}
