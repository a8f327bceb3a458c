/** The run file's `communication` and `cluster`. Pure. */
import { choice, choices, group, number, wholeNumber } from './builders.ts';

/** How gradients may be packed while they travel (docs/compression.md), the exact ones first. */
export const COMPRESSIONS = [
  'float32',
  'bfloat16',
  'float16',
  'int8',
  'top-k',
  'power-sgd',
] as const;

/** Most columns of the factors that power-sgd sends. */
export const POWER_SGD_RANK_MAX = 64;

export const COMMUNICATION = group('How gradients travel between workers (docs/compression.md).', {
  compression: choice(
    'float32, bfloat16 and float16 are what every addition is rounded to; with them any number ' +
      'of workers gives the same weight bytes. auto: the coordinator chooses from `allowed` by ' +
      'measured times.',
    'float32',
    [...COMPRESSIONS, 'auto'],
  ),
  topKFraction: number('top-k: share of the values that is sent.', 0.01, {
    exclusiveMinimum: 0,
    maximum: 1,
  }),
  powerSgdRank: wholeNumber('power-sgd: rank of the matrices that are sent.', 4, {
    minimum: 1,
    maximum: POWER_SGD_RANK_MAX,
  }),
  allowed: choices(
    'auto: what to choose from: float32, then lossy ones, the most exact first.',
    ['float32', 'int8'],
    ['float32', 'int8', 'top-k', 'power-sgd'],
  ),
  guardEverySteps: wholeNumber(
    'Lossy compression: every so many steps one bucket travels as float32 too, to compare; ' +
      '0: never.',
    100,
    { minimum: 0, maximum: 1_000_000 },
  ),
  guardSimilarityMin: number(
    "auto: least cosine similarity of that bucket's two sums; below it, auto steps back.",
    0.98,
    { minimum: -1, maximum: 1 },
  ),
});

/** Most workers of a cluster, as in proto/limits.ts. */
const WORKERS_MAX = 4096;
const WORKERS = { minimum: 1, maximum: WORKERS_MAX };
const MINUTES = { minimum: 0, maximum: 525_600 };

export const CLUSTER = group('Workers.', {
  minWorkers: wholeNumber('Training starts when so many workers have joined.', 1, WORKERS),
  maxWorkers: wholeNumber('Most workers; one more is refused.', WORKERS_MAX, WORKERS),
  pauseBelow: wholeNumber('With fewer workers than this the run pauses.', 1, WORKERS),
  startTimeoutMinutes: number(
    'Minutes that the coordinator waits for minWorkers; then the run fails. 0: for ever.',
    0,
    MINUTES,
  ),
  reconnectMinutes: number(
    'Minutes that a worker waits for a coordinator that it lost, and a coordinator for workers.',
    10,
    MINUTES,
  ),
  holdOffSecondsMax: wholeNumber(
    'Longest pause before a worker is let in that is lost again and again soon after it joined; ' +
      'pauses begin with 1 s and double. 0: none.',
    300,
    { minimum: 0, maximum: 86_400 },
  ),
  heartbeatIntervalMs: wholeNumber('Milliseconds between heartbeats.', 1000, {
    minimum: 50,
    maximum: 60_000,
  }),
  heartbeatTimeoutMs: wholeNumber(
    'A worker that is silent for so many milliseconds counts as lost.',
    10_000,
    { minimum: 100, maximum: 600_000 },
  ),
});
