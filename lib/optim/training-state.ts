/**
 * What training changes, in host memory: weights, moving statistics, moments and their EMA,
 * each one flat vector. Engines read the weights in place and hand in sums; this applies them.
 */
import { assert, CrescendoError, defined } from '../base/errors.ts';
import {
  checkSnapshot,
  packSnapshot,
  sectionsOf,
  snapshotLayout,
  type Sections,
  type Snapshot,
  type SnapshotLayout,
} from '../checkpoint/snapshot.ts';
import type { RunConfig } from '../run/run-config.ts';
import { initialValues } from '../models/nn/initial-weights.ts';
import type { ParameterSpec, StatisticSpec } from '../models/nn/layout.ts';
import type { Network } from '../models/network.ts';
import type { Range } from '../collective/shard-layout.ts';
import { TAIL_ELEMENTS, readTail, type VectorLayout } from '../collective/step-vector.ts';
import type { AppliedStep } from './applied-step.ts';
import type { NamedTensor } from '../weights/named-tensor.ts';
import { FlatLayout } from './flat-layout.ts';
import { LossScale } from './loss-scale.ts';
import type { UpdateSettings } from '../base/update-settings.ts';
import {
  emaDecayAt,
  initialMomentsOf,
  MOMENT_NAMES,
  UPDATE_KINDS,
  type UpdateVectors,
} from './optimizer.ts';
import {
  heldSections,
  sectionIn,
  stateSections,
  weightSections,
  type ModeState,
} from './state-sections.ts';
import { UpdateCount } from './update-count.ts';
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

/** The vectors of the state, for a mode that changes them by itself. */
export interface StateParts {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly moments: readonly Float32Array[];
  /** Empty without EMA, like the next. */
  readonly emaWeights: Float32Array;
  readonly emaStatistics: Float32Array;
  /** Where the parameters that are trained lie, as in UpdateVectors. */
  readonly segments: Int32Array;
  /** Where the statistics that move lie. */
  readonly movingRanges: readonly { readonly begin: number; readonly end: number }[];
  /** The loss scale and the count of updates. */
  readonly counters: readonly Float32Array[];
  readonly applyUpdate: ApplyUpdate;
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
  /** Where the parameters that are trained lie, and their learning rates. */
  readonly segments: Pick<UpdateVectors, 'segments' | 'rates'>;
  /** Batch norms whose statistics stay as they are. */
  readonly frozenNorms: ReadonlySet<string>;
  readonly #movingRanges: readonly { readonly begin: number; readonly end: number }[];
  readonly #moments: readonly Float32Array[];
  /** All that updates change, in place. */
  readonly #sections: Sections;
  readonly snapshotLayout: SnapshotLayout;
  /** Sections of the whole state; there are more where members hold some of it in shards. */
  readonly checkpointLayout: SnapshotLayout;
  /** Samples of the step that settings were last made for. */
  #announcedSamples = Number.NaN;
  /** What each update advances of the EMA: empty vectors where the mode does. */
  readonly #steppedEma: { readonly weights: Float32Array; readonly statistics: Float32Array };
  readonly #lossScale: LossScale;
  /** Updates so far, those skipped not counted: what Adam's corrections and EMA's warm-up go by. */
  readonly #updateCount: UpdateCount;

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
    const sizes = heldSections(run, mode, p, m);
    this.snapshotLayout = snapshotLayout(sizes);
    this.checkpointLayout = snapshotLayout(stateSections(run, mode, p, m));
    this.#sections = new Map(sizes.map(({ name, elements }) => [name, allocate(elements)]));
    this.weights = this.section('weights');
    this.parameters.fill(this.weights, (parameter) => initialValues(parameter, run.seed));
    this.statistics = this.section('statistics');
    this.statisticsLayout.fill(this.statistics, (one) =>
      new Float32Array(one.shape[0]).fill(one.kind === 'variance' ? 1 : 0),
    );
    this.segments = updateSegments(this.parameters, run.training);
    const frozen = frozenNorms(this.statisticsLayout, run.training.freeze);
    this.frozenNorms = frozen;
    this.#movingRanges = this.statisticsLayout.placed.filter(
      ({ entry }) => !frozen.has(normOf(entry.name)),
    );
    this.#moments =
      mode.moments === 'sharded'
        ? []
        : initialMomentsOf(run.training.optimizer).map((value, index) =>
            this.section(defined(MOMENT_NAMES[index], 'name of a moment')).fill(value),
          );
    this.#lossScale = new LossScale(run, this.section('lossScale'));
    this.#updateCount = new UpdateCount(this.section('updates'));
    this.#resetEma();
    const none = new Float32Array(0);
    this.#steppedEma =
      mode.ema === 'each-update'
        ? { weights: this.section('emaWeights'), statistics: this.section('emaStatistics') }
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
    return weightSections(this.#sections, which).weights;
  }

  statisticsOf(which: 'raw' | 'ema'): Float32Array {
    return weightSections(this.#sections, which).statistics;
  }

  /** A section as it lies in the state; one that the run has no use for is empty. */
  section(name: string): Float32Array {
    return sectionIn(this.#sections, name);
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
    const emaKeep = emaDecayAt(this.#updateCount.value, this.#run.training.emaDecay);
    const values = result.subarray(0, this.weights.length);
    this.#rules.adopt(this.weights, values, this.section('emaWeights'), emaKeep);
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
    this.#updateCount.increment();
    this.#moveStatistics(sum.subarray(p, p + m), samples, emaKeep);
  }

  /** Views of the state; whoever changes them does so between updates. */
  get parts(): StateParts {
    return {
      weights: this.weights,
      statistics: this.statistics,
      moments: this.#moments,
      emaWeights: this.section('emaWeights'),
      emaStatistics: this.section('emaStatistics'),
      segments: this.segments.segments,
      movingRanges: this.#movingRanges,
      counters: [this.section('lossScale'), this.section('updates')],
      applyUpdate: this.#rules.apply,
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

  /** A copy of all sections. */
  export(): Snapshot {
    return packSnapshot(this.snapshotLayout, this.#sections);
  }

  /**
   * A copy in shared memory of values, all of which are held here.
   * @param layout of the vector that the range is of: a checkpoint's where it is not given
   */
  copyRange(
    { begin, end }: Range,
    layout = this.checkpointLayout,
  ): { readonly begin: number; readonly values: Float32Array } {
    const values = new Float32Array(new SharedArrayBuffer((end - begin) * 4));
    for (const { name, begin: from, end: to } of layout) {
      const [first, last] = [Math.max(begin, from), Math.min(end, to)];
      if (first >= last) continue;
      values.set(this.section(name).subarray(first - from, last - from), first - begin);
    }
    return { begin, values };
  }

  /**
   * Takes over a snapshot of a state with the same sections.
   * @throws CRESCENDO_WEIGHTS_INVALID when it has others, and then nothing is changed
   */
  import(snapshot: Snapshot): void {
    checkSnapshot(snapshot, this.snapshotLayout);
    for (const [name, values] of sectionsOf(snapshot)) this.section(name).set(values);
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
    const [weights, statistics] = [this.section('emaWeights'), this.section('emaStatistics')];
    if (weights.length > 0) weights.set(this.weights);
    if (statistics.length > 0) statistics.set(this.statistics);
  }

  /** Settings of the next update, for a sum of so many samples. */
  updateSettings(learningRate: number, samples: number): UpdateSettings {
    const { training } = this.#run;
    this.#announcedSamples = samples;
    const { optimizer } = training;
    const update = this.#updateCount.value + 1;
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
      emaKeep: emaDecayAt(this.#updateCount.value, training.emaDecay),
    };
  }
}
