/** What the user of a run that goes on is told: from where, and where a newer state is kept. */
import { join } from 'node:path';
import { progressOf } from '../../coordinator/core/progress.ts';
import type { RunFolder } from '../../coordinator/run-folder.ts';
import { crescendoHome } from '../base/project.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { newestRescued, RESCUED_FOLDER } from './rescue.ts';

/**
 * Lines about a run folder that a coordinator goes on from.
 * @param isAsked whether the user has asked for it, as with `crescendo resume`
 * @throws CRESCENDO_RUN_FOLDER_UNUSABLE where the checkpoints cannot be listed
 */
export function goingOn(
  folder: Pick<RunFolder, 'path' | 'records' | 'checkpoints'>,
  runId: string,
  isAsked: boolean,
): string[] {
  const { committedSteps } = progressOf(folder.records);
  const held = folder.checkpoints.list()[0]?.committedSteps ?? 0;
  const again = committedSteps - held;
  const rest =
    again === 0 ? '' : `; the ${again} after it are done again unless workers still hold them`;
  const line =
    `going on with run ${runId}: ${committedSteps} steps are committed, and the newest ` +
    `checkpoint holds ${held}${rest}${isAsked ? '' : ' (--new starts another run)'}`;
  const kept = newestRescued(nodeFiles, join(crescendoHome(), RESCUED_FOLDER), runId);
  const isNewer = kept !== undefined && kept.committedSteps > held && kept.path !== folder.path;
  if (!isNewer) return [line];
  const { path, committedSteps: steps } = kept;
  return [
    line,
    `a worker of this machine kept the state after ${steps} steps: "crescendo resume ${path}" ` +
      'goes on from there',
  ];
}
