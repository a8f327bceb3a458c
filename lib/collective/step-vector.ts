/**
 * The vector of a step: what each micro-batch yields, and what the workers reduce. P elements of
 * gradient, M elements of moving statistics, and a tail of counts. Pure.
 */
import type { VectorShape } from './buckets.ts';

/**
 * Layout of the vector that a micro-batch of B samples yields and the workers reduce:
 * [ gradient of the loss SUM times the loss scale (P)
 * | batch-norm batch means and variances times B (M)
 * | tail (4): loss sum, correct count, sample count, count of non-finite micro-batches ]
 */
export interface VectorLayout extends VectorShape {
  readonly statisticElements: number;
}

export const TAIL_ELEMENTS = 4;

/** The values of the tail of a vector. */
export interface Tail {
  readonly lossSum: number;
  readonly correctCount: number;
  readonly sampleCount: number;
  readonly nonfiniteCount: number;
}

/** @param vector laid out as VectorLayout says */
export function readTail(vector: Float32Array): Tail {
  const tail = vector.subarray(vector.length - TAIL_ELEMENTS);
  const [lossSum, correctCount, sampleCount, nonfiniteCount] = tail as unknown as [
    number,
    number,
    number,
    number,
  ];
  return { lossSum, correctCount, sampleCount, nonfiniteCount };
}

/** Whether a micro-batch in the vector was infinite or NaN, by the vector's tail. */
export function isNonfinite(vector: Float32Array): boolean {
  return (vector[vector.length - 1] as number) > 0;
}

/** Marks a sum as not finite, after the addition of finite vectors overflowed. */
export function markNonfinite(sum: Float32Array): void {
  sum[sum.length - 1] = Math.max(1, sum[sum.length - 1] as number);
}
