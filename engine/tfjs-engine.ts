/**
 * The engine on tfjs, eager. Weights are one flat tensor; parameters are views cut out of it inside
 * the differentiated function, so the gradient comes out flat, in layout order. B batch, P elements
 * of the parameter vector, M of the moving statistics.
 */
import * as tf from '@tensorflow/tfjs-core';
import { assert, CrescendoError, defined } from '../base/errors.ts';
import { RandomStream } from '../base/random.ts';
import type { RunConfig } from '../config/run-config.ts';
import {
  layoutOf,
  type ModelSpec,
  type ParameterSpec,
  type StatisticSpec,
} from '../models/efficientnetv2.ts';
import { forward, type ForwardContext } from '../models/forward.ts';
import { initialValues } from '../models/initial-weights.ts';
import { modelSpec } from '../models/registry.ts';
import type { PhaseSettings } from '../schedule/progressive.ts';
import {
  BATCH_NORM_EPSILON,
  composedBatchNorm,
  fusedBatchNorm,
  swish,
  type NormalisedBatch,
} from './batch-norm.ts';
import {
  TAIL_ELEMENTS,
  type AppliedStep,
  type Engine,
  type EvaluationCounts,
  type MicroShardInput,
  type NamedTensor,
  type VectorLayout,
} from './engine.ts';
import { FlatLayout } from './flat-layout.ts';
import { emaDecayAt, initialSlots, updateWeights } from './optimizer.ts';

export interface TfjsEngineOptions {
  readonly run: RunConfig;
  readonly classCount: number;
  readonly description: string;
  /** Whether the backend has TensorFlow's fused ops. */
  readonly fusedOps: boolean;
}

/** Tensors that live from step to step, all flat. */
interface State {
  weights: tf.Tensor1D;
  statistics: tf.Tensor1D;
  slots: tf.Tensor1D[];
  emaWeights: tf.Tensor1D;
  emaStatistics: tf.Tensor1D;
}

class TfjsEngine implements Engine {
  readonly layout: VectorLayout;
  readonly description: string;
  readonly #run: RunConfig;
  readonly #spec: ModelSpec;
  readonly #fusedOps: boolean;
  readonly #parameters: FlatLayout<ParameterSpec>;
  readonly #statistics: FlatLayout<StatisticSpec>;
  /** 1 where weight decay applies (kernels), else 0. */
  readonly #decayMask: tf.Tensor1D;
  readonly #state: State;
  #phase: PhaseSettings | undefined;

