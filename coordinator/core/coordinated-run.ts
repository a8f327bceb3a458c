/** The run that a coordinator coordinates, and what it says of it first. Pure. */
import type { SpreadState } from '../../lib/checkpoint/state-leases.ts';
import type { RunPlan } from '../../lib/run/plan.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type { DatasetIdentity, Welcome } from '../../proto/generated/messages.ts';
import type { AdmissionRules } from './admission.ts';
import type { JournalRecord } from './events.ts';

export interface CoordinatedRun {
  readonly run: RunConfig;
  readonly runId: string;
  readonly configFingerprint: string;
  readonly plan: RunPlan;
  /** As the coordinator finds it. */
  readonly dataset: DatasetIdentity;
  /** Workers must say it; undefined: no token is asked for. */
  readonly joinToken: string | undefined;
  /** By which workers know each other; a new random one for each coordinator. */
  readonly peerToken: string;
  /** The training state, and how its members hold it. */
  readonly state: SpreadState;
  /** What the journal of a run that was begun before says; empty for a new one. */
  readonly records: readonly JournalRecord[];
}

/** Who is let in. */
export function admissionRulesOf(coordinated: CoordinatedRun): AdmissionRules {
  const { maxWorkers: workersMax, holdOffSecondsMax } = coordinated.run.cluster;
  return { ...coordinated, workersMax, holdOffMsMax: holdOffSecondsMax * 1_000 };
}

/** What a coordinator that starts journals: what the run is, or that it goes on. */
export function firstRecord(coordinated: CoordinatedRun): JournalRecord {
  const { run, runId, configFingerprint, plan, dataset, records } = coordinated;
  if (records.length > 0) return { kind: 'resumed' };
  return {
    kind: 'started',
    runId,
    configFingerprint,
    runConfigJson: JSON.stringify(run),
    stepCount: plan.stepCount,
    totalSamples: plan.totalSamples,
    filesSha256: dataset.filesSha256,
  };
}

export function welcomeTo(
  slot: number,
  { run, runId, configFingerprint, peerToken }: CoordinatedRun,
): Welcome & { readonly kind: 'welcome' } {
  return {
    kind: 'welcome',
    slot,
    runId,
    runConfigJson: JSON.stringify(run),
    configFingerprint,
    peerToken,
    heartbeatIntervalMs: run.cluster.heartbeatIntervalMs,
  };
}
