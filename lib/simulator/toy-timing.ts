/** How long a toy model takes, in milliseconds of a process that is not slow. */
export interface ToyTiming {
  readonly prepareMs: number;
  readonly microBatchMs: number;
  readonly evaluationBatchMs: number;
  /** Between a step's last micro-batch and its sums; 0 where it is not given. */
  readonly waitMs?: number;
  /** Until a state that has come is in place; likewise. */
  readonly transferMs?: number;
}

export const QUICK: ToyTiming = { prepareMs: 5, microBatchMs: 4, evaluationBatchMs: 0 };
