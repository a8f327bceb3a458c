/** Finds out what a run is that was begun before, from its folder. */
import { join, resolve } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import { readJournal } from '../../coordinator/journal.ts';
import type { RunConfig } from '../run/run-config.ts';
import { nodeFiles } from '../storage/node-files.ts';

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
  const folderPath = resolve(path);
  const journalPath = join(folderPath, 'journal.bin');
  if (nodeFiles.sizeOf(journalPath) === undefined) {
    throw unusable(`${folderPath} has no journal.bin: give the folder of a run, such as runs/ID`);
  }
  const { records } = readJournal(nodeFiles, journalPath);
  const started = records.find((record) => record.kind === 'started');
  if (started === undefined) {
    throw unusable(
      `the run in ${folderPath} was killed before its first record; nothing of it can go on: ` +
        'start it anew',
    );
  }
  const last = records.at(-1);
  if (last?.kind === 'ended' && last.ending === 'completed') {
    throw unusable(`the run in ${folderPath} is complete (${last.reason}): nothing is left to do`);
  }
  const run = JSON.parse(started.runConfigJson) as RunConfig;
  return { runId: started.runId, folderPath, run };
}

function unusable(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_RUN_FOLDER_UNUSABLE', what);
}
