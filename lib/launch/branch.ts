/** Makes run folders that go on from a checkpoint which another run has made. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Journal } from '../../coordinator/journal.ts';
import type { BranchPoint, JournalRecord } from '../../coordinator/core/events.ts';
import { FolderCheckpointStore } from '../checkpoint/folder-store.ts';
import type { SnapshotLayout } from '../checkpoint/snapshot.ts';
import { blockCountOf, type CheckpointHead } from '../checkpoint/store.ts';
import { elementsOf } from '../checkpoint/snapshot.ts';
import { fingerprintOf } from '../run/fingerprint.ts';
import type { RunConfig } from '../run/run-config.ts';
import { ensureFolder, writeAtomically } from '../storage/durable.ts';
import type { Files } from '../storage/files.ts';

export interface Branch {
  readonly runId: string;
  readonly run: RunConfig;
  /** The steps of the whole run and their samples; both 0 where they are not known. */
  readonly stepCount: number;
  readonly totalSamples: number;
  /** How many steps the state has seen. */
  readonly committedSteps: number;
  readonly layout: SnapshotLayout;
  /** Absent where the run itself goes on. */
  readonly branchedFrom?: BranchPoint;
  /** What else the journal says of the run before it; nothing unless given. */
  readonly records?: readonly JournalRecord[];
}

/**
 * Makes a run folder whose run goes on from a state. The journal is written last, so that without
 * it there is no run; where there is one already, it stays.
 * @param blockOf gives a block of the state; undefined where the run's store has the state
 * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE, and what blockOf throws
 */
export async function makeBranch(
  files: Files,
  path: string,
  branch: Branch,
  blockOf: ((index: number) => Promise<Uint8Array>) | undefined,
): Promise<void> {
  const { run, committedSteps, layout } = branch;
  ensureFolder(files, path);
  const config = Buffer.from(JSON.stringify(run, null, 2) + '\n');
  writeAtomically(files, join(path, 'config.json'), config);
  if (blockOf !== undefined) {
    await writeCheckpoint(files, path, { committedSteps, layout }, blockOf);
  }
  writeJournal(files, join(path, 'journal.bin'), branch);
}

/** Writes a checkpoint into a run folder that nobody uses yet, with the errors of makeBranch. */
export async function writeCheckpoint(
  files: Files,
  path: string,
  head: Pick<CheckpointHead, 'committedSteps' | 'layout'>,
  blockOf: (index: number) => Promise<Uint8Array>,
): Promise<void> {
  const ignored = (): void => undefined;
  const listener = { onRefused: ignored, onNotRemoved: ignored };
  const store = new FolderCheckpointStore(files, join(path, 'checkpoints'), listener);
  const writer = store.create({ ...head, generation: 0 });
  for (let index = 0; index < blockCountOf(elementsOf(head.layout)); index++) {
    const block = await blockOf(index);
    await over((done) => {
      writer.write(index, block, createHash('sha256').update(block).digest('hex'), done);
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

/** One that says no more than what the run is and where it stands. */
function writeJournal(files: Files, path: string, branch: Branch): void {
  if (files.sizeOf(path) !== undefined) return;
  const { runId, run, stepCount, totalSamples, committedSteps, branchedFrom } = branch;
  const { records = [] } = branch;
  const journal = Journal.create(files, path);
  const nowMs = Date.now();
  const config = { configFingerprint: fingerprintOf(run), runConfigJson: JSON.stringify(run) };
  const origin = branchedFrom === undefined ? {} : { branchedFrom };
  journal.append({ kind: 'started', runId, ...config, stepCount, totalSamples, ...origin }, nowMs);
  const steps = { fromSteps: committedSteps, toSteps: committedSteps };
  journal.append({ kind: 'restored', history: 2, ...steps }, nowMs);
  for (const record of records) journal.append(record, nowMs);
  journal.close();
}
