/** Keeps a worker's training state on its own machine, where the coordinator does not come back. */
import { join } from 'node:path';
import { Journal } from '../../coordinator/journal.ts';
import type { LocalState } from '../../worker/core/ports.ts';
import { FolderCheckpointStore } from '../checkpoint/folder-store.ts';
import { CHECKPOINT_BLOCK_BYTES, type CheckpointWriter } from '../checkpoint/store.ts';
import { fingerprintOf } from '../run/fingerprint.ts';
import type { RunConfig } from '../run/run-config.ts';
import { ensureFolder, writeAtomically } from '../storage/durable.ts';
import type { Files } from '../storage/files.ts';

/**
 * Writes a run folder that `crescendo resume` goes on from.
 * @param folder in which it is made
 * @returns in words where it is
 * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
 */
export async function rescue(files: Files, folder: string, kept: LocalState): Promise<string> {
  const { runId, committedSteps, runConfigJson, layout, state } = kept;
  const path = join(folder, `${runId}-step-${committedSteps}`);
  ensureFolder(files, path);
  const run = JSON.parse(runConfigJson) as RunConfig;
  const config = Buffer.from(JSON.stringify(run, null, 2) + '\n');
  writeAtomically(files, join(path, 'config.json'), config);
  const ignored = (): void => undefined;
  const listener = { onRefused: ignored, onNotRemoved: ignored };
  const store = new FolderCheckpointStore(files, join(path, 'checkpoints'), listener);
  await writeAll(store.create({ committedSteps, generation: 0, layout }), state);
  writeJournal(files, join(path, 'journal.bin'), kept, fingerprintOf(run));
  return (
    `the training state after ${committedSteps} steps is kept in ${path}: ` +
    `go on from it with "crescendo resume ${path}"`
  );
}

async function writeAll(writer: CheckpointWriter, state: Float32Array): Promise<void> {
  const bytes = new Uint8Array(state.buffer, state.byteOffset, state.byteLength);
  for (let begin = 0; begin < bytes.length; begin += CHECKPOINT_BLOCK_BYTES) {
    const block = bytes.subarray(begin, begin + CHECKPOINT_BLOCK_BYTES);
    await over((done) => {
      writer.write(begin / CHECKPOINT_BLOCK_BYTES, block, done);
    });
  }
  await over((done) => {
    writer.commit(done);
  });
}

function over(begin: (done: (error: Error | undefined) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    begin((error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
}

/** One that says no more than what the run is and where it stands; one of the same state stays. */
function writeJournal(
  files: Files,
  path: string,
  { runId, runConfigJson, committedSteps }: LocalState,
  configFingerprint: string,
): void {
  if (files.sizeOf(path) !== undefined) return;
  const journal = Journal.create(files, path);
  const nowMs = Date.now();
  const started = { kind: 'started', runId, configFingerprint, runConfigJson } as const;
  journal.append({ ...started, stepCount: 0, totalSamples: 0 }, nowMs);
  const steps = { fromSteps: committedSteps, toSteps: committedSteps };
  journal.append({ kind: 'restored', history: 2, ...steps }, nowMs);
  journal.close();
}
