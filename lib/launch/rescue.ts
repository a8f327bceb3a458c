/** Keeps a worker's training state on its own machine, where the coordinator does not come back. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { LocalState } from '../../worker/core/ports.ts';
import { CHECKPOINT_BLOCK_BYTES } from '../checkpoint/store.ts';
import type { RunConfig } from '../run/run-config.ts';
import type { Files } from '../storage/files.ts';
import { makeBranch } from './branch.ts';

/** Below CRESCENDO_HOME. */
export const RESCUED_FOLDER = 'rescued';

export interface RescuedState {
  readonly path: string;
  readonly committedSteps: number;
}

/** The newest state of a run that workers kept there; undefined where none did. */
export function newestRescued(
  files: Files,
  folder: string,
  runId: string,
): RescuedState | undefined {
  const prefix = `${runId}-step-`;
  const found = files.list(folder).flatMap((name): RescuedState[] => {
    const [, steps] = /^(\d+)-[0-9a-f]+$/.exec(name.slice(prefix.length)) ?? [];
    const isOfRun = name.startsWith(prefix) && steps !== undefined;
    return isOfRun ? [{ path: join(folder, name), committedSteps: Number(steps) }] : [];
  });
  return found.sort((left, right) => right.committedSteps - left.committedSteps)[0];
}

/**
 * Writes a run folder that `crescendo resume` goes on from.
 * @param folder in which it is made
 * @returns in words where it is
 * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
 */
export async function rescue(files: Files, folder: string, kept: LocalState): Promise<string> {
  const { runId, committedSteps, runConfigJson, whole } = kept;
  if (whole === undefined) {
    return (
      `the training state after ${committedSteps} steps is not kept here: this worker has only ` +
      'a shard of the optimizer state (training.optimizer.sharded); go on from the last ' +
      'checkpoint with "crescendo resume" and the folder of the run, which is with its coordinator'
    );
  }
  const { layout, values } = whole;
  // Workers of one machine keep theirs at the same time.
  const name = `${runId}-step-${committedSteps}-${randomBytes(4).toString('hex')}`;
  const path = join(folder, name);
  const run = JSON.parse(runConfigJson) as RunConfig;
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const branch = { runId, run, stepCount: 0, totalSamples: 0, committedSteps, layout };
  await makeBranch(files, path, branch, (index) => {
    const begin = index * CHECKPOINT_BLOCK_BYTES;
    return Promise.resolve(bytes.subarray(begin, begin + CHECKPOINT_BLOCK_BYTES));
  });
  return (
    `the training state after ${committedSteps} steps is kept in ${path}: ` +
    `go on from it with "crescendo resume ${path}"`
  );
}
