/**
 * Checkpoints in a folder: `step-00001234/` with `state.safetensors`, the vector as named tensors,
 * and `manifest.json`. One is written under a temporary name, synced, and then renamed, so that a
 * crash leaves all of it or nothing. One that replaces another of the same step is named
 * `step-00001234.1` and so on. The owner of the run folder alone makes a store of it that writes:
 * what a crash has left is removed. Synchronous but for the contents of large files.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { assert, messageOf } from '../base/errors.ts';
import { ensureFolder } from '../storage/durable.ts';
import type { Files, LargeFileReader } from '../storage/files.ts';
import { storageError, systemCodeOf, withStorageErrors } from '../storage/system-error.ts';
import { FolderCheckpointWriter, MANIFEST_FILE, STATE_FILE } from './folder-writer.ts';
import { decodeManifest, fileBytesOf, MANIFEST_BYTES_MAX, type Manifest } from './manifest.ts';
import { elementsOf } from './snapshot.ts';
import {
  blockBytesOf,
  CHECKPOINT_BLOCK_BYTES,
  invalidCheckpoint,
  isSameCheckpoint,
  type CheckpointEntry,
  type CheckpointHead,
  type CheckpointReader,
  type CheckpointStore,
  type CheckpointWriter,
} from './store.ts';

const NAME = /^step-(\d{8,16})(?:\.(\d{1,9}))?$/;
/** What is being written, or was deleted and is not removed yet. */
const TEMPORARY = /^\..+\.(part|gone)-\d+$/;

/** Told of what a person should know. */
export interface FolderStoreListener {
  /** A checkpoint is not offered; called once for each. */
  onRefused(path: string, reason: string): void;
  /** A checkpoint is not offered any more, but its space is still taken. */
  onNotRemoved(path: string, reason: string): void;
}

/** What a person is told of checkpoints that are not used, or not deleted. */
export function noticesOf(onNotice: (text: string) => void): FolderStoreListener {
  return {
    onRefused: (refused, reason) => {
      onNotice(`the checkpoint ${refused} is not used: ${reason}`);
    },
    onNotRemoved: (left, reason) => {
      onNotice(`${left} cannot be removed, and takes space: ${reason}`);
    },
  };
}

/** The name of a checkpoint's folder. */
interface Name {
  readonly name: string;
  readonly committedSteps: number;
  /** Grows where one replaces another of the same step. */
  readonly revision: number;
}

interface Whole extends Name {
  readonly manifest: Manifest;
}

export class FolderCheckpointStore implements CheckpointStore {
  readonly #files: Files;
  readonly #path: string;
  readonly #listener: FolderStoreListener;
  readonly #refused = new Set<string>();
  #temporaryCount = 0;

