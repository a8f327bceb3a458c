/** Makes the folder of a run anew, on a machine that does not have it, from the run's store. */
import { join, resolve } from 'node:path';
import { CrescendoError, messageOf } from '../base/errors.ts';
import type { RunConfig } from '../run/run-config.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { makeBranch } from './branch.ts';
import { keptCheckpoints, readRunFile } from './run-checkpoints.ts';

/**
 * Makes runs/RUN-ID, whose run goes on from the newest checkpoint in the store. Evaluations before
 * that are not known any more.
 * @param url of the run, such as s3://bucket/prefix/RUN-ID
 * @returns the folder
 * @throws CRESCENDO_STORE_FAILED, CRESCENDO_CHECKPOINT_INVALID where the store has none;
 * CRESCENDO_RUN_FOLDER_UNUSABLE where the run has a folder there, from which it goes on
 */
export async function fetchRun(url: string, runsFolder: string): Promise<string> {
  const [, store = '', runId = ''] = /^(.*?)\/([^/]+)\/*$/.exec(url) ?? [];
  const folderPath = join(resolve(runsFolder), runId);
  if (nodeFiles.sizeOf(join(folderPath, 'journal.bin')) !== undefined) {
    throw new CrescendoError(
      'CRESCENDO_RUN_FOLDER_UNUSABLE',
      `${folderPath} is there already: go on with "crescendo resume ${folderPath}"`,
    );
  }
  const { run: begun, stepCount, totalSamples } = parse(url, await readRunFile(store, runId));
  const run = { ...begun, checkpoint: { ...begun.checkpoint, store } };
  const kept = await keptCheckpoints({ run, runId, folderPath }, () => undefined);
  kept.close();
  const [newest] = kept.store.list();
  if (newest === undefined) {
    throw new CrescendoError(
      'CRESCENDO_CHECKPOINT_INVALID',
      `${url} has no checkpoint that is whole: start the run anew`,
    );
  }
  const { committedSteps, layout } = newest;
  const branch = { runId, run, stepCount, totalSamples, committedSteps, layout };
  await makeBranch(nodeFiles, folderPath, branch, undefined);
  return folderPath;
}

interface StoredRunFile {
  readonly run: RunConfig;
  readonly stepCount: number;
  readonly totalSamples: number;
}

function parse(url: string, bytes: Uint8Array): StoredRunFile {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8')) as StoredRunFile;
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_CHECKPOINT_INVALID',
      `${url}/run.json is not JSON (${messageOf(error)}): restore it from a copy`,
      { cause: error },
    );
  }
}
