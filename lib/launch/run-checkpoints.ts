/** The checkpoints of a run wherever its run file puts them: in the run folder, or in a store. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { RemoteStore } from '../../coordinator/run-folder.ts';
import { CrescendoError } from '../base/errors.ts';
import { SYSTEM_CLOCK } from '../base/system-clock.ts';
import { FolderCheckpointStore, noticesOf } from '../checkpoint/folder-store.ts';
import { LayeredCheckpointStore } from '../checkpoint/layered-store.ts';
import { ObjectCheckpointStore } from '../checkpoint/object-store.ts';
import type { CheckpointEntry, CheckpointStore } from '../checkpoint/store.ts';
import { readHostFacts } from '../storage/host-facts.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { ObjectOwner } from '../storage/object-owner.ts';
import { storeError, type Objects } from '../storage/objects.ts';
import { PATIENCE, PatientObjects } from '../storage/patient-objects.ts';
import { openS3Objects, parseS3Url } from '../storage/s3-objects.ts';
import { uploadFile } from '../storage/upload-file.ts';
import type { RecordedRun } from './run-records.ts';

/** A store that this process is the owner of. */
export interface OwnedStore extends RemoteStore {
  /** URLs of the weights files that were uploaded, in the order of their names. */
  readonly uploaded: readonly string[];
  /** Gets CRESCENDO_RUN_IN_USE when another process has taken the store over. */
  readonly lost: Promise<CrescendoError>;
  /** Gives it to the next who wants it. */
  release(): Promise<void>;
}

type Stored = Pick<RecordedRun, 'run' | 'runId'>;

/** What a run is, for a machine that does not have its folder. */
const RUN_FILE = 'run.json';

/**
 * Becomes the owner of what a run keeps in the store of its run file; undefined without one.
 * @param length of the whole run
 * @throws CRESCENDO_STORE_FAILED, CRESCENDO_RUN_IN_USE
 */
export async function ownStore(
  stored: Stored,
  length: { readonly stepCount: number; readonly totalSamples: number },
  onNotice: (text: string) => void,
): Promise<OwnedStore | undefined> {
  const objects = await objectsOf(stored);
  if (objects === undefined) return undefined;
  // The clock's timers keep no process alive, and nothing else does yet.
  const alive = setInterval(() => undefined, 1_000);
  try {
    let onLost: (error: CrescendoError) => void = () => undefined;
    const lost = new Promise<CrescendoError>((settle) => {
      onLost = settle;
    });
    const owner = await ObjectOwner.acquire({
      objects,
      host: readHostFacts(),
      clock: SYSTEM_CLOCK,
      timeOfDay: () => Date.now(),
      token: randomBytes(16).toString('hex'),
      onLost,
      onNotice,
    });
    const listener = noticesOf(onNotice);
    const checkpoints = await ObjectCheckpointStore.open({ objects, listener, owner });
    const { stepCount, totalSamples } = length;
    const about = JSON.stringify({ run: stored.run, stepCount, totalSamples }, null, 2);
    await written(objects, RUN_FILE, Buffer.from(`${about}\n`));
    return ownedStore(objects, owner, checkpoints, lost);
  } catch (error) {
    objects.close();
    throw error;
  } finally {
    clearInterval(alive);
  }
}

async function written(objects: Objects, key: string, bytes: Uint8Array): Promise<void> {
  try {
    await objects.write(key, bytes, 'any');
  } catch (error) {
    throw storeError(`${objects.url}${key} cannot be written`, error);
  }
}

/** What the store of a run says of it. @throws CRESCENDO_STORE_FAILED, CRESCENDO_CONFIG_INVALID */
export async function readRunFile(store: string, runId: string): Promise<Uint8Array> {
  const objects = await objectsAt(store, runId);
  try {
    return await objects.read(RUN_FILE);
  } catch (error) {
    throw storeError(`${objects.url}${RUN_FILE} cannot be read`, error);
  } finally {
    objects.close();
  }
}

function ownedStore(
  objects: Objects,
  owner: ObjectOwner,
  checkpoints: CheckpointStore,
  lost: Promise<CrescendoError>,
): OwnedStore {
  const uploaded = new Set<string>();
  return {
    checkpoints,
    lost,
    get uploaded() {
      return [...uploaded].sort();
    },
    upload: (path, name, done) => {
      const upload = async (): Promise<void> => {
        await owner.confirm();
        await uploadFile(nodeFiles, path, objects, name);
        uploaded.add(`${objects.url}${name}`);
      };
      upload().then(
        () => {
          done(undefined);
        },
        (error: unknown) => {
          done(storeError(`${objects.url}${name} cannot be written`, error));
        },
      );
    },
    release: async () => {
      await owner.release();
      objects.close();
    },
  };
}

/** The caller closes it. Undefined where the run file names no store. */
async function objectsOf({ run, runId }: Stored): Promise<Objects | undefined> {
  const { store } = run.checkpoint;
  return store === undefined ? undefined : objectsAt(store, runId);
}

/** What a store has of one run. The caller closes it. @throws CRESCENDO_CONFIG_INVALID */
async function objectsAt(store: string, runId: string): Promise<Objects> {
  const place = parseS3Url(store);
  if (place === undefined) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `checkpoint.store is ${JSON.stringify(store)}: it must be like s3://bucket/prefix`,
    );
  }
  const { bucket, prefix } = place;
  const objects = await openS3Objects({ bucket, prefix: `${prefix}${runId}/` });
  return new PatientObjects(objects, PATIENCE);
}

/** Checkpoints for those who are not their owner. */
export interface KeptCheckpoints {
  readonly store: CheckpointStore;
  /** Once. */
  close(): void;
}

/**
 * Opens the checkpoints of a run for reading, also beside their owner.
 * @param onRefused told of checkpoints that are not whole
 * @throws CRESCENDO_STORE_FAILED
 */
export async function keptCheckpoints(
  recorded: Stored & { readonly folderPath: string },
  onRefused: (path: string, reason: string) => void,
): Promise<KeptCheckpoints> {
  const listener = { onRefused, onNotRemoved: () => undefined };
  const path = join(recorded.folderPath, 'checkpoints');
  const inFolder = new FolderCheckpointStore(nodeFiles, path, listener, 'read');
  const objects = await objectsOf(recorded);
  if (objects === undefined) return { store: inFolder, close: () => undefined };
  const close = (): void => {
    objects.close();
  };
  try {
    const stored = await ObjectCheckpointStore.open({ objects, listener, owner: undefined });
    return { store: new LayeredCheckpointStore(stored, inFolder), close };
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * Does something with the blocks of a checkpoint.
 * @param action is given a function that reads a block, and throws CRESCENDO_CHECKPOINT_INVALID
 * where it is damaged
 */
export async function withBlocks<T>(
  store: CheckpointStore,
  entry: CheckpointEntry,
  action: (blockOf: (index: number) => Promise<Uint8Array>) => Promise<T>,
): Promise<T> {
  const reader = store.open(entry);
  try {
    return await action(
      (index) =>
        new Promise((resolve, reject) => {
          reader.read(index, (error, content) => {
            if (error === undefined) resolve(content);
            else reject(error);
          });
        }),
    );
  } finally {
    reader.close();
  }
}
