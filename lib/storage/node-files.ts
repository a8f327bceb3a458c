/** Files on the disks of this machine, by node:fs. */
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rm,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import type { AppendFile, Files } from './files.ts';
import { NodeLargeFile } from './node-large-file.ts';
import { systemCodeOf, systemError } from './system-error.ts';

export const nodeFiles: Files = {
  makeFolder(path) {
    try {
      mkdirSync(path);
      return true;
    } catch (error) {
      if (systemCodeOf(error) === 'EEXIST' && statSync(path).isDirectory()) return false;
      throw error;
    }
  },
  list: (path) => orIfAbsent([], () => readdirSync(path).sort()),
  sizeOf: (path) =>
    orIfAbsent(undefined, () => {
      const stats = statSync(path);
      return stats.isFile() ? stats.size : undefined;
    }),
  readFile: (path, bytesMax) => orIfAbsent(undefined, () => readWhole(path, bytesMax)),
  openAppend: (path, mode) => new NodeAppendFile(path, mode),
  rename(from, to) {
    renameSync(from, to);
  },
  remove(path) {
    rmSync(path, { recursive: true, force: true });
  },
  syncFolder,
  createLarge: (path) => new NodeLargeFile(openSync(path, 'wx')),
  openLarge: (path) => new NodeLargeFile(openSync(path, 'r')),
  removeLarge(path, done) {
    rm(path, { recursive: true, force: true }, (error) => {
      done(error ?? undefined);
    });
  },
};

class NodeAppendFile implements AppendFile {
  readonly #descriptor: number;
  #sizeBytes: number;

  constructor(path: string, mode: 'new' | 'existing') {
    this.#descriptor = openSync(path, mode === 'new' ? 'wx+' : 'r+');
    this.#sizeBytes = fstatSync(this.#descriptor).size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(bytes: Uint8Array): void {
    writeFully(bytes, (done) =>
      writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#sizeBytes + done),
    );
    this.#sizeBytes += bytes.length;
  }

  sync(): void {
    fdatasyncSync(this.#descriptor);
  }

  truncate(sizeBytes: number): void {
    ftruncateSync(this.#descriptor, sizeBytes);
    this.#sizeBytes = sizeBytes;
  }

  read(offset: number, length: number): Uint8Array {
    const wanted = Math.min(length, Math.max(0, fstatSync(this.#descriptor).size - offset));
    return readFully(this.#descriptor, offset, wanted);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/**
 * Writes all of `bytes`, though each call may write less than it is given.
 * @param writeSome writes from the given byte on, and returns how many bytes it has written
 */
export function writeFully(bytes: Uint8Array, writeSome: (done: number) => number): void {
  let done = 0;
  while (done < bytes.length) {
    const count = writeSome(done);
    if (count === 0) throw systemError('EIO', `only ${done} of ${bytes.length} bytes were written`);
    done += count;
  }
}

/** Up to `length` bytes, fewer where the file ends before. */
function readFully(descriptor: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(descriptor, bytes, done, length - done, offset + done);
    if (count === 0) return bytes.subarray(0, done);
    done += count;
  }
  return bytes;
}

function readWhole(path: string, bytesMax: number): Uint8Array {
  const descriptor = openSync(path, 'r');
  try {
    const { size } = fstatSync(descriptor);
    if (size > bytesMax) {
      throw systemError('EFBIG', `${path} has ${size} bytes; at most ${bytesMax} are read`);
    }
    return readFully(descriptor, 0, size);
  } finally {
    closeSync(descriptor);
  }
}

/** Codes of file systems and folders that cannot be synced; they are left to themselves. */
const CANNOT_SYNC: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENOTSUP']);

function syncFolder(path: string): void {
  try {
    const descriptor = openSync(path, 'r');
    try {
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (!CANNOT_SYNC.has(systemCodeOf(error) ?? '')) throw error;
  }
}

/** Codes for which there is nothing at a path. */
const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR']);

function orIfAbsent<T>(otherwise: T, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (ABSENT.has(systemCodeOf(error) ?? '')) return otherwise;
    throw error;
  }
}
