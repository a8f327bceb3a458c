/** The faults that runs are tried with. Pure. */
import type { FaultMix } from './generate.ts';

export const DEFAULT_MIX: FaultMix = {
  weights: {
    kill: 200,
    flap: 10,
    hang: 0,
    'kill-coordinator': 40,
    disk: 60,
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
  modes: ['synchronous', 'synchronous', 'local-sgd', 'sharded'],
  diskTroubles: ['slow', 'full', 'failing'],
  sparedSeats: 0,
};

/** What a worker may complain of, and a checker find, until it is mended. */
export const TOLERATED: readonly RegExp[] = [
  // A worker that asks to leave before its engine is ready is not heard.
  /asked to leave at/,
  // The disk failed at the start, and then both copies of a shard were lost: a worker that has
  // trained cannot go back to the initial weights, and is to be started again.
  /begins anew from its initial weights/,
  // A hello that a network holds up for too long is refused.
  /no Hello within/,
];
