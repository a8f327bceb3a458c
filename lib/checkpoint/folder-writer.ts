/** Writes one checkpoint into a folder with a temporary name. */
import { join } from 'node:path';
import { assert, defined } from '../base/errors.ts';
import { writeAtomically } from '../storage/durable.ts';
import type { Done, Files, LargeFileWriter } from '../storage/files.ts';
import { encodeSafetensorsHeader } from '../storage/safetensors-header.ts';
import { storageError, withStorageErrors } from '../storage/system-error.ts';
import { encodeManifest } from './manifest.ts';
import { elementsOf, type SnapshotLayout } from './snapshot.ts';
import {
  blockBytesOf,
  blockCountOf,
  CHECKPOINT_BLOCK_BYTES,
  type CheckpointHead,
  type CheckpointWriter,
} from './store.ts';

export const STATE_FILE = 'state.safetensors';
export const MANIFEST_FILE = 'manifest.json';

export interface FolderWriterOptions {
  readonly files: Files;
  /** Where it is written; there is no such folder yet. */
  readonly folder: string;
  readonly head: CheckpointHead;
  /** Gives the folder, which is complete, its name; throws where it cannot. */
  readonly publish: () => void;
  /** Removes the folder. */
  readonly discard: () => void;
}

export class FolderCheckpointWriter implements CheckpointWriter {
  readonly #options: FolderWriterOptions;
  readonly #file: LargeFileWriter;
  readonly #header: Uint8Array;
  /** SHA-256 of the blocks that were given. */
  readonly #blocks: (string | undefined)[];
  #writingCount = 0;
  #hasFailed = false;
  #isClosed = false;
  #state: 'open' | 'published' | 'abandoned' = 'open';

  /** @throws errors of the system */
  constructor(options: FolderWriterOptions) {
    const { files, folder, head } = options;
    this.#options = options;
    this.#header = stateHeaderOf(head.layout);
    this.#blocks = Array.from({ length: blockCountOf(elementsOf(head.layout)) });
    files.makeFolder(folder);
    try {
      this.#file = files.createLarge(join(folder, STATE_FILE));
    } catch (error) {
      options.discard();
      throw error;
    }
  }

  write(index: number, content: Uint8Array, sha256: string, done: Done): void {
    const bytes = blockBytesOf(elementsOf(this.#options.head.layout), index);
    assert(index >= 0 && bytes > 0, `there is no block ${index}`);
    assert(content.length === bytes, `block ${index} has ${content.length} bytes, not ${bytes}`);
    assert(this.#blocks[index] === undefined, `block ${index} is written twice`);
    this.#blocks[index] = sha256;
    this.#writingCount++;
    const offset = this.#header.length + index * CHECKPOINT_BLOCK_BYTES;
    this.#file.write(offset, content, (error) => {
      this.#writingCount--;
      this.#hasFailed ||= error !== undefined;
      done(this.#orStorageError(error));
    });
  }

  commit(done: Done): void {
    assert(this.#writingCount === 0 && !this.#hasFailed, 'not all blocks are written');
    const blocks = this.#blocks.map((sha256, index) => defined(sha256, `block ${index}`));
    const file = this.#file;
    const then = (action: () => void): Done => {
      return (error) => {
        if (error !== undefined) done(this.#orStorageError(error));
        else if (this.#state === 'abandoned') done(new Error('the checkpoint was abandoned'));
        else action();
      };
    };
    const publish = then(() => {
      done(this.#publish(blocks));
    });
    const close = then(() => {
      this.#isClosed = true;
      file.close(publish);
    });
    const sync = then(() => {
      file.sync(close);
    });
    file.write(0, this.#header, sync);
  }

  abandon(): void {
    if (this.#state !== 'open') return;
    this.#state = 'abandoned';
    const { discard } = this.#options;
    if (this.#isClosed) discard();
    else this.#file.close(discard);
    this.#isClosed = true;
  }

  #publish(blocks: readonly string[]): Error | undefined {
    const { files, folder, head, publish } = this.#options;
    try {
      const manifest = encodeManifest({ ...head, blocks, dataOffsetBytes: this.#header.length });
      withStorageErrors(`the checkpoint in ${folder} cannot be written`, () => {
        writeAtomically(files, join(folder, MANIFEST_FILE), manifest);
        publish();
      });
      this.#state = 'published';
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  #orStorageError(error: Error | undefined): Error | undefined {
    if (error === undefined) return undefined;
    return storageError(`the checkpoint in ${this.#options.folder} cannot be written`, error);
  }
}

/** Each section is a tensor of one dimension, for other tools; we read by the manifest. */
export function stateHeaderOf(layout: SnapshotLayout): Uint8Array {
  const entries = layout.map(({ name, begin, end }) => ({
    name,
    shape: [end - begin],
    elements: end - begin,
  }));
  return encodeSafetensorsHeader(entries, { format: 'crescendo-state' });
}
