/**
 * Progressive learning (Tan and Le, "EfficientNetV2", 2021, section 4.2, Algorithm 1): training is
 * cut into M phases; image size and regularization grow linearly together from the first phase's
 * minimum to the last phase's maximum. Pure.
 */
import {
  IMAGE_SIZE_MULTIPLE_PX,
  type Range,
  type Recipe,
  type ScheduleConfig,
} from './run-config.ts';

/** Settings in force during one phase; the same on every worker. */
export interface PhaseSettings {
  /** 0 to phases-1. */
  readonly index: number;
  readonly imageSizePx: number;
  readonly dropoutRate: number;
  readonly randAugmentMagnitude: number;
  readonly mixupAlpha: number;
  readonly cutmixAlpha: number;
}

/** A phase and the steps [firstStep, firstStep + stepCount) it covers. */
export interface Phase extends PhaseSettings {
  readonly firstStep: number;
  readonly stepCount: number;
}

/** All phases of a run of `stepCount` steps; phase i ends at step floor((i + 1) * N / M). */
export function planPhases(schedule: ScheduleConfig, stepCount: number, recipe: Recipe): Phase[] {
  const last = schedule.phases - 1;
  return Array.from({ length: schedule.phases }, (_, index) => {
    const ratio = last === 0 ? 1 : index / last;
    const at = (range: { min: number; max: number }): number =>
      ratio === 1 ? range.max : range.min + (range.max - range.min) * ratio;
    const firstStep = Math.floor((index * stepCount) / schedule.phases);
    const end = Math.floor(((index + 1) * stepCount) / schedule.phases);
    return {
      index,
      imageSizePx:
        recipe === 'automl'
          ? releasedSize(schedule.imageSizePx, (index + 1) / schedule.phases)
          : Math.round(at(schedule.imageSizePx) / IMAGE_SIZE_MULTIPLE_PX) * IMAGE_SIZE_MULTIPLE_PX,
      dropoutRate: at(schedule.dropoutRate),
      randAugmentMagnitude: at(schedule.randAugmentMagnitude),
      mixupAlpha: at(schedule.mixupAlpha),
      cutmixAlpha: at(schedule.cutmixAlpha),
      firstStep,
      stepCount: end - firstStep,
    };
  });
}

/**
 * Sizes of the released code (google/automl, efficientnetv2/main.py): the first phase is a step
 * above the minimum already, and sizes are cut to whole pixels.
 */
function releasedSize({ min, max }: Range, share: number): number {
  return Math.floor(min + (max - min) * share);
}

/** The phase that `step` belongs to. */
export function phaseAt(phases: readonly Phase[], step: number): Phase {
  for (const phase of phases) if (step < phase.firstStep + phase.stepCount) return phase;
  return phases[phases.length - 1] as Phase;
}
