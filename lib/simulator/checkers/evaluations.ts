/**
 * Evaluations are made after the steps after which the run file asks for them, once each, and count
 * every validation batch once. Pure.
 */
import { EVALUATION_BATCH_SAMPLES, type RunPlan } from '../../run/plan.ts';
import type { MakeChecker } from './checker.ts';

export const checkEvaluations: MakeChecker = ({ plan, settings }, report) => {
  let committedBefore = 0;
  let committed = 0;
  let isMade = false;
  /** The toy model counts whole batches. */
  const samples =
    Math.ceil(plan.validationSampleCount / EVALUATION_BATCH_SAMPLES) * EVALUATION_BATCH_SAMPLES;

  /** Something follows that comes after the evaluation of the committed steps. */
  const pass = (): void => {
    const isDue =
      plan.validationSampleCount > 0 &&
      (committed === plan.stepCount ||
        (settings.evaluatesAtPhaseEnd && isPhaseEnd(plan, committed)) ||
        passesMultiple(settings.evaluateEverySteps, committedBefore, committed));
    if (isDue !== isMade) report(`evaluated after ${committed} steps: ${isMade}, due: ${isDue}`);
  };
  return {
    listener: {
      onRecord: (record) => {
        if (record.kind === 'committed') {
          if (committed > 0) pass();
          [committedBefore, committed] = [committed, record.step + record.stepCount];
          isMade = false;
        } else if (record.kind === 'evaluated') {
          const { steps, sampleCount } = record.result;
          if (steps !== committed || isMade) report(`${steps} of ${committed} steps are evaluated`);
          if (sampleCount !== samples)
            report(`${sampleCount} samples are evaluated, not ${samples}`);
          isMade = true;
        } else if (record.kind === 'ended' && record.ending === 'completed') pass();
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
