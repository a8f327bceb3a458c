/** Finds out what a run is that was begun before, from its folder. */
import type { RunConfig } from '../run/run-config.ts';
import { readRun, unusable } from './run-records.ts';

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
