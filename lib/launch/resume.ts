/** Finds out what a run is that was begun before, from its folder. */
import { join, resolve } from 'node:path';
import { readJournal } from '../../coordinator/journal.ts';
import { trainingFingerprintOf } from '../run/fingerprint.ts';
import type { RunConfig } from '../run/run-config.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { lastOwnerOf } from '../storage/owner-record.ts';
import { readRun, unusable } from './run-records.ts';

const JOURNAL_FILE = 'journal.bin';

/** A run that is to go on. */
export interface BegunRun {
  readonly runId: string;
  readonly folderPath: string;
  /** The run file, after defaults, with which it was begun. */
  readonly run: RunConfig;
}

/**
 * Reads the folder of a run, such as runs/20260102-030405-a1b2.
 * @throws CRESCENDO_RUN_FOLDER_UNUSABLE where it is none, or where the run is complete
 */
export function readBegunRun(path: string): BegunRun {
  const { runId, folderPath, run, records } = readRun(path);
  const last = records.at(-1);
  if (last?.kind === 'ended' && last.ending === 'completed') {
    throw unusable(`the run in ${folderPath} is complete (${last.reason}): nothing is left to do`);
  }
  return { runId, folderPath, run };
}

/**
 * Runs of a run file that have not ended and whose owner has not released them, newest first. All
 * others cost no more than a look into their folder.
 */
export function* unfinishedRuns(runsFolder: string, run: RunConfig): Generator<BegunRun> {
  const fingerprint = trainingFingerprintOf(run);
  for (const name of nodeFiles.list(resolve(runsFolder)).toReversed()) {
    const begun = unfinishedRun(join(resolve(runsFolder), name));
    if (begun !== undefined && trainingFingerprintOf(begun.run) === fingerprint) yield begun;
  }
}

function unfinishedRun(folderPath: string): BegunRun | undefined {
  try {
    const owner = lastOwnerOf(nodeFiles, folderPath);
    if (owner === undefined || owner.record?.isReleased === true) return undefined;
    const { records } = readJournal(nodeFiles, join(folderPath, JOURNAL_FILE));
    const started = records.find((record) => record.kind === 'started');
    const turn = records.findLast(({ kind }) => kind === 'ended' || kind === 'resumed');
    if (started === undefined || turn?.kind === 'ended') return undefined;
    const run = JSON.parse(started.runConfigJson) as RunConfig;
    return { runId: started.runId, folderPath, run };
  } catch {
    // Whatever it is, it is nothing that could go on.
    return undefined;
  }
}
