/** The checkpoints of a run folder, for those who are not its owner. */
import { join } from 'node:path';
import { FolderCheckpointStore } from '../checkpoint/folder-store.ts';
import type { CheckpointEntry } from '../checkpoint/store.ts';
import { nodeFiles } from '../storage/node-files.ts';

/** @param onRefused told of checkpoints that are not whole */
export function keptCheckpoints(
  folderPath: string,
  onRefused: (path: string, reason: string) => void,
): FolderCheckpointStore {
  const listener = { onRefused, onNotRemoved: () => undefined };
  return new FolderCheckpointStore(nodeFiles, join(folderPath, 'checkpoints'), listener, 'read');
}

/**
 * Does something with the blocks of a checkpoint.
 * @param action is given a function that reads a block, and throws CRESCENDO_CHECKPOINT_INVALID
 * where it is damaged
 */
export async function withBlocks<T>(
  store: FolderCheckpointStore,
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
