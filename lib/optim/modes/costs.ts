/** What a run costs in a training mode. */
import type { PlannedBytes } from '../../collective/all-reduce/planned-bytes.ts';
import type { Bucket } from '../../collective/buckets.ts';
import type { ParameterSpec } from '../../models/nn/layout.ts';
import type { RunPlan } from '../../run/plan.ts';
import type { FlatLayout } from '../flat-layout.ts';

/** A run on a cluster whose workers each have a machine of their own. */
export interface CostShape {
  readonly plan: RunPlan;
  readonly workers: number;
  readonly parameters: FlatLayout<ParameterSpec>;
  /** Of the moving statistics. */
  readonly statisticElements: number;
  /** Of the whole vector, in the format that sums are rounded to. */
  readonly buckets: readonly Bucket[];
}

export interface ModeCosts {
  /** Payload of the busiest worker with an exact format, in bytes per step, as the run's mean. */
  bytesPerStep(shape: CostShape): PlannedBytes;
  /**
   * Memory that the mode holds beside the sections of the state (state-sections.ts), in bytes, on
   * the worker with most of it.
   */
  memoryBytes(shape: CostShape): number;
}
