/** The weights of a run that nothing disturbs, for comparison. Pure. */
import { hashOfWeights } from '../checkers/agreement.ts';
import { SimulatedCluster } from '../cluster.ts';
import { toyFaultsOf } from './inject.ts';
import type { RunSettings } from './plan.ts';
import { runOf } from './run-file.ts';

const LIMIT_MS = 1e9;
/** Steps of a first run with some settings; a longer one is made where more are asked for. */
const STEPS_MIN = 1_000;

const known = new Map<string, readonly number[]>();

/**
 * A hash of the weights after each step, by its number. It depends on the mode, the compression
 * and the micro-batches only, so one run serves many plans.
 */
export function undisturbedHashes(settings: RunSettings): readonly number[] {
  const { mode, compression, microBatches, steps, nonfiniteEverySteps } = settings;
  const key = `${mode} ${compression} ${microBatches} ${nonfiniteEverySteps}`;
  const hashes = known.get(key);
  if (hashes !== undefined && hashes.length >= steps) return hashes;
  const made = hashesOf({
    ...settings,
    steps: Math.max(steps, STEPS_MIN),
    phases: 1,
    minWorkers: 1,
    pauseBelow: 1,
    validationSamples: 0,
    auditRatio: 0,
    heartbeatTimeoutMs: 10_000,
    microBatchMs: 1,
  });
  known.set(key, made);
  return made;
}

function hashesOf(settings: RunSettings): number[] {
  const hashes: number[] = [];
  const cluster = new SimulatedCluster(runOf(settings), {
    listener: {
      onApplied: (_, step, weights) => {
        hashes[step] = hashOfWeights(weights);
      },
    },
  });
  cluster.join('alone', 'alone', toyFaultsOf(settings));
  cluster.until(() => cluster.outcome !== undefined, LIMIT_MS);
  return hashes;
}
