/** The faults that runs are tried with. Pure. */
import type { FaultMix } from './generate.ts';

export const DEFAULT_MIX: FaultMix = {
  weights: {
    kill: 200,
    hang: 0,
    freeze: 200,
    slow: 100,
    jump: 60,
    drain: 40,
    stop: 1,
    reset: 100,
    cut: 200,
    partition: 100,
    'slow-way': 100,
    break: 150,
    block: 80,
  },
  sparedSeats: 1,
};

/**
 * What a run does not survive yet: it may end for these reasons, and a worker may complain of them.
 */
export const TOLERATED: readonly RegExp[] = [
  // Nobody is left with the weights, or with a part of the optimizer state.
  /^it ends: .*(the last worker|both copies)/,
  // A worker that asks to leave before its engine is ready is not heard.
  /asked to leave at/,
  /no Hello within/,
];