  /**
   * @param access `read`: only list() and open() may be called, also beside the owner
   * @throws CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
   */
  constructor(
    files: Files,
    path: string,
    listener: FolderStoreListener,
    access: 'own' | 'read' = 'own',
  ) {
    this.#files = files;
    this.#path = path;
    this.#listener = listener;
    if (access === 'read') return;
    this.#orStorageError(() => {
      ensureFolder(files, path);
      for (const name of files.list(path).filter((one) => TEMPORARY.test(one))) {
        files.remove(join(path, name));
      }
    });
  }

  list(): readonly CheckpointEntry[] {
    return this.#whole().map(({ manifest }) => manifest);
  }

  create(head: CheckpointHead): CheckpointWriter {
    const { committedSteps } = head;
    assert(Number.isSafeInteger(committedSteps), `a checkpoint after ${committedSteps} steps`);
    return this.#orStorageError(() => {
      const folder = this.#temporaryPath(nameOf(committedSteps, 0), 'part');
      return new FolderCheckpointWriter({
        files: this.#files,
        folder,
        head,
        publish: () => {
          this.#publish(folder, committedSteps);
        },
        discard: () => {
          this.#remove(folder);
        },
      });
    });
  }

  open(entry: CheckpointEntry): CheckpointReader {
    const whole = this.#whole().find(({ manifest }) => isSameCheckpoint(manifest, entry));
    if (whole === undefined) {
      const { committedSteps } = entry;
      throw invalidCheckpoint(
        `the checkpoint after ${committedSteps} steps is not in ${this.#path} any more`,
      );
    }
    const path = join(this.#path, whole.name, STATE_FILE);
    try {
      return new FolderCheckpointReader(path, this.#files.openLarge(path), whole.manifest);
    } catch (error) {
      const what = `${path} cannot be opened`;
      if (isUnanswered(error)) throw storageError(what, error);
      throw invalidCheckpoint(`${what} (${messageOf(error)})`, { cause: error });
    }
  }

  keepOnly(committedSteps: ReadonlySet<number>): void {
    this.#delete(this.#names().filter((one) => !committedSteps.has(one.committedSteps)));
  }

  /** Those that are whole, newest first; of those of one step the last that was written. */
  #whole(): Whole[] {
    const found: Whole[] = [];
    for (const name of this.#names()) {
      if (found.at(-1)?.committedSteps === name.committedSteps) continue;
      const manifest = this.#manifestOf(name);
      if (manifest !== undefined) found.push({ ...name, manifest });
    }
    return found;
  }

  /** Names of checkpoints, whole or not: newest first, and of one step the last revision first. */
  #names(): Name[] {
    const names = this.#orStorageError(() => this.#files.list(this.#path));
    return names
      .flatMap((name) => parseName(name))
      .sort((a, b) => b.committedSteps - a.committedSteps || b.revision - a.revision);
  }

  #manifestOf({ name, committedSteps }: Name): Manifest | undefined {
    const folder = join(this.#path, name);
    try {
      const bytes = this.#files.readFile(join(folder, MANIFEST_FILE), MANIFEST_BYTES_MAX);
      if (bytes === undefined) throw invalidCheckpoint('it has no manifest');
      const manifest = decodeManifest(bytes);
      if (manifest.committedSteps !== committedSteps) {
        throw invalidCheckpoint(`its manifest is that of step ${manifest.committedSteps}`);
      }
      const size = this.#files.sizeOf(join(folder, STATE_FILE));
      if (size === fileBytesOf(manifest)) return manifest;
      throw invalidCheckpoint(
        `${STATE_FILE} has ${size ?? 'no'} bytes, and must have ${fileBytesOf(manifest)}`,
      );
    } catch (error) {
      if (isUnanswered(error)) throw storageError(`${folder} cannot be read`, error);
      this.#refuse(folder, messageOf(error));
      return undefined;
    }
  }

  #refuse(folder: string, reason: string): void {
    if (this.#refused.has(folder)) return;
    this.#refused.add(folder);
    this.#listener.onRefused(folder, reason);
  }

  /** Names a folder that is complete; from then on it counts, and those that it replaces do not. */
  #publish(folder: string, committedSteps: number): void {
    const replaced = this.#names().filter((one) => one.committedSteps === committedSteps);
    const revision = Math.max(-1, ...replaced.map((one) => one.revision)) + 1;
    const name = nameOf(committedSteps, revision);
    this.#files.rename(folder, join(this.#path, name));
    try {
      this.#files.syncFolder(this.#path);
    } catch (error) {
      this.#delete([{ name, committedSteps, revision }]);
      throw error;
    }
    this.#delete(replaced);
  }

  /**
   * Their names are gone from stable storage before their contents are, so that a crash leaves
   * nothing that looks like a checkpoint. What fails is told, and harms nothing else.
   */
  #delete(names: readonly Name[]): void {
    if (names.length === 0) return;
    const gone = names.map(({ name }) => ({
      from: join(this.#path, name),
      to: this.#temporaryPath(name, 'gone'),
    }));
    try {
      for (const { from, to } of gone) this.#files.rename(from, to);
      this.#files.syncFolder(this.#path);
    } catch (error) {
      for (const { from } of gone) this.#listener.onNotRemoved(from, messageOf(error));
      return;
    }
    for (const { to } of gone) this.#remove(to);
  }

  #remove(path: string): void {
    this.#files.removeLarge(path, (error) => {
      if (error !== undefined) this.#listener.onNotRemoved(path, messageOf(error));
    });
  }

  /** A path that nothing has. */
  #temporaryPath(name: string, kind: 'part' | 'gone'): string {
    const taken = new Set(this.#files.list(this.#path));
    let temporary: string;
    do temporary = `.${name}.${kind}-${this.#temporaryCount++}`;
    while (taken.has(temporary));
    return join(this.#path, temporary);
  }

  #orStorageError<T>(action: () => T): T {
    return withStorageErrors(`the checkpoints in ${this.#path} cannot be used`, action);
  }
}

class FolderCheckpointReader implements CheckpointReader {
  readonly #path: string;
  readonly #file: LargeFileReader;
  readonly #manifest: Manifest;

  constructor(path: string, file: LargeFileReader, manifest: Manifest) {
    this.#path = path;
    this.#file = file;
    this.#manifest = manifest;
  }

  read(index: number, done: (error: Error | undefined, content: Uint8Array) => void): void {
    const { layout, dataOffsetBytes, blocks } = this.#manifest;
    const length = blockBytesOf(elementsOf(layout), index);
    assert(length > 0 && index >= 0, `block ${index} of ${blocks.length}`);
    const offset = dataOffsetBytes + index * CHECKPOINT_BLOCK_BYTES;
    this.#file.read(offset, length, (error, content) => {
      const what = `block ${index} of ${blocks.length} of ${this.#path} cannot be read`;
      const damage = error === undefined ? this.#damageOf(index, content, length) : undefined;
      if (error !== undefined) done(storageError(what, error), new Uint8Array(0));
      else if (damage !== undefined) done(this.#invalid(index, damage), new Uint8Array(0));
      else done(undefined, content);
    });
  }

  close(): void {
    this.#file.close(() => undefined);
  }

  #damageOf(index: number, content: Uint8Array, length: number): string | undefined {
    if (content.length < length) return `the file ends after ${content.length} bytes of it`;
    const sha256 = createHash('sha256').update(content).digest('hex');
    return sha256 === this.#manifest.blocks[index] ? undefined : 'its SHA-256 is another';
  }

  #invalid(index: number, reason: string): Error {
    const { blocks, committedSteps } = this.#manifest;
    return invalidCheckpoint(
      `block ${index} of ${blocks.length} of the checkpoint after ${committedSteps} steps ` +
        `(${this.#path}) cannot be used: ${reason}; use the checkpoint before`,
    );
  }
}

/** Codes that say what is at a path: not a checkpoint. */
const SAYS_WHAT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'EFBIG']);

/** Whether the disk did not answer, which says nothing about what is on it. */
function isUnanswered(error: unknown): boolean {
  const code = systemCodeOf(error);
  return code !== undefined && !SAYS_WHAT.has(code);
}

function nameOf(committedSteps: number, revision: number): string {
  const name = `step-${String(committedSteps).padStart(8, '0')}`;
  return revision === 0 ? name : `${name}.${revision}`;
}

function parseName(name: string): Name[] {
  const [, steps, revision = '0'] = NAME.exec(name) ?? [];
  if (steps === undefined) return [];
  return [{ name, committedSteps: Number(steps), revision: Number(revision) }];
}
