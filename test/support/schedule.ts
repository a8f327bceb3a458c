/** A schedule for tests that set only what they are about. */
import { eachKnob } from '../../lib/run/phase-knobs.ts';
import type { ScheduleConfig } from '../../lib/run/run-config.ts';

/** A schedule of one phase at one image size in which every other setting is off. */
export function bareSchedule(imageSizePx: number): ScheduleConfig {
  return {
    phases: 1,
    sizeMultiplePx: 4,
    ...eachKnob(() => ({ min: 0, max: 0 })),
    imageSizePx: { min: imageSizePx, max: imageSizePx },
  };
}
