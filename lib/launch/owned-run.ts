/** The folder of a run, of which this process is the owner before it reads or writes in it. */
import { randomBytes } from 'node:crypto';
import { join, resolve } from 'node:path';
import { SYSTEM_CLOCK } from '../base/system-clock.ts';
import { CrescendoError } from '../base/errors.ts';
import type { RunConfig } from '../run/run-config.ts';
import { ensureFolder } from '../storage/durable.ts';
import type { Files } from '../storage/files.ts';
import { guardedFiles } from '../storage/guarded-files.ts';
import { readHostFacts } from '../storage/host-facts.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { acquireOwnership, type Ownership } from '../storage/owner-lock.ts';
import { withStorageErrors } from '../storage/system-error.ts';
import { unfinishedRuns, type BegunRun } from './resume.ts';

export interface OwnedRun {
  readonly runId: string;
  readonly folderPath: string;
  readonly isNew: boolean;
  /** These write only while the folder is owned. */
  readonly files: Files;
  /** Gets CRESCENDO_RUN_IN_USE when another process has taken the folder over. */
  readonly lost: Promise<CrescendoError>;
  /** Gives the folder to the next who wants it. */
  release(): void;
}

/** @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE */
export function ownNewRun(runsFolder: string): Promise<OwnedRun> {
  const runId = makeRunId();
  const folderPath = join(resolve(runsFolder), runId);
  withStorageErrors(`the run's folder ${folderPath} cannot be made`, () => {
    ensureFolder(nodeFiles, folderPath);
  });
  return own({ runId, folderPath }, true);
}

/** @throws CRESCENDO_RUN_IN_USE, CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE */
export function ownBegunRun(begun: Pick<BegunRun, 'runId' | 'folderPath'>): Promise<OwnedRun> {
  return own(begun, false);
}

/**
 * The newest run of a run file whose coordinator has died; undefined where there is none.
 * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
 */
export async function ownUnfinishedRun(
  runsFolder: string,
  run: RunConfig,
): Promise<OwnedRun | undefined> {
  for (const begun of unfinishedRuns(runsFolder, run)) {
    try {
      return await ownBegunRun(begun);
    } catch (error) {
      // It runs: the same run file may be trained several times at once.
      if ((error as Partial<CrescendoError>).code !== 'CRESCENDO_RUN_IN_USE') throw error;
    }
  }
  return undefined;
}

async function own(
  { runId, folderPath }: Pick<BegunRun, 'runId' | 'folderPath'>,
  isNew: boolean,
): Promise<OwnedRun> {
  let onLost: (error: CrescendoError) => void = () => undefined;
  const lost = new Promise<CrescendoError>((settle) => {
    onLost = settle;
  });
  const ownership = await new Promise<Ownership>((settle, reject) => {
    const options = {
      files: nodeFiles,
      folder: folderPath,
      host: readHostFacts(),
      clock: SYSTEM_CLOCK,
      timeOfDay: () => Date.now(),
      token: randomBytes(16).toString('hex'),
      onLost,
    };
    // The clock's timers keep no process alive, and nothing else does yet.
    const alive = setInterval(() => undefined, 1_000);
    acquireOwnership(options, (result) => {
      clearInterval(alive);
      if (result instanceof CrescendoError) reject(result);
      else settle(result);
    });
  });
  return {
    runId,
    folderPath,
    isNew,
    files: guardedFiles(nodeFiles, () => {
      ownership.check();
    }),
    lost,
    release: () => {
      ownership.release();
    },
  };
}

/** Such as `20260102-030405-a1b2`: sorts by time, and two in one second do not collide. */
export function makeRunId(): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${time}-${randomBytes(2).toString('hex')}`;
}
