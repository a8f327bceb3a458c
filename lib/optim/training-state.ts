/**
 * What training changes, in host memory: weights, moving statistics, moments and their EMA,
 * each one flat vector. Engines read the weights in place and hand in sums; this applies them.
 */
import { assert, CrescendoError } from '../base/errors.ts';
import type { RunConfig } from '../run/run-config.ts';
import { initialValues } from '../models/nn/initial-weights.ts';
import type { ParameterSpec, StatisticSpec } from '../models/nn/layout.ts';
import type { Network } from '../models/network.ts';
import { TAIL_ELEMENTS, readTail, type VectorLayout } from '../collective/step-vector.ts';
import type { AppliedStep } from './applied-step.ts';
import type { NamedTensor } from '../weights/named-tensor.ts';
import { FlatLayout } from './flat-layout.ts';
import { LossScale } from './loss-scale.ts';
import type { UpdateSettings } from '../base/update-settings.ts';
import { emaDecayAt, initialMomentsOf, UPDATE_KINDS, type UpdateVectors } from './optimizer.ts';
import { joinedCount, splitCount } from './update-count.ts';
import { frozenNorms, normOf, updateSegments } from './update-segments.ts';

/** Applies one optimizer step in place. @returns the gradient's norm */
export type ApplyUpdate = (
  settings: UpdateSettings,
  vectors: UpdateVectors,
) => number | Promise<number>;

/** How an engine changes the vectors of its state. */
export interface UpdateRules {
  readonly apply: ApplyUpdate;
  /** Weights become `values`, and the EMA, where it is not empty, moves. */
  readonly adopt: (
    weights: Float32Array,
    values: Float32Array,
    ema: Float32Array,
    emaKeep: number,
  ) => void;
}

/** What a training mode has the state of each worker hold. */
export interface ModeState {
  /** Moments of the optimizer: all of them, or none, because members hold them in shards. */
  readonly moments: 'replicated' | 'sharded';
  /** Who advances the EMA of weights and statistics: each update, or the mode itself. */
  readonly ema: 'each-update' | 'by-mode';
  /** How many vectors of its own the mode keeps in the state, each as long as the weights. */
  readonly vectors: number;
  /** How many counters of its own it keeps there. */
  readonly counterElements: number;
}

/** The vectors of the state, for a mode that changes them by itself. */
export interface StateParts {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly moments: readonly Float32Array[];
  /** Empty without EMA, like the next. */
  readonly emaWeights: Float32Array;
  readonly emaStatistics: Float32Array;
  /** Of the parameters that are trained, as in UpdateVectors. */
  readonly segments: Int32Array;
  /** Of the statistics that move. */
  readonly movingRanges: readonly { readonly begin: number; readonly end: number }[];
  readonly applyUpdate: ApplyUpdate;
  /** The loss scale and the count of updates. */
  exportCounters(): Float32Array;
  importCounters(counters: Float32Array): void;
}

export interface TrainingStateOptions {
  readonly run: RunConfig;
  readonly mode: ModeState;
  readonly network: Network;
  /** Makes a zeroed vector. */
  readonly allocate: (elements: number) => Float32Array;
  readonly rules: UpdateRules;
}

export class TrainingState {
  readonly parameters: FlatLayout<ParameterSpec>;
  readonly statisticsLayout: FlatLayout<StatisticSpec>;
  readonly layout: VectorLayout;
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly #run: RunConfig;
  readonly #network: Network;
  readonly #rules: UpdateRules;
  /** Of the parameters that are trained. */
  readonly segments: Pick<UpdateVectors, 'segments' | 'rates'>;
  /** Batch norms whose statistics stay as they are. */
  readonly frozenNorms: ReadonlySet<string>;
  readonly #movingRanges: readonly { readonly begin: number; readonly end: number }[];
  readonly #moments: readonly Float32Array[];
  /** What the training mode keeps here, as many as it said; zeros at first. */
  readonly modeVectors: readonly Float32Array[];
  readonly modeCounters: Float32Array;
  /** Samples of the step that settings were last made for. */
  #announcedSamples = Number.NaN;
  /** Empty without EMA, like the next. */
  readonly #emaWeights: Float32Array;
  readonly #emaStatistics: Float32Array;
  /** What each update advances of the EMA: empty vectors where the mode does. */
  readonly #steppedEma: { readonly weights: Float32Array; readonly statistics: Float32Array };
  readonly #lossScale: LossScale;
  /** Updates so far, those skipped not counted: what Adam's corrections and EMA's warm-up go by. */
  #updateCount = 0;

