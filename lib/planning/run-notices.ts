/** What a person should know of a run before it begins, and that does not stop it. Pure. */
import { counted } from '../base/counted.ts';
import type { RunPlan } from '../run/plan.ts';

/** Below both, the phase of the largest images is over before the network has adapted to them. */
const MEAN_RATIO_MIN = 0.1;
const EPOCHS_AT_PEAK_MIN = 1;

/** @returns lines; none for a run without oddities */
export function noticesOf(plan: RunPlan): string[] {
  const { stepsPerEpoch, globalSize, validationSampleCount } = plan;
  const notices: string[] = [];
  if (stepsPerEpoch < 1) {
    const images = Math.round(stepsPerEpoch * globalSize);
    notices.push(
      `an epoch of ${counted(images, 'image')} is less than a step of ${globalSize} ` +
        '(batch.globalSize): some steps have an image more than once; lower batch.globalSize',
    );
  }
  const empty = plan.phases.filter(({ stepCount }) => stepCount === 0);
  if (empty.length > 0) {
    const which = empty.map(({ index }) => index + 1).join(', ');
    notices.push(
      `phases without steps: ${which} of ${plan.phases.length}; the run has ` +
        `${counted(plan.stepCount, 'step')}: lower schedule.phases, or train longer`,
    );
  }
  const unlearned = unlearnedSize(plan);
  if (unlearned !== undefined) notices.push(unlearned);
  if (validationSampleCount === 0) {
    notices.push('no validation images: nothing is evaluated, and no accuracy is known at the end');
  }
  return notices;
}

/** Where the decay is nearly over when images become largest, their phase changes little. */
function unlearnedSize(plan: RunPlan): string | undefined {
  const last = plan.phases.findLast(({ stepCount }) => stepCount > 0);
  const before = plan.phases.findLast((phase) => phase !== last && phase.stepCount > 0);
  if (last === undefined || before === undefined) return undefined;
  if (last.imageSizePx <= before.imageSizePx) return undefined;
  let peak = 0;
  let sum = 0;
  for (let step = 0; step < plan.stepCount; step++) {
    const rate = plan.learningRateOf(step);
    peak = Math.max(peak, rate);
    if (step >= last.firstStep) sum += rate;
  }
  if (peak === 0) return undefined;
  const meanRatio = sum / last.stepCount / peak;
  const epochsAtPeak = sum / peak / plan.stepsPerEpoch;
  if (meanRatio >= MEAN_RATIO_MIN || epochsAtPeak >= EPOCHS_AT_PEAK_MIN) return undefined;
  return (
    `the learning rate has decayed when images become largest: in phase ${last.index + 1} ` +
    `(${last.imageSizePx} px, ${counted(last.stepCount, 'step')}) its mean is ` +
    `${(100 * meanRatio).toFixed(1)} % of the peak, as much as ${epochsAtPeak.toFixed(2)} ` +
    `epochs at the peak (at least ${100 * MEAN_RATIO_MIN} %, or ${EPOCHS_AT_PEAK_MIN} epoch, ` +
    'suits): choose training.learningRate.decay linear, raise its minimum, or have fewer phases ' +
    '(schedule.phases)'
  );
}
