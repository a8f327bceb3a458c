/** What a person should know of a run before it begins, and that does not stop it. Pure. */
import type { RunPlan } from '../run/plan.ts';

/** @returns lines; none for a run without oddities */
export function noticesOf(plan: RunPlan): string[] {
  const { stepsPerEpoch, globalSize, validationSampleCount } = plan;
  const notices: string[] = [];
  if (stepsPerEpoch < 1) {
    const images = Math.round(stepsPerEpoch * globalSize);
    notices.push(
      `an epoch of ${images} images is less than a step of ${globalSize} (batch.globalSize): ` +
        'some steps have an image more than once; lower batch.globalSize',
    );
  }
  const empty = plan.phases.filter(({ stepCount }) => stepCount === 0);
  if (empty.length > 0) {
    const which = empty.map(({ index }) => index + 1).join(', ');
    notices.push(
      `phases without steps: ${which} of ${plan.phases.length}; the run has ${plan.stepCount} ` +
        'steps: lower schedule.phases, or train longer',
    );
  }
  if (validationSampleCount === 0) {
    notices.push('no validation images: nothing is evaluated, and no accuracy is known at the end');
  }
  return notices;
}
