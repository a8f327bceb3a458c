/** What the coordinator's core is told of a run besides its plan. */
import { leaseState, type SpreadState } from '../../lib/checkpoint/state-leases.ts';
import type { ShardMember } from '../../lib/collective/shard-layout.ts';
import { badSamplesMax } from '../../lib/run/bad-samples.ts';
import type { RunPlan } from '../../lib/run/plan.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type { StateLease } from '../../proto/generated/messages.ts';
import type { CheckpointRules } from './checkpoint-log.ts';

const MINUTE_MS = 60_000;
const LINK_TIMEOUT_MS = 60_000;

export interface CoreOptions {
  /** With more training samples than this that cannot be read the run ends. */
  readonly badSamplesMax: number;
  /** Workers to begin with. */
  readonly minWorkers: number;
  /** With fewer members the run pauses. */
  readonly pauseBelow: number;
  /** How long the first workers may take to join; Infinity for ever. */
  readonly startTimeoutMs: number;
  /** How long a run that has begun waits for workers, or for room on its disk. */
  readonly reconnectMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  /** Longest wait for members to link, besides the time for what they send each other. */
  readonly linkTimeoutMs: number;
  readonly checkpoint: CheckpointRules;
  /** Which members send which parts of the training state for a checkpoint. */
  readonly leaseState: (members: readonly ShardMember[]) => StateLease[];
}

export function optionsOf({
  run: { cluster, checkpoint, dataset },
  plan,
  state,
}: {
  readonly run: RunConfig;
  readonly plan: RunPlan;
  readonly state: SpreadState;
}): CoreOptions {
  const { startTimeoutMinutes, reconnectMinutes } = cluster;
  return {
    badSamplesMax: badSamplesMax(dataset, Math.round(plan.stepsPerEpoch * plan.globalSize)),
    minWorkers: cluster.minWorkers,
    pauseBelow: cluster.pauseBelow,
    startTimeoutMs: startTimeoutMinutes === 0 ? Infinity : startTimeoutMinutes * MINUTE_MS,
    reconnectMs: reconnectMinutes * MINUTE_MS,
    heartbeatTimeoutMs: cluster.heartbeatTimeoutMs,
    heartbeatIntervalMs: cluster.heartbeatIntervalMs,
    linkTimeoutMs: LINK_TIMEOUT_MS,
    checkpoint,
    leaseState: (members) => leaseState(state, members),
  };
}
