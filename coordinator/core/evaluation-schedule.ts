/** When a run is evaluated, by its steps alone: a run that is resumed decides the same. Pure. */
import type { RunPlan } from '../../lib/run/plan.ts';

/** Quotients that are whole but for rounding count as whole. */
const ROUNDING = 1e-9;

/**
 * Whether an evaluation is due by the steps or epochs that are done. An order that covers several
 * steps (local SGD) is evaluated at its end.
 * @param committedSteps at least 1
 */
export function isEvaluationDue(plan: RunPlan, committedSteps: number): boolean {
  const { atPhaseEnd, everySteps, everyEpochs } = plan.evaluation;
  const last = committedSteps - 1;
  const { firstStep, stepCount } = plan.phaseOf(last);
  if (atPhaseEnd && committedSteps === firstStep + stepCount) return true;
  const before = plan.orderStartOf(last);
  const isCrossed = (interval: number): boolean =>
    interval > 0 &&
    Math.floor(committedSteps / interval + ROUNDING) > Math.floor(before / interval + ROUNDING);
  return isCrossed(everySteps) || isCrossed(everyEpochs * plan.stepsPerEpoch);
}
