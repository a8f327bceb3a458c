/** Trains steps of a run again on this machine, and compares their gradients with its journal. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import {
  isExact,
  type CommittedRecord,
  type Finding,
} from '../../coordinator/core/journal-audit.ts';
import type { RunPlan } from '../run/plan.ts';
import type { RunConfig } from '../run/run-config.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { makeBranch } from './branch.ts';
import { keptCheckpoints, withBlocks } from './run-checkpoints.ts';
import type { ProgressOutput } from './progress-view.ts';
import { readRun } from './run-records.ts';
import { readBegunRun } from './resume.ts';
import { throwIfStopped } from './stopping.ts';
import { trainLocally } from './train.ts';
import type { Verification } from './verify.ts';

export interface ReplaySettings {
  /** How many steps, at least 1; fewer where the run has no more behind any checkpoint. */
  readonly steps: number;
  readonly progress?: ProgressOutput;
  readonly signal?: AbortSignal;
}

export interface Replay {
  readonly firstStep: number;
  readonly stepCount: number;
  /** The first step whose gradient is another; undefined where all are the same. */
  readonly finding: Finding | undefined;
}

/**
 * Trains steps again in a temporary folder, on one worker, from the newest checkpoint that has so
 * many steps behind it.
 * @param verification of the run, whose checkpoints are whole
 * @throws CRESCENDO_CONFIG_INVALID where steps do not come to the same bits on other workers, or
 * there is nothing to do again; what trainLocally throws; CRESCENDO_STOPPED
 */
export async function replayRun(
  verification: Verification,
  { steps, progress, signal }: ReplaySettings,
): Promise<Replay> {
  const { audit, plan, run } = verification;
  const firstStep = startOf(verification, steps);
  const end = Math.min(firstStep + steps, audit.committedSteps);
  const expected = audit.standing.filter(({ step }) => step >= firstStep && step < end);
  requireExact(expected, plan);
  const folder = mkdtempSync(join(tmpdir(), 'crescendo-replay-'));
  try {
    const path = firstStep === 0 ? undefined : await branchIn(folder, verification, firstStep);
    const { folderPath } = await trainLocally({
      run: alone(run),
      runsFolder: folder,
      workerCount: 1,
      untilStep: end,
      ...(path === undefined ? {} : { resumed: { ...readBegunRun(path), run: alone(run) } }),
      ...(progress === undefined ? {} : { progress }),
      ...(signal === undefined ? {} : { signal }),
    });
    throwIfStopped(signal);
    const finding = compare(expected, folderPath);
    return { firstStep, stepCount: end - firstStep, finding };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The newest state with so many committed steps behind it, or else the oldest. */
function startOf({ audit, checkpoints }: Verification, steps: number): number {
  const { committedSteps, firstStep } = audit;
  const states = [...checkpoints, ...(firstStep === 0 ? [0] : [])];
  const usable = states.filter((one) => one < committedSteps).sort((a, b) => b - a);
  const start = usable.find((one) => committedSteps - one >= steps) ?? usable.at(-1);
  if (start !== undefined) return start;
  throw cannotReplay('no committed step is behind a checkpoint that is kept');
}

function requireExact(records: readonly CommittedRecord[], plan: RunPlan): void {
  const inexact = records.find(({ compression }) => !isExact(plan, compression));
  if (inexact === undefined) return;
  const { step, compression } = inexact;
  throw cannotReplay(
    plan.mode.leaves === 'members'
      ? 'with training.localSgd the gradients depend on the number of workers'
      : plan.communication.compression === 'auto'
        ? 'with communication.compression auto the gradients depend on timing'
        : `step ${step} was compressed by ${compression}, whose gradients depend on the workers`,
  );
}

function cannotReplay(why: string): CrescendoError {
  return new CrescendoError('CRESCENDO_CONFIG_INVALID', `--replay: ${why}; verify without it`);
}

/** The same training on one worker, with nothing beside it. */
function alone(run: RunConfig): RunConfig {
  const checkpoint = { ...run.checkpoint, everySteps: 0, everyMinutes: 0 };
  delete (checkpoint as { store?: string }).store;
  return {
    ...run,
    dataset: { ...run.dataset, validationSamplesMax: 1 },
    evaluation: {
      ...run.evaluation,
      atPhaseEnd: false,
      everyEpochs: 0,
      everySteps: 0,
      everyMinutes: 0,
      stopAfterWithoutGain: 0,
    },
    checkpoint,
    cluster: { ...run.cluster, pauseBelow: 1 },
  };
}

async function branchIn(
  folder: string,
  { folderPath, runId, run, plan }: Verification,
  committedSteps: number,
): Promise<string> {
  const kept = await keptCheckpoints({ folderPath, runId, run }, () => undefined);
  try {
    const entry = kept.store.list().find((one) => one.committedSteps === committedSteps);
    if (entry === undefined) throw cannotReplay(`the checkpoint after ${committedSteps} is gone`);
    const path = join(folder, runId);
    const { layout } = entry;
    const { stepCount, totalSamples } = plan;
    const branch = { runId, run: alone(run), stepCount, totalSamples, committedSteps, layout };
    await withBlocks(kept.store, entry, (blockOf) => makeBranch(nodeFiles, path, branch, blockOf));
    return path;
  } finally {
    kept.close();
  }
}

function compare(expected: readonly CommittedRecord[], folderPath: string): Finding | undefined {
  const { records } = readRun(folderPath);
  const replayed = new Map(
    records.flatMap((record) => (record.kind === 'committed' ? [[record.step, record]] : [])),
  );
  for (const { step, checksum } of expected) {
    const again = replayed.get(step);
    if (again === undefined) return { step, what: 'it was not done again: the replay ended early' };
    if (again.checksum !== checksum) {
      const [is, was] = [again.checksum, checksum].map((one) => one.toString(16));
      const what = `done again, its gradient has checksum ${is}, and the journal says ${was}`;
      return { step, what };
    }
  }
  return undefined;
}
