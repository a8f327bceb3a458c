/**
 * The file system as everything that a run keeps on disk uses it, so that a simulator can run the
 * same code on a disk in memory (lib/simulator/simulated-disk.ts). Small things are done within the
 * call; what concerns large files is begun, and is over when `done` is called, never within the
 * call. Errors are those of the system, with its code, such as ENOSPC (system-error.ts).
 */

/** @param error undefined where it succeeded */
export type Done = (error: Error | undefined) => void;

export interface Files {
  /** Makes a folder in one that is there. @returns false where it is there already */
  makeFolder(path: string): boolean;
  /** The names in a folder, sorted; none where there is no such folder. */
  list(path: string): readonly string[];
  /** Bytes of a file; undefined where there is no such file. */
  sizeOf(path: string): number | undefined;
  /** A whole file; undefined where there is none. @throws EFBIG above `bytesMax` */
  readFile(path: string, bytesMax: number): Uint8Array | undefined;
  /** @param mode `new`: makes the file, or throws EEXIST; `existing`: throws ENOENT without it */
  openAppend(path: string, mode: 'new' | 'existing'): AppendFile;
  /** Renames within one folder: crash-safe once the folder is synced. Replaces a file. */
  rename(from: string, to: string): void;
  /** Removes a file, or a folder with all that is in it; nothing where there is neither. */
  remove(path: string): void;
  /** Puts names that were added, changed or removed in a folder on stable storage. */
  syncFolder(path: string): void;

  /** Makes a file that is written at any offsets. @throws EEXIST where it is there already */
  createLarge(path: string): LargeFileWriter;
  /** @throws ENOENT where there is no such file */
  openLarge(path: string): LargeFileReader;
  /** Like remove, for folders with large files. */
  removeLarge(path: string, done: Done): void;
}

/** A small file that grows at its end; all calls are synchronous. The opener closes it. */
export interface AppendFile {
  /** Where the next append goes: behind all that was appended without an error. */
  readonly sizeBytes: number;
  /** Writes all of `bytes` at the end. After an error a part of it may be there: truncate it. */
  append(bytes: Uint8Array): void;
  /** Puts what was appended on stable storage; its name only with syncFolder. */
  sync(): void;
  /** Cuts the file, or what an append that failed has left behind `sizeBytes`. */
  truncate(sizeBytes: number): void;
  /** Up to `length` bytes from `offset` on; fewer where the file ends. */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

/** Operations may overlap; those that have begun are finished before the file is closed. */
export interface LargeFileWriter {
  /** Writes all of `bytes`, which must not change until `done`. */
  write(offset: number, bytes: Uint8Array, done: Done): void;
  /** Puts on stable storage what was written before, that is, whose `done` has been called. */
  sync(done: Done): void;
  /** Once; nothing else may be called afterwards. */
  close(done: Done): void;
}

export interface LargeFileReader {
  /** Gives up to `length` bytes, fewer where the file ends; none with an error. */
  read(
    offset: number,
    length: number,
    done: (error: Error | undefined, bytes: Uint8Array) => void,
  ): void;
  /** Once; nothing else may be called afterwards. */
  close(done: Done): void;
}
