/**
 * Local SGD (Stich, "Local SGD Converges Fast and Communicates Little", 2019) and DiLoCo (Douillard
 * et al., "DiLoCo: Distributed Low-Communication Training of Language Models", 2023, algorithm 1):
 * from common weights, the anchor a, each worker i takes H steps of its own optimizer, on n_i
 * samples, to weights w_i. Then all workers alike take one outer step of SGD:
 *
 *   d = sum(n_i (a - w_i)) / sum(n_i)
 *   v = m v + d;  w = a - lr v                     (nesterov: w = a - lr (d + m v))
 *
 * Moving statistics take their mean weighted by n_i. The inner optimizers' moments and counts stay
 * each worker's own. The EMA advances on the outer weights, and its warm-up counts outer steps.
 */
import { assert } from '../../../base/errors.ts';
import type { LocalSgdConfig } from '../../../run/run-config.ts';
import { TAIL_ELEMENTS, readTail, type VectorLayout } from '../../../collective/step-vector.ts';
import type { AppliedStep } from '../../applied-step.ts';
import { emaDecayAt, UPDATE_KINDS, type UpdateVectors } from '../../optimizer.ts';
import type { StateParts } from '../../training-state.ts';
import type { UpdateCount } from '../../update-count.ts';

/** The sections of the state that local SGD adds: the momentum and the count of outer steps. */
export const OUTER_MOMENTUM = 'outerMomentum';
export const OUTER_UPDATES = 'outerUpdates';

/** What the outer step changes beside the state's own vectors. */
export interface OuterState {
  /** v of the outer step, as long as the weights. */
  readonly momentum: Float32Array;
  /** Outer steps so far; those that were skipped are not counted. */
  readonly count: UpdateCount;
}

/** What a worker's inner steps went over; those that it skipped are left out. */
export interface InnerTotals {
  readonly lossSum: number;
  readonly correctCount: number;
  readonly sampleCount: number;
}

interface Anchor {
  readonly weights: Float32Array;
  readonly statistics: Float32Array;
  readonly moments: readonly Float32Array[];
  readonly counters: readonly Float32Array[];
}

const NO_DECAY = {
  decay: 0,
  epsilon: 0,
  beta1: 0,
  beta2: 0,
  correction1: 1,
  correction2: 1,
  weightDecay: 0,
  clipNorm: 0,
} as const;

export class LocalSgd {
  readonly #config: LocalSgdConfig;
  readonly #emaDecay: number;
  readonly #layout: VectorLayout;
  readonly #parts: StateParts;
  readonly #segments: Pick<UpdateVectors, 'segments' | 'rates'>;
  readonly #anchor: Anchor;
  readonly #outer: OuterState;
  #isAnchored = false;

  constructor(
    config: LocalSgdConfig,
    emaDecay: number,
    layout: VectorLayout,
    parts: StateParts,
    outer: OuterState,
  ) {
    this.#config = config;
    this.#emaDecay = emaDecay;
    this.#layout = layout;
    this.#parts = parts;
    const { segments, weights, statistics, moments, counters } = parts;
    this.#segments = { segments, rates: new Float32Array(segments.length / 3).fill(1) };
    this.#outer = outer;
    this.#anchor = {
      weights: new Float32Array(weights.length),
      statistics: new Float32Array(statistics.length),
      moments: moments.map((moment) => new Float32Array(moment.length)),
      counters: counters.map((counter) => new Float32Array(counter.length)),
    };
  }

  /** Begins an outer step: what is held now is what rewind() goes back to. */
  anchor(): void {
    const { weights, statistics, moments, counters } = this.#parts;
    this.#anchor.weights.set(weights);
    this.#anchor.statistics.set(statistics);
    copyAll(moments, this.#anchor.moments);
    copyAll(counters, this.#anchor.counters);
    this.#isAnchored = true;
  }

  /** Takes back all inner steps since anchor(): weights, statistics, moments and counts. */
  rewind(): void {
    this.#rewindWeights();
    copyAll(this.#anchor.moments, this.#parts.moments);
    copyAll(this.#anchor.counters, this.#parts.counters);
  }

  /**
   * Writes this worker's part of the sum into `output`, laid out as the engine's vectors are:
   * [ (anchor - weights) n (P) | (anchor - statistics) n (M) | loss sum, correct count, n, f ],
   * where n is the sample count and f is 1 when anything before it is infinite or NaN, else 0.
   */
  contribute({ lossSum, correctCount, sampleCount }: InnerTotals, output: Float32Array): void {
    const { gradientElements: p, statisticElements: m } = this.#layout;
    const moved = (from: Float32Array, now: Float32Array, offset: number): void => {
      for (let i = 0; i < now.length; i++) {
        output[offset + i] = ((from[i] as number) - (now[i] as number)) * sampleCount;
      }
    };
    moved(this.#anchor.weights, this.#parts.weights, 0);
    moved(this.#anchor.statistics, this.#parts.statistics, p);
    output.set([lossSum, correctCount, sampleCount, 0], p + m);
    if (!output.every(Number.isFinite)) output[p + m + TAIL_ELEMENTS - 1] = 1;
  }

  /**
   * The outer step, from the anchor, by the sum of all workers' parts. One that is not finite, or
   * that no sample went into, leaves everything as it was at the anchor, on all workers alike.
   */
  async apply(sum: Float32Array): Promise<AppliedStep> {
    const { gradientElements: p, statisticElements: m } = this.#layout;
    assert(this.#isAnchored, 'an outer step without inner steps');
    const { lossSum, correctCount, sampleCount: samples, nonfiniteCount } = readTail(sum);
    const result = { meanLoss: lossSum / samples, accuracyRatio: correctCount / samples };
    this.#isAnchored = false;
    if (nonfiniteCount > 0 || samples === 0) {
      this.rewind();
      return { ...result, gradientNorm: Number.NaN, skipped: true };
    }
    this.#rewindWeights();
    const emaKeep = emaDecayAt(this.#outer.count.value, this.#emaDecay);
    const { outerLearningRate: learningRate, outerMomentum, outerNesterov } = this.#config;
    const gradientNorm = await this.#parts.applyUpdate(
      {
        ...NO_DECAY,
        kind: UPDATE_KINDS.sgd,
        scale: 1 / samples,
        learningRate,
        momentum: outerMomentum,
        nesterov: outerNesterov,
        emaKeep,
      },
      {
        weights: this.#parts.weights,
        sum: sum.subarray(0, p),
        moments: [this.#outer.momentum],
        ema: this.#parts.emaWeights,
        ...this.#segments,
      },
    );
    this.#outer.count.increment();
    this.#moveStatistics(sum.subarray(p, p + m), samples, emaKeep);
    return { ...result, gradientNorm, skipped: false };
  }

  #rewindWeights(): void {
    this.#parts.weights.set(this.#anchor.weights);
    this.#parts.statistics.set(this.#anchor.statistics);
  }

  #moveStatistics(sum: Float32Array, samples: number, emaKeep: number): void {
    const { statistics, emaStatistics: ema, movingRanges } = this.#parts;
    for (const { begin, end } of movingRanges) {
      for (let i = begin; i < end; i++) {
        statistics[i] = (statistics[i] as number) - (sum[i] as number) / samples;
        if (ema.length === 0) continue;
        ema[i] = (ema[i] as number) * emaKeep + (statistics[i] as number) * (1 - emaKeep);
      }
    }
  }
}

function copyAll(from: readonly Float32Array[], to: readonly Float32Array[]): void {
  for (const [index, vector] of from.entries()) to[index]?.set(vector);
}
