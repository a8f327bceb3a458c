/** Starts a branch of a run: one of its own, from a checkpoint that the run keeps. */
import { dirname, join } from 'node:path';
import { EvaluationHistory } from '../../coordinator/core/evaluation-history.ts';
import type {
  BranchPoint,
  EvaluationRecord,
  JournalRecord,
} from '../../coordinator/core/events.ts';
import { recordedStates } from '../../coordinator/core/journal-audit.ts';
import { CrescendoError } from '../base/errors.ts';
import { stateSha256Of } from '../checkpoint/manifest.ts';
import {
  invalidCheckpoint,
  type CheckpointEntry,
  type CheckpointStore,
} from '../checkpoint/store.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { withStorageErrors } from '../storage/system-error.ts';
import { makeBranch, writeCheckpoint } from './branch.ts';
import { makeRunId } from './owned-run.ts';
import { keptCheckpoints, withBlocks } from './run-checkpoints.ts';
import { readRun, unusable, type RecordedRun } from './run-records.ts';

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export interface RewindSettings {
  /** After how many committed steps the run branches: one of those with a checkpoint. */
  readonly toSteps: number | undefined;
  /** Name of the new run and of its folder, beside that of the run; made unless given. */
  readonly newId?: string | undefined;
}

export interface RewoundRun {
  readonly runId: string;
  readonly folderPath: string;
  readonly branchedFrom: BranchPoint;
  /** Committed steps of the best evaluation so far, where its checkpoint is not kept any more. */
  readonly lostBestSteps: number | undefined;
}

/** What is needed of the run that is branched. */
interface Origin extends RecordedRun {
  readonly store: CheckpointStore;
  readonly entries: readonly CheckpointEntry[];
}

/**
 * Makes the folder of the branch, and changes nothing in that of the run, which may go on. The
 * state is copied, and each block of it has the SHA-256 that it must have.
 * @throws CRESCENDO_CONFIG_INVALID for a step without a checkpoint (it lists those that there are)
 * and a name that is none; CRESCENDO_CHECKPOINT_INVALID; CRESCENDO_STORAGE_FULL;
 * CRESCENDO_RUN_FOLDER_UNUSABLE where the run is none, or the new folder is there already
 */
export async function rewindRun(path: string, settings: RewindSettings): Promise<RewoundRun> {
  const recorded = readRun(path);
  const kept = await keptCheckpoints(recorded, () => undefined);
  const { store } = kept;
  try {
    return await branchOf({ ...recorded, store, entries: store.list() }, settings);
  } finally {
    kept.close();
  }
}

async function branchOf(origin: Origin, settings: RewindSettings): Promise<RewoundRun> {
  const { store } = origin;
  const runId = checkedId(settings.newId ?? makeRunId());
  const entry = checkpointAt(origin, settings.toSteps);
  const stateSha256 = checkedState(origin, entry);
  const { committedSteps } = entry;
  const branchedFrom = { runId: origin.runId, committedSteps, stateSha256 };
  const folderPath = join(dirname(origin.folderPath), runId);
  makeNewFolder(folderPath);
  try {
    const best = await copyBest(origin, committedSteps, folderPath);
    const { layout } = entry;
    const branch = {
      runId,
      run: origin.run,
      ...lengthOf(origin),
      committedSteps,
      layout,
      branchedFrom,
      records: best.records,
    };
    await withBlocks(store, entry, (blockOf) => makeBranch(nodeFiles, folderPath, branch, blockOf));
    return { runId, folderPath, branchedFrom, lostBestSteps: best.lostBestSteps };
  } catch (error) {
    nodeFiles.remove(folderPath);
    throw error;
  }
}

function checkedId(runId: string): string {
  if (RUN_ID.test(runId)) return runId;
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    `--new-id ${JSON.stringify(runId)} is no name for a run: use 1 to 100 letters, digits, ` +
      'points, hyphens and underscores, a letter or digit first',
  );
}

function checkpointAt(
  { entries, folderPath }: Origin,
  toSteps: number | undefined,
): CheckpointEntry {
  const found = entries.find(({ committedSteps }) => committedSteps === toSteps);
  if (found !== undefined) return found;
  const kept = entries.map(({ committedSteps }) => committedSteps).sort((a, b) => a - b);
  const steps = kept.length === 0 ? 'none' : kept.join(', ');
  throw new CrescendoError(
    'CRESCENDO_CONFIG_INVALID',
    (toSteps === undefined ? '--to is missing' : `--to ${toSteps}: no checkpoint is kept of it`) +
      `; ${folderPath} has checkpoints after so many steps: ${steps}`,
  );
}

/** @returns the hash of a checkpoint, which is the one that the journal names */
function checkedState({ records, folderPath }: Origin, entry: CheckpointEntry): string {
  const { committedSteps, blocks } = entry;
  const stateSha256 = stateSha256Of(blocks);
  const recorded = recordedStates(records).get(committedSteps) ?? stateSha256;
  if (recorded === stateSha256) return stateSha256;
  throw invalidCheckpoint(
    `the checkpoint after ${committedSteps} steps in ${folderPath} is another than the journal ` +
      'says; use another one',
  );
}

/** As its journal says: 0 where that does not know. */
function lengthOf({ records }: Origin): { stepCount: number; totalSamples: number } {
  const started = records.find((record) => record.kind === 'started');
  return { stepCount: started?.stepCount ?? 0, totalSamples: started?.totalSamples ?? 0 };
}

function makeNewFolder(folderPath: string): void {
  withStorageErrors(`the run's folder ${folderPath} cannot be made`, () => {
    if (nodeFiles.makeFolder(folderPath)) return;
    throw unusable(`${folderPath} is there already: give another --new-id`);
  });
}

/**
 * Evaluations before the branch decide when it is stopped early and which of its weights are best,
 * so the branch knows them, and has the checkpoint of the best one.
 */
async function copyBest(
  origin: Origin,
  committedSteps: number,
  folderPath: string,
): Promise<{ readonly records: readonly JournalRecord[]; lostBestSteps: number | undefined }> {
  const { run, store, entries } = origin;
  const evaluated = evaluationsUpTo(origin.records, committedSteps);
  const { keepBest } = run.checkpoint;
  const rules = { keepBest, evaluation: run.evaluation };
  const history = new EvaluationHistory(
    rules,
    evaluated.map(({ result }) => result),
  );
  const best = history.best?.steps;
  if (best === undefined || best === committedSteps) {
    return { records: evaluated, lostBestSteps: undefined };
  }
  const entry = entries.find((one) => one.committedSteps === best);
  if (entry === undefined) return { records: evaluated, lostBestSteps: best };
  const stateSha256 = checkedState(origin, entry);
  await withBlocks(store, entry, (blockOf) =>
    writeCheckpoint(nodeFiles, folderPath, entry, blockOf),
  );
  const copied: JournalRecord = { kind: 'checkpointed', committedSteps: best, stateSha256 };
  return { records: [copied, ...evaluated], lostBestSteps: undefined };
}

/** Those that stand, oldest first: a run that went back has forgotten later ones. */
function evaluationsUpTo(
  records: readonly JournalRecord[],
  committedSteps: number,
): EvaluationRecord[] {
  let standing: EvaluationRecord[] = [];
  for (const record of records) {
    if (record.kind === 'evaluated') standing.push(record);
    else if (record.kind === 'restored') {
      standing = standing.filter(({ result }) => result.steps <= record.toSteps);
    }
  }
  // The one at the end is made of the final weights, which a branch does not have yet.
  return standing.filter(({ result }) => result.steps <= committedSteps && !result.isFinal);
}
