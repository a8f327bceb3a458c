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
  /** How many moving statistics the network has. */
  readonly statisticElements: number;
  /** How the whole vector is cut, in the format that sums are rounded to. */
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
  /** What a plan says behind the bytes of a step; empty where every step moves the same. */
  readonly bytesNote: string;
  readonly estimate: ModeEstimate;
}

/** What the cost model (lib/planning/cost-model.ts) predicts a mode's steps with. */
export interface ModeEstimate {
  /** At least 1. */
  readonly stepsPerAllReduce: number;
  /** When buckets leave: each as the backward pass finishes it, or all behind the last step. */
  readonly leave: 'in-backward' | 'after-compute';
  /** What owners send: sums in the format they travel in, or weights, which are float32. */
  readonly gather: 'sums' | 'weights';
  /** The setting of the run file that makes all-reduces rarer. */
  readonly rarerBy: string;
  /** What a prediction leaves out, in sentences for the user. */
  readonly notes: readonly string[];
}