  constructor(options: TrainingStateOptions) {
    const { run, mode, network, allocate } = options;
    this.#run = run;
    this.#network = network;
    this.#rules = options.rules;
    this.parameters = new FlatLayout(network.parameters);
    this.statisticsLayout = new FlatLayout(network.statistics);
    const p = this.parameters.elements;
    const m = this.statisticsLayout.elements;
    this.layout = {
      gradientElements: p,
      tensorBegins: this.parameters.placed.map(({ begin }) => begin),
      statisticElements: m,
      totalElements: p + m + TAIL_ELEMENTS,
    };
    this.weights = allocate(p);
    this.parameters.fill(this.weights, (parameter) => initialValues(parameter, run.seed));
    this.statistics = allocate(m);
    this.statisticsLayout.fill(this.statistics, (one) =>
      new Float32Array(one.shape[0]).fill(one.kind === 'variance' ? 1 : 0),
    );
    this.segments = updateSegments(this.parameters, run.training);
    const frozen = frozenNorms(this.statisticsLayout, run.training.freeze);
    this.frozenNorms = frozen;
    this.#movingRanges = this.statisticsLayout.placed.filter(
      ({ entry }) => !frozen.has(normOf(entry.name)),
    );
    const initialMoments = initialMomentsOf(run.training.optimizer);
    this.#moments =
      mode.moments === 'sharded' ? [] : initialMoments.map((value) => allocate(p).fill(value));
    this.modeVectors = Array.from({ length: mode.vectors }, () => allocate(p));
    this.modeCounters = new Float32Array(mode.counterElements);
    const hasEma = run.training.emaDecay > 0;
    this.#emaWeights = allocate(hasEma ? p : 0);
    this.#emaStatistics = allocate(hasEma ? m : 0);
    this.#lossScale = new LossScale(run);
    this.#resetEma();
    const none = new Float32Array(0);
    this.#steppedEma =
      mode.ema === 'each-update'
        ? { weights: this.#emaWeights, statistics: this.#emaStatistics }
        : { weights: none, statistics: none };
  }

  /** Whether losses are scaled at all. */
  get isLossScaled(): boolean {
    return this.#lossScale.isDynamic;
  }

  /** What the next step's loss is multiplied with, and so its gradient. */
  get lossScale(): number {
    return this.#lossScale.value;
  }

  /** Weights or their EMA; the weights themselves where no EMA is kept. */
  weightsOf(which: 'raw' | 'ema'): Float32Array {
    return which === 'ema' && this.#emaWeights.length > 0 ? this.#emaWeights : this.weights;
  }

  statisticsOf(which: 'raw' | 'ema'): Float32Array {
    return which === 'ema' && this.#emaStatistics.length > 0
      ? this.#emaStatistics
      : this.statistics;
  }

