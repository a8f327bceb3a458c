/**
 * What is done to a simulated run: its settings, and faults, each at a time of the virtual clock. A
 * plan is data: the same plan gives the same run. Pure.
 */
import { COORDINATOR_HOST } from '../coordinator.ts';
import type { FirstAfterThaw } from '../process.ts';

/** A run of a toy model on seats: hosts on each of which one worker process runs at a time. */
export interface RunSettings {
  readonly mode: 'synchronous' | 'sharded' | 'local-sgd';
  /** What gradients are rounded to, or packed with. */
  readonly compression: 'float32' | 'bfloat16' | 'int8' | 'top-k';
  /** Seats, numbered from 0; 1 to 5. */
  readonly seats: number;
  /** Machines that the seats are divided among, so that some peers share one. */
  readonly machines: number;
  readonly minWorkers: number;
  readonly pauseBelow: number;
  /** 0: none by steps. */
  readonly checkpointEverySteps: number;
  readonly microBatches: number;
  readonly steps: number;
  readonly phases: number;
  readonly evaluatesAtPhaseEnd: boolean;
  /** 0: not by steps. */
  readonly evaluateEverySteps: number;
  readonly validationSamples: number;
  readonly heartbeatTimeoutMs: number;
  readonly microBatchMs: number;
  /** training.audit of the run file; 0 with local SGD. */
  readonly auditRatio: number;
  /** In every so many steps a gradient is infinite; 0: in none. */
  readonly nonfiniteEverySteps: number;
  /** A byte that waits to be relayed counts as so many, so that queues fill with a toy's frames. */
  readonly queueWeight: number;
  /** A message is under way for 1 to so many milliseconds. */
  readonly delayMaxMs: number;
  /** cluster.holdOffSecondsMax of the run file. */
  readonly holdOffSecondsMax: number;
  /** Until a supervisor starts a new process where one has ended. */
  readonly restartMs: number;
}

/** A host of the network, see hostOf(). */
export type Host = string;

export type DiskTrouble = 'full' | 'failing' | 'slow';

/** A fault that lasts ends after its time, or when the plan's faults end. */
export type FaultAction =
  | { readonly kind: 'kill'; readonly seat: number }
  /** Each process of a seat is killed soon after it has started. */
  | {
      readonly kind: 'flap';
      readonly seat: number;
      readonly times: number;
      readonly everyMs: number;
    }
  /**
   * The coordinator dies, and a new process is started after a while. Where the power is lost, its
   * disk loses what was not synced.
   */
  | { readonly kind: 'kill-coordinator'; readonly forMs: number; readonly isPowerLost: boolean }
  /** The coordinator's disk is full, fails now and then, or takes long. */
  | { readonly kind: 'disk'; readonly trouble: DiskTrouble; readonly forMs: number }
  | {
      readonly kind: 'freeze';
      readonly host: Host;
      readonly forMs: number;
      readonly first: FirstAfterThaw;
    }
  /** Computing takes `factor` times as long. */
  | {
      readonly kind: 'slow';
      readonly seat: number;
      readonly factor: number;
      readonly forMs: number;
    }
  /** The compute thread comes to nothing any more; the rest of the process lives. */
  | { readonly kind: 'hang'; readonly seat: number }
  /** The clock of a process moves ahead. */
  | { readonly kind: 'jump'; readonly host: Host; readonly byMs: number }
  | { readonly kind: 'drain'; readonly seat: number }
  | { readonly kind: 'stop' }
  /** The connection between a worker and the coordinator is reset. */
  | { readonly kind: 'reset'; readonly seat: number }
  /** Nothing gets through one way; then it arrives late, or the connections are reset. */
  | {
      readonly kind: 'cut';
      readonly from: Host;
      readonly to: Host;
      readonly forMs: number;
      readonly thenReset: boolean;
    }
  /** Nothing gets through between these hosts and all others. */
  | {
      readonly kind: 'partition';
      readonly hosts: readonly Host[];
      readonly forMs: number;
      readonly thenReset: boolean;
    }
  | {
      readonly kind: 'slow-way';
      readonly from: Host;
      readonly to: Host;
      readonly bytesPerMs: number;
      readonly forMs: number;
    }
  /** The link by which one worker receives from another breaks. */
  | { readonly kind: 'break'; readonly from: Host; readonly to: Host }
  /** It breaks, and cannot be dialed for a while. */
  | { readonly kind: 'block'; readonly from: Host; readonly to: Host; readonly forMs: number };

export type FaultKind = FaultAction['kind'];
export type Fault = FaultAction & { readonly atMs: number };

export interface FaultPlan {
  readonly seed: number;
  readonly settings: RunSettings;
  /** All faults are over: the run has to end within a bounded time. */
  readonly faultsEndMs: number;
  /** By time. */
  readonly faults: readonly Fault[];
}

export function hostOf(seat: number): Host {
  return `w${seat}`;
}

/** All hosts of a run, the coordinator's last. */
export function hostsOf({ seats }: RunSettings): Host[] {
  return [...Array.from({ length: seats }, (_, seat) => hostOf(seat)), COORDINATOR_HOST];
}
