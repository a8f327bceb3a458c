/**
 * Evaluations are made after the steps after which the run file asks for them, once each, and count
 * every validation batch once. Pure.
 */
import { EVALUATION_BATCH_SAMPLES, type RunPlan } from '../../run/plan.ts';
import type { EvaluationResult } from '../../../coordinator/core/events.ts';
import type { MakeChecker } from './checker.ts';

export const checkEvaluations: MakeChecker = ({ plan, settings }, report) => {
  /** Steps that were committed after each order, ascending. */
  let boundaries: number[] = [];
  /** The committed steps of which there is an evaluation. */
  let evaluated = new Set<number>();
  /** The toy model counts whole batches. */
  const samples =
    Math.ceil(plan.validationSampleCount / EVALUATION_BATCH_SAMPLES) * EVALUATION_BATCH_SAMPLES;

  /** Something follows that comes after the evaluation of the committed steps. */
  const pass = (): void => {
    const committed = boundaries.at(-1);
    if (committed === undefined) return;
    const isDue =
      plan.validationSampleCount > 0 &&
      (committed === plan.stepCount ||
        (settings.evaluatesAtPhaseEnd && isPhaseEnd(plan, committed)) ||
        passesMultiple(settings.evaluateEverySteps, boundaries.at(-2) ?? 0, committed));
    const isMade = evaluated.has(committed);
    if (isDue !== isMade) report(`evaluated after ${committed} steps: ${isMade}, due: ${isDue}`);
  };
  const onEvaluated = ({ steps, sampleCount }: EvaluationResult): void => {
    if (steps !== boundaries.at(-1) || evaluated.has(steps)) {
      report(`${steps} steps are evaluated after ${boundaries.at(-1) ?? 0}`);
    }
    if (sampleCount !== samples) report(`${sampleCount} samples are evaluated, not ${samples}`);
    evaluated.add(steps);
  };
  const onRestored = (toSteps: number): void => {
    boundaries = boundaries.filter((steps) => steps <= toSteps);
    evaluated = new Set([...evaluated].filter((steps) => steps <= toSteps));
  };
  return {
    listener: {
      onRecord: (record) => {
        if (record.kind === 'committed') {
          pass();
          boundaries.push(record.step + record.stepCount);
        } else if (record.kind === 'evaluated') onEvaluated(record.result);
        else if (record.kind === 'restored') onRestored(record.toSteps);
        else if (record.kind === 'ended' && record.ending === 'completed') pass();
      },
    },
  };
};

function isPhaseEnd({ phases }: RunPlan, steps: number): boolean {
  return phases.some(({ firstStep, stepCount }) => firstStep + stepCount === steps);
}

function passesMultiple(every: number, before: number, now: number): boolean {
  return every > 0 && Math.floor(now / every) > Math.floor(before / every);
}
