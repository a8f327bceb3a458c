/**
 * Progressive learning (Tan and Le, "EfficientNetV2", 2021, section 4.2, Algorithm 1): training is
 * cut into M phases; image size and regularization grow linearly together from the first phase's
 * minimum to the last phase's maximum. Pure.
 */
import { eachKnob, type PhaseKnob, type Range } from './phase-knobs.ts';
import type { Recipe, ScheduleConfig } from './run-config.ts';

/** Settings in force during one phase; the same on every worker. */
export interface PhaseSettings extends Readonly<Record<PhaseKnob, number>> {
  /** 0 to phases-1. */
  readonly index: number;
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
    const at = ({ min, max }: Range): number => (ratio === 1 ? max : min + (max - min) * ratio);
    const firstStep = Math.floor((index * stepCount) / schedule.phases);
    const end = Math.floor(((index + 1) * stepCount) / schedule.phases);
    return {
      index,
      ...eachKnob((knob) => at(schedule[knob])),
      imageSizePx:
        recipe === 'automl'
          ? releasedSize(schedule.imageSizePx, (index + 1) / schedule.phases)
          : roundedSize(at(schedule.imageSizePx), schedule),
      firstStep,
      stepCount: end - firstStep,
    };
  });
}

/** The ends of a schedule stay as they are; no size between them is beyond them. */
function roundedSize(sizePx: number, { imageSizePx, sizeMultiplePx }: ScheduleConfig): number {
  const { min, max } = imageSizePx;
  if (sizePx === min || sizePx === max) return sizePx;
  const rounded = Math.round(sizePx / sizeMultiplePx) * sizeMultiplePx;
  return Math.min(max, Math.max(min, rounded));
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

/** A phase's settings without the steps it covers. */
export function settingsOf(phase: PhaseSettings): PhaseSettings {
  return { index: phase.index, ...eachKnob((knob) => phase[knob]) };
}

/** Settings of a first phase at one image size in which every other setting is off. */
export function barePhase(imageSizePx: number): PhaseSettings {
  return { index: 0, ...eachKnob(() => 0), imageSizePx };
}
