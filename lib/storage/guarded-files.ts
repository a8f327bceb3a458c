/** Files that are written only while their folder is owned. */
import type { AppendFile, Files } from './files.ts';

/**
 * Asks before everything that others could see: appends, and what makes, names or removes files.
 * Content of large files that have no name yet is written without asking.
 * @param check throws when nothing may be written any more
 */
export function guardedFiles(files: Files, check: () => void): Files {
  const checked = <T>(action: () => T): T => {
    check();
    return action();
  };
  return {
    makeFolder: (path) => checked(() => files.makeFolder(path)),
    list: (path) => files.list(path),
    sizeOf: (path) => files.sizeOf(path),
    readFile: (path, bytesMax) => files.readFile(path, bytesMax),
    openAppend: (path, mode) => {
      if (mode === 'new') check();
      return new GuardedAppendFile(files.openAppend(path, mode), check);
    },
    rename: (from, to) => {
      checked(() => {
        files.rename(from, to);
      });
    },
    remove: (path) => {
      checked(() => {
        files.remove(path);
      });
    },
    syncFolder: (path) => {
      files.syncFolder(path);
    },
    createLarge: (path) => checked(() => files.createLarge(path)),
    openLarge: (path) => files.openLarge(path),
    removeLarge: (path, done) => {
      files.removeLarge(path, done);
    },
  };
}

class GuardedAppendFile implements AppendFile {
  readonly #file: AppendFile;
  readonly #check: () => void;

  constructor(file: AppendFile, check: () => void) {
    this.#file = file;
    this.#check = check;
  }

  get sizeBytes(): number {
    return this.#file.sizeBytes;
  }

  append(bytes: Uint8Array): void {
    this.#check();
    this.#file.append(bytes);
  }

  sync(): void {
    this.#file.sync();
  }

  truncate(sizeBytes: number): void {
    this.#check();
    this.#file.truncate(sizeBytes);
  }

  read(offset: number, length: number): Uint8Array {
    return this.#file.read(offset, length);
  }

  close(): void {
    this.#file.close();
  }
}