  constructor(options: TfjsEngineOptions) {
    this.#run = options.run;
    this.#spec = modelSpec(options.run.model, options.classCount);
    this.#fusedOps = options.fusedOps;
    this.description = options.description;
    const { parameters, statistics } = layoutOf(this.#spec);
    this.#parameters = new FlatLayout(parameters);
    this.#statistics = new FlatLayout(statistics);
    this.layout = {
      parameterElements: this.#parameters.elements,
      statisticElements: this.#statistics.elements,
      totalElements: this.#parameters.elements + this.#statistics.elements + TAIL_ELEMENTS,
    };
    const weights = this.#parameters.fill((parameter) =>
      initialValues(parameter, options.run.seed),
    );
    const moving = this.#statistics.fill((one) =>
      new Float32Array(one.shape[0]).fill(one.kind === 'variance' ? 1 : 0),
    );
    const isDecayed = (kind: ParameterSpec['kind']): boolean =>
      kind === 'kernel' || kind === 'depthwise' || kind === 'dense';
    this.#decayMask = tf.tensor1d(
      this.#parameters.fill((one) =>
        new Float32Array(one.shape.reduce((a, b) => a * b, 1)).fill(isDecayed(one.kind) ? 1 : 0),
      ),
    );
    const slots = initialSlots(options.run.training.optimizer, weights.length);
    this.#state = {
      weights: tf.tensor1d(weights),
      statistics: tf.tensor1d(moving),
      slots: slots.map((slot) => tf.tensor1d(slot)),
      emaWeights: tf.tensor1d(weights),
      emaStatistics: tf.tensor1d(moving),
    };
  }

  enterPhase(phase: PhaseSettings): void {
    this.#phase = phase;
  }

  computeMicroShard(_step: number, input: MicroShardInput, output: Float32Array): void {
    assert(
      output.length === this.layout.totalElements,
      'output has another length than the layout',
    );
    if (input.sampleCount === 0) {
      output.fill(0);
      return;
    }
    const phase = defined(this.#phase, 'phase');
    const classCount = this.#spec.classCount;
    tf.tidy(() => {
      const batch = input.sampleCount;
      const size = phase.imageSizePx;
      const images = tf.tensor4d(input.images, [batch, size, size, 3]);
      const targets = this.#smoothed(tf.tensor2d(input.targets, [batch, classCount]));
      const masks = this.#masks(input, phase);
      const normalised: NormalisedBatch[] = [];
      let logits: tf.Tensor2D | undefined;
      const lossSum = (flat: tf.Tensor): tf.Scalar => {
        const context = this.#trainingContext(flat as tf.Tensor1D, masks, normalised);
        const output_BK = forward(this.#spec, images, context);
        logits = tf.keep(tf.clone(output_BK));
        return crossEntropySum(output_BK, targets);
      };
      const { value, grad } = tf.valueAndGrad(lossSum)(this.#state.weights);
      const statistics = normalised.flatMap((one) => [one.mean, one.variance]);
      const flat = tf.concat([
        grad as tf.Tensor1D,
        tf.mul(tf.concat(statistics), batch) as tf.Tensor1D,
      ]);
      output.set(flat.dataSync<'float32'>());
      const scores = defined(logits, 'logits');
      const correct = countCorrect(
        scores.dataSync<'float32'>(),
        input.labels,
        classCount,
        batch,
        1,
      );
      this.#writeTail(output, value.dataSync<'float32'>()[0] as number, correct, batch);
      tf.dispose([...statistics, scores]);
    });
  }

  applyUpdate(step: number, learningRate: number, sum: Float32Array): AppliedStep {
    const { parameterElements: p, statisticElements: m } = this.layout;
    const [lossSum, correct, samples, nonFinite] = sum.subarray(p + m) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const result = { meanLoss: lossSum / samples, accuracyRatio: correct / samples };
    if (nonFinite > 0) return { ...result, gradientNorm: Number.NaN, skipped: true };
    const { training, model } = this.#run;
    const state = this.#state;
    let gradientNorm = 0;
    const next = tf.tidy(() => {
      // Copied, because the caller's vector is shared memory that changes with the next step.
      let gradient = tf.div(tf.tensor1d(sum.slice(0, p)), samples) as tf.Tensor1D;
      if (training.weightDecay > 0) {
        const decay = tf.mul(tf.mul(state.weights, this.#decayMask), training.weightDecay);
        gradient = tf.add(gradient, decay);
      }
      gradientNorm = tf.norm(gradient).dataSync<'float32'>()[0] as number;
      const updated = updateWeights(
        training.optimizer,
        learningRate,
        state.weights,
        gradient,
        state.slots,
      );
      const batchStatistics = tf.div(tf.tensor1d(sum.slice(p, p + m)), samples) as tf.Tensor1D;
      const statistics = blend(state.statistics, batchStatistics, model.batchNormMomentum);
      const keep = emaDecayAt(step, training.emaDecay);
      return {
        ...updated,
        statistics,
        emaWeights: blend(state.emaWeights, updated.weights, keep),
        emaStatistics: blend(state.emaStatistics, statistics, keep),
      };
    });
    this.#replaceState(next);
    return { ...result, gradientNorm, skipped: false };
  }

  evaluate(
    images: Float32Array,
    labels: Int32Array,
    sampleCount: number,
    imageSizePx: number,
    weights: 'raw' | 'ema',
  ): EvaluationCounts {
    const classCount = this.#spec.classCount;
    const { scores, lossSum } = tf.tidy(() => {
      const batch = tf.tensor4d(images, [sampleCount, imageSizePx, imageSizePx, 3]);
      const logits = forward(this.#spec, batch, this.#inferenceContext(weights));
      const hot = tf.oneHot(tf.tensor1d(labels, 'int32'), classCount);
      const loss = crossEntropySum(logits, tf.cast(hot, 'float32') as tf.Tensor2D);
      return {
        scores: logits.dataSync<'float32'>(),
        lossSum: loss.dataSync<'float32'>()[0] as number,
      };
    });
    return {
      sampleCount,
      top1Count: countCorrect(scores, labels, classCount, sampleCount, 1),
      top5Count: countCorrect(scores, labels, classCount, sampleCount, 5),
      lossSum,
    };
  }

  exportState(): Float32Array {
    const tensors = this.#stateTensors();
    const state = new Float32Array(tensors.reduce((sum, tensor) => sum + tensor.size, 0));
    let offset = 0;
    for (const tensor of tensors) {
      state.set(tensor.dataSync<'float32'>(), offset);
      offset += tensor.size;
    }
    return state;
  }

  importState(state: Float32Array): void {
    const tensors = this.#stateTensors();
    const expected = tensors.reduce((sum, tensor) => sum + tensor.size, 0);
    if (state.length !== expected) {
      throw new CrescendoError(
        'CRESCENDO_WEIGHTS_INVALID',
        `state of ${state.length} elements for a model and optimiser of ${expected}: all workers ` +
          'must run the same version and run file',
      );
    }
    let offset = 0;
    const parts = tensors.map((tensor) => {
      const part = tf.tensor1d(state.slice(offset, offset + tensor.size));
      offset += tensor.size;
      return part;
    }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, tf.Tensor1D, ...tf.Tensor1D[]];
    const [weights, statistics, emaWeights, emaStatistics, ...slots] = parts;
    this.#replaceState({ weights, statistics, slots, emaWeights, emaStatistics });
  }

  exportWeights(weights: 'raw' | 'ema'): NamedTensor[] {
    const isEma = weights === 'ema' && this.#run.training.emaDecay > 0;
    const state = this.#state;
    const parameters = (isEma ? state.emaWeights : state.weights).dataSync<'float32'>();
    const statistics = (isEma ? state.emaStatistics : state.statistics).dataSync<'float32'>();
    return [...this.#parameters.cut(parameters), ...this.#statistics.cut(statistics)];
  }

  importWeights(tensors: readonly NamedTensor[]): void {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const weights = tf.tensor1d(this.#parameters.collect(byName));
    const statistics = tf.tensor1d(this.#statistics.collect(byName));
    if (byName.size > 0) {
      tf.dispose([weights, statistics]);
      throw new CrescendoError(
        'CRESCENDO_WEIGHTS_INVALID',
        `the weights hold tensors that ${this.#spec.name} does not have: ` +
          [...byName.keys()].slice(0, 5).join(', '),
      );
    }
    this.#replaceState({
      weights,
      statistics,
      slots: this.#state.slots.map((slot) => tf.clone(slot)),
      emaWeights: tf.clone(weights),
      emaStatistics: tf.clone(statistics),
    });
  }

  memory(): { tensorCount: number; bytes: number } {
    const { numTensors, numBytes } = tf.memory();
    return { tensorCount: numTensors, bytes: numBytes };
  }

  dispose(): void {
    tf.dispose([this.#decayMask, ...this.#stateTensors()]);
  }

  #stateTensors(): tf.Tensor1D[] {
    const { weights, statistics, emaWeights, emaStatistics, slots } = this.#state;
    return [weights, statistics, emaWeights, emaStatistics, ...slots];
  }

  #replaceState(next: State): void {
    tf.dispose(this.#stateTensors());
    Object.assign(this.#state, next);
  }

  #smoothed(targets_BK: tf.Tensor2D): tf.Tensor2D {
    const smoothing = this.#run.training.labelSmoothing;
    if (smoothing === 0) return targets_BK;
    return tf.add(tf.mul(targets_BK, 1 - smoothing), smoothing / this.#spec.classCount);
  }

  /** Masks are drawn per stream position, so they do not depend on who computes the sample. */
  #masks(input: MicroShardInput, phase: PhaseSettings): Masks {
    const { seed } = this.#run;
    const batch = input.sampleCount;
    const channels = this.#spec.headChannels;
    const stream = (purpose: string, row: number): RandomStream => {
      const position = input.firstPosition + row;
      return new RandomStream(seed, purpose, position % 2 ** 32, Math.floor(position / 2 ** 32));
    };
    let dropout: tf.Tensor2D | undefined;
    if (phase.dropoutRate > 0) {
      const keep = 1 - phase.dropoutRate;
      const values = new Float32Array(batch * channels);
      for (let row = 0; row < batch; row++) {
        const random = stream('dropout', row);
        for (let index = row * channels; index < (row + 1) * channels; index++) {
          values[index] = random.uniform() < keep ? 1 / keep : 0;
        }
      }
      dropout = tf.tensor2d(values, [batch, channels]);
    }
    const draws = Array.from({ length: batch }, (_, row) => stream('stochastic-depth', row));
    const residual = this.#spec.blocks.map((block) => {
      const keep = block.survivalProbability;
      // Drawn also where it is not used, so that a block's draw depends on its index alone.
      const kept = draws.map((random) => (random.uniform() < keep ? 1 / keep : 0));
      return keep === 1 ? undefined : tf.tensor4d(kept, [batch, 1, 1, 1]);
    });
    return { dropout, residual };
  }

  #trainingContext(flat: tf.Tensor1D, masks: Masks, normalised: NormalisedBatch[]): ForwardContext {
    const parameters = this.#parameters.views(flat);
    const parameter = (name: string): tf.Tensor => defined(parameters.get(name), name);
    const normalise = this.#fusedOps ? fusedBatchNorm : composedBatchNorm;
    return {
      parameter,
      swish,
      dropoutMask: masks.dropout,
      residualMask: (index) => masks.residual[index],
      batchNorm: (x_BHWC, name) => {
        const one = normalise(
          x_BHWC,
          parameter(`${name}.gamma`) as tf.Tensor1D,
          parameter(`${name}.beta`) as tf.Tensor1D,
        );
        normalised.push(one);
        return one.y_BHWC;
      },
    };
  }

  #inferenceContext(weights: 'raw' | 'ema'): ForwardContext {
    const isEma = weights === 'ema' && this.#run.training.emaDecay > 0;
    const state = this.#state;
    const parameters = this.#parameters.views(isEma ? state.emaWeights : state.weights);
    const statistics = this.#statistics.views(isEma ? state.emaStatistics : state.statistics);
    const parameter = (name: string): tf.Tensor => defined(parameters.get(name), name);
    return {
      parameter,
      swish: (x) => tf.mul(x, tf.sigmoid(x)),
      dropoutMask: undefined,
      residualMask: () => undefined,
      batchNorm: (x_BHWC, name) =>
        tf.batchNorm(
          x_BHWC,
          defined(statistics.get(`${name}.moving_mean`), name) as tf.Tensor1D,
          defined(statistics.get(`${name}.moving_variance`), name) as tf.Tensor1D,
          parameter(`${name}.beta`) as tf.Tensor1D,
          parameter(`${name}.gamma`) as tf.Tensor1D,
          BATCH_NORM_EPSILON,
        ) as tf.Tensor4D,
    };
  }

  #writeTail(output: Float32Array, lossSum: number, correct: number, samples: number): void {
    const tail = this.layout.totalElements - TAIL_ELEMENTS;
    // x - x is NaN for infinities and NaN, and zero for everything else.
    let test = lossSum - lossSum;
    for (let index = 0; index < tail; index++) {
      const value = output[index] as number;
      test += value - value;
    }
    output.set([lossSum, correct, samples, Number.isNaN(test) ? 1 : 0], tail);
  }
}

interface Masks {
  readonly dropout: tf.Tensor2D | undefined;
  readonly residual: readonly (tf.Tensor4D | undefined)[];
}

/** An engine on the tfjs backend that is set; the caller disposes it. */
export function createTfjsEngine(options: TfjsEngineOptions): Engine {
  return new TfjsEngine(options);
}

/** Sum over the batch of -sum_k t_k log softmax(z)_k. */
function crossEntropySum(logits_BK: tf.Tensor2D, targets_BK: tf.Tensor2D): tf.Scalar {
  return tf.neg(tf.sum(tf.mul(targets_BK, tf.logSoftmax(logits_BK)))) as tf.Scalar;
}

/** weight * previous + (1 - weight) * current. */
function blend(previous: tf.Tensor1D, current: tf.Tensor1D, weight: number): tf.Tensor1D {
  return tf.add(tf.mul(previous, weight), tf.mul(current, 1 - weight));
}

/** Samples whose label is among the `k` highest scores; ties count for the label. */
function countCorrect(
  scores: Float32Array,
  labels: Int32Array,
  classCount: number,
  sampleCount: number,
  k: number,
): number {
  let correct = 0;
  for (let row = 0; row < sampleCount; row++) {
    const own = scores[row * classCount + (labels[row] as number)] as number;
    let higher = 0;
    for (let index = 0; index < classCount; index++) {
      if ((scores[row * classCount + index] as number) > own) higher++;
    }
    if (higher < k && !Number.isNaN(own)) correct++;
  }
  return correct;
}