  /** Applies the cluster's sum; one that is not finite changes nothing but the loss scale. */
  async apply(learningRate: number, sum: Float32Array): Promise<AppliedStep> {
    const { samples, isFinite, ...result } = this.#meansOf(sum);
    const settings = this.updateSettings(learningRate, samples);
    this.#lossScale.advance(isFinite);
    if (!isFinite) return { ...result, gradientNorm: Number.NaN, skipped: true };
    const gradientNorm = await this.#rules.apply(settings, {
      weights: this.weights,
      sum: sum.subarray(0, this.weights.length),
      moments: this.#moments,
      ema: this.#steppedEma.weights,
      segments: this.segments.segments,
      rates: this.segments.rates,
    });
    this.#moveOn(sum, samples, settings.emaKeep);
    return { ...result, gradientNorm, skipped: false };
  }

  /** Likewise where owners have made weights of the sum: they lie in place of the gradient. */
  adopt(result: Float32Array, gradientNorm: number): AppliedStep {
    const { samples, isFinite, ...step } = this.#meansOf(result);
    this.#lossScale.advance(isFinite);
    if (!isFinite) return { ...step, gradientNorm: Number.NaN, skipped: true };
    const announced = this.#announcedSamples;
    assert(samples === announced, `a step of ${samples} samples was stepped as of ${announced}`);
    const emaKeep = emaDecayAt(this.#updateCount, this.#run.training.emaDecay);
    const values = result.subarray(0, this.weights.length);
    this.#rules.adopt(this.weights, values, this.#emaWeights, emaKeep);
    this.#moveOn(result, samples, emaKeep);
    return { ...step, gradientNorm, skipped: false };
  }

  #meansOf(sum: Float32Array): {
    meanLoss: number;
    accuracyRatio: number;
    samples: number;
    isFinite: boolean;
  } {
    const { lossSum, correctCount, sampleCount: samples, nonfiniteCount } = readTail(sum);
    const means = { meanLoss: lossSum / samples, accuracyRatio: correctCount / samples };
    return { ...means, samples, isFinite: nonfiniteCount === 0 };
  }

  /** The weights were stepped. */
  #moveOn(sum: Float32Array, samples: number, emaKeep: number): void {
    const { gradientElements: p, statisticElements: m } = this.layout;
    this.#updateCount++;
    this.#moveStatistics(sum.subarray(p, p + m), samples, emaKeep);
  }

  /** Views of the state; whoever changes them does so between updates. */
  get parts(): StateParts {
    return {
      weights: this.weights,
      statistics: this.statistics,
      moments: this.#moments,
      emaWeights: this.#emaWeights,
      emaStatistics: this.#emaStatistics,
      segments: this.segments.segments,
      movingRanges: this.#movingRanges,
      applyUpdate: this.#rules.apply,
      exportCounters: () => this.#exportCounters(),
      importCounters: (counters: Float32Array) => {
        this.#importCounters(counters);
      },
    };
  }

  #moveStatistics(sum: Float32Array, samples: number, emaKeep: number): void {
    const momentum = this.#run.model.batchNormMomentum;
    const { statistics } = this;
    const ema = this.#steppedEma.statistics;
    for (const { begin, end } of this.#movingRanges) {
      for (let i = begin; i < end; i++) {
        const batch = (sum[i] as number) / samples;
        statistics[i] = (statistics[i] as number) * momentum + batch * (1 - momentum);
        if (ema.length === 0) continue;
        ema[i] = (ema[i] as number) * emaKeep + (statistics[i] as number) * (1 - emaKeep);
      }
    }
  }

  /** Everything in one vector, for a joiner. */
  export(): Float32Array {
    const vectors = [...this.#vectors(), this.#exportCounters(), this.modeCounters];
    const state = new Float32Array(vectors.reduce((sum, vector) => sum + vector.length, 0));
    let offset = 0;
    for (const vector of vectors) {
      state.set(vector, offset);
      offset += vector.length;
    }
    return state;
  }

  /** @throws CRESCENDO_WEIGHTS_INVALID on a wrong length */
  import(state: Float32Array): void {
    const counters = this.#exportCounters();
    const vectors = [...this.#vectors(), counters, this.modeCounters];
    const expected = vectors.reduce((sum, vector) => sum + vector.length, 0);
    if (state.length !== expected) {
      throw new CrescendoError(
        'CRESCENDO_WEIGHTS_INVALID',
        `state of ${state.length} elements for a model and optimizer of ${expected}: all workers ` +
          'must run the same version and run file',
      );
    }
    let offset = 0;
    for (const vector of vectors) {
      vector.set(state.subarray(offset, offset + vector.length));
      offset += vector.length;
    }
    this.#importCounters(counters);
  }

  exportWeights(which: 'raw' | 'ema'): NamedTensor[] {
    return [
      ...this.parameters.cut(this.weightsOf(which)),
      ...this.statisticsLayout.cut(this.statisticsOf(which)),
    ];
  }

  /** Also sets the EMA to them. @throws CRESCENDO_WEIGHTS_INVALID, and then nothing is changed */
  importWeights(tensors: readonly NamedTensor[]): void {
    const byName = new Map(tensors.map((tensor) => [tensor.name, tensor]));
    const weights = new Float32Array(this.weights.length);
    const statistics = new Float32Array(this.statistics.length);
    this.parameters.collect(byName, weights);
    this.statisticsLayout.collect(byName, statistics);
    if (byName.size > 0) {
      throw new CrescendoError(
        'CRESCENDO_WEIGHTS_INVALID',
        `the weights hold tensors that ${this.#network.name} does not have: ` +
          [...byName.keys()].slice(0, 5).join(', '),
      );
    }
    this.weights.set(weights);
    this.statistics.set(statistics);
    this.#resetEma();
  }

  #resetEma(): void {
    if (this.#emaWeights.length > 0) this.#emaWeights.set(this.weights);
    if (this.#emaStatistics.length > 0) this.#emaStatistics.set(this.statistics);
  }

  /** The loss scale, where it is dynamic, and the count of updates. */
  #exportCounters(): Float32Array {
    return Float32Array.of(...this.#lossScale.export(), ...splitCount(this.#updateCount));
  }

  #importCounters(counters: Float32Array): void {
    this.#lossScale.import(counters);
    this.#updateCount = joinedCount(counters.subarray(this.#lossScale.export().length));
  }

  #vectors(): Float32Array[] {
    return [
      this.weights,
      this.statistics,
      this.#emaWeights,
      this.#emaStatistics,
      ...this.#moments,
      ...this.modeVectors,
    ];
  }

  /** Of the next update, on a sum of so many samples. */
  updateSettings(learningRate: number, samples: number): UpdateSettings {
    const { training } = this.#run;
    this.#announcedSamples = samples;
    const { optimizer } = training;
    const update = this.#updateCount + 1;
    return {
      kind: UPDATE_KINDS[optimizer.name],
      scale: 1 / samples / this.lossScale,
      learningRate,
      momentum: optimizer.momentum,
      nesterov: optimizer.nesterov,
      decay: optimizer.decay,
      epsilon: optimizer.epsilon,
      beta1: optimizer.beta1,
      beta2: optimizer.beta2,
      correction1: 1 - optimizer.beta1 ** update,
      correction2: 1 - optimizer.beta2 ** update,
      weightDecay: training.weightDecay,
      clipNorm: training.clipNorm,
      emaKeep: emaDecayAt(this.#updateCount, training.emaDecay),
    };
  }
}
