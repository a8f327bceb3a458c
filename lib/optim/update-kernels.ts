/**
 * The optimizer's step on a part of the weights, for workers that hold its state in shards
 * (lib/optim/modes/sharded/optimizer-shards.ts). It gives the same bits as the step on all weights
 * in the same language. Nothing is changed in place, because a step may still be taken back.
 */
import type { UpdateSettings } from '../base/update-settings.ts';
import {
  clipFactor,
  squaredNormsInJavaScript,
  stepInJavaScript,
  type UpdateVectors,
} from './optimizer.ts';

/** What the networking thread steps a share of the weights with. */
export interface ShardedUpdate extends Pick<UpdateVectors, 'segments' | 'rates'> {
  /** What each moment vector starts with. */
  readonly initialMoments: readonly number[];
  /** Parts begin on multiples of so many elements; NORM_BLOCK_ELEMENTS where norms are exact. */
  readonly blockElements: number;
  /** Whether gradients are clipped, so that a step needs the norm. */
  readonly isClipped: boolean;
}

/** Vectors of one length; those of a piece of the whole. */
export interface PieceVectors extends Pick<UpdateVectors, 'segments' | 'rates'> {
  readonly weights: Float32Array;
  readonly moments: readonly Float32Array[];
  /** Has the sum of gradients and receives the weights after the step. */
  readonly target: Float32Array;
  /** Receive what the moments become. */
  readonly nextMoments: readonly Float32Array[];
}

export interface UpdateKernels {
  /** What gradients of such a norm are multiplied with. */
  clipOf(settings: UpdateSettings, norm: number): number;
  /** squares[i] = sum of the squared gradients of piece i. @param pieces see normPieces() */
  squaredNorms(
    settings: UpdateSettings,
    pieces: Int32Array,
    weights: Float32Array,
    sum: Float32Array,
    squares: Float64Array,
  ): void;
  /** One step; what lies in no segment stays. Not for LAMB, which needs whole parameters. */
  step(settings: UpdateSettings, clip: number, vectors: PieceVectors): void;
}

export const javascriptUpdateKernels: UpdateKernels = {
  clipOf: ({ clipNorm }, norm) => clipFactor(clipNorm, norm),
  squaredNorms: (settings, pieces, weights, sum, squares) => {
    squaredNormsInJavaScript(settings, pieces, { weights, sum }, squares);
  },
  step: (settings, clip, { weights, moments, target, nextMoments, segments, rates }) => {
    const sum = target.slice();
    target.set(weights);
    for (const [index, moment] of moments.entries()) nextMoments[index]?.set(moment);
    stepInJavaScript(settings, clip, {
      weights: target,
      sum,
      moments: nextMoments,
      segments,
      rates,
    });
  },
};
