/** What watches a simulated run, and says where something happened that must not. Pure. */
import type { ModePlan } from '../../run/mode-plan.ts';
import type { RunPlan } from '../../run/plan.ts';
import type { ClusterListener, SimulatedCluster } from '../cluster.ts';
import type { RunSettings } from '../faults/plan.ts';
import type { DiskStorage } from '../run-storage.ts';

/** The run that is watched. */
export interface WatchedRun {
  readonly settings: RunSettings;
  readonly plan: RunPlan;
  readonly mode: ModePlan;
  /** Whether the weights after each step are those of a run that nothing disturbs. */
  readonly isFixed: boolean;
  readonly heartbeatIntervalMs: number;
  /** A hash of the weights after each step of a run with these settings that nothing disturbs. */
  readonly undisturbed: () => readonly number[];
  /** Milliseconds since the start. */
  readonly now: () => number;
}

export interface Checker {
  /** Told of what happens. */
  readonly listener?: ClusterListener;
  /** Called several times in a second of the virtual clock. */
  readonly inspect?: (cluster: SimulatedCluster) => void;
  /** Called once, when the run has ended and a while has passed. */
  readonly conclude?: (cluster: SimulatedCluster, storage: DiskStorage) => void;
}

/** @param report takes what must not have happened, in words */
export type MakeChecker = (run: WatchedRun, report: (text: string) => void) => Checker;
