/**
 * Where the checkpoints of a run are kept, as the coordinator sees it. A checkpoint is the training
 * state after some committed step: one vector (snapshot.ts), cut into blocks. It counts only once
 * its manifest is on stable storage, which is written last. What a call begins is over when `done`
 * is called, never within the call.
 */
import { CrescendoError } from '../base/errors.ts';
import type { Done } from '../storage/files.ts';
import type { SnapshotLayout } from './snapshot.ts';

export type { Done } from '../storage/files.ts';

/** Bytes of each block of a checkpoint's vector; the last one may be shorter. */
export const CHECKPOINT_BLOCK_BYTES = 1024 * 1024;

export interface CheckpointHead {
  /** How many steps the state has seen. */
  readonly committedSteps: number;
  /** The generation (membership) in which it was taken. */
  readonly generation: number;
  /** The sections of the vector. */
  readonly layout: SnapshotLayout;
}

/** A checkpoint that is whole. */
export interface CheckpointEntry extends CheckpointHead {
  /** SHA-256 (hex) of each block. */
  readonly blocks: readonly string[];
}

export interface CheckpointStore {
  /**
   * Those with a valid manifest and files of the right sizes, newest first; one for each step.
   * @throws CRESCENDO_RUN_FOLDER_UNUSABLE where the store does not answer
   */
  list(): readonly CheckpointEntry[];
  /**
   * Begins to write one; it replaces one of the same step once it is whole.
   * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
   */
  create(head: CheckpointHead): CheckpointWriter;
  /**
   * Reads one of list(); the caller closes it.
   * @throws CRESCENDO_CHECKPOINT_INVALID where it is not there any more, and
   *   CRESCENDO_RUN_FOLDER_UNUSABLE where the store does not answer
   */
  open(entry: CheckpointEntry): CheckpointReader;
  /** Deletes all checkpoints but those of these steps; what is being written stays. */
  keepOnly(committedSteps: ReadonlySet<number>): void;
}

/** Errors are CRESCENDO_STORAGE_FULL and CRESCENDO_RUN_FOLDER_UNUSABLE. */
export interface CheckpointWriter {
  /**
   * Writes one block; blocks may come in any order, each once.
   * @param content of blockBytesOf() bytes; it must not change until `done`, and is not kept after
   * @param sha256 of the content, in hex
   */
  write(index: number, content: Uint8Array, sha256: string, done: Done): void;
  /** Makes it whole, after the `done` of every block: synced, named, manifest last. */
  commit(done: Done): void;
  /** Lets it go; nothing of it is left. One that is whole stays. */
  abandon(): void;
}

export interface CheckpointReader {
  /**
   * Reads one block, whose SHA-256 is compared with the manifest's.
   * @param done gets CRESCENDO_CHECKPOINT_INVALID, and no bytes, where the block is damaged, and
   *   CRESCENDO_RUN_FOLDER_UNUSABLE where the store does not answer: it may be asked again
   */
  read(index: number, done: (error: Error | undefined, content: Uint8Array) => void): void;
  close(): void;
}

/** Number of blocks of a vector of so many float32 values. */
export function blockCountOf(elements: number): number {
  return Math.ceil((elements * Float32Array.BYTES_PER_ELEMENT) / CHECKPOINT_BLOCK_BYTES);
}

/** Bytes of one block of a vector of so many float32 values; 0 or less behind its end. */
export function blockBytesOf(elements: number, index: number): number {
  const bytes = elements * Float32Array.BYTES_PER_ELEMENT;
  return Math.min(CHECKPOINT_BLOCK_BYTES, bytes - index * CHECKPOINT_BLOCK_BYTES);
}

export function invalidCheckpoint(what: string, options?: ErrorOptions): CrescendoError {
  return new CrescendoError('CRESCENDO_CHECKPOINT_INVALID', what, options);
}

/** Whether both are of the same step and bytes. */
export function isSameCheckpoint(left: CheckpointEntry, right: CheckpointEntry): boolean {
  return (
    left.committedSteps === right.committedSteps &&
    left.generation === right.generation &&
    left.blocks.length === right.blocks.length &&
    left.blocks.every((sha256, index) => sha256 === right.blocks[index])
  );
}
