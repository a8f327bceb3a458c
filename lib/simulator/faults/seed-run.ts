/** One seed: its plan, what came of it, and, where it failed, the smallest plan that still does. */
import { executePlan, type RunReport } from './execute.ts';
import { generatePlan } from './generate.ts';
import { DEFAULT_MIX, TOLERATED } from './mixes.ts';
import type { FaultPlan } from './plan.ts';
import { shrinkPlan } from './shrink.ts';

export interface SeedResult extends RunReport {
  readonly seed: number;
  /** Undefined where nothing was found, or nothing was asked for. */
  readonly shrunk: FaultPlan | undefined;
}

/** @param isShrinking whether a plan that fails is made smaller, which takes a while */
export function runSeed(seed: number, isShrinking: boolean): SeedResult {
  const plan = planOf(seed);
  const report = execute(plan);
  const hasFailed = report.violations.length > 0;
  const shrunk = hasFailed && isShrinking ? shrinkPlan(plan, execute).plan : undefined;
  return { ...report, seed, shrunk };
}

export function planOf(seed: number): FaultPlan {
  return generatePlan(seed, DEFAULT_MIX);
}

function execute(plan: FaultPlan): RunReport {
  return executePlan(plan, { tolerated: TOLERATED });
}
