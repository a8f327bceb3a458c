/** What takes several file operations; a crash between any two of them is harmless. */
import { basename, dirname, join } from 'node:path';
import type { Files } from './files.ts';
import { systemCodeOf } from './system-error.ts';

/** Makes a folder and those above it where they are missing; their names are on stable storage. */
export function ensureFolder(files: Files, path: string): void {
  try {
    files.makeFolder(path);
  } catch (error) {
    const parent = dirname(path);
    if (systemCodeOf(error) !== 'ENOENT' || parent === path) throw error;
    ensureFolder(files, parent);
    files.makeFolder(path);
  }
  // Also where it was there already: whoever made it may have been killed before this.
  files.syncFolder(dirname(path));
}

/**
 * Makes or replaces a small file: whoever reads it, after a crash too, finds the old content or the
 * new one. It is on stable storage when this returns; after an error the old content may be there
 * or the new one.
 */
export function writeAtomically(files: Files, path: string, bytes: Uint8Array): void {
  const folder = dirname(path);
  const part = join(folder, `.${basename(path)}.part`);
  files.remove(part);
  try {
    writeAndSync(files, part, bytes);
    files.rename(part, path);
  } catch (error) {
    removeIfPossible(files, part);
    throw error;
  }
  files.syncFolder(folder);
}

/** Does something with an open file that stays open, unless it fails. */
export function closedOnError<T>(file: { close(): void }, action: () => T): T {
  try {
    return action();
  } catch (error) {
    file.close();
    throw error;
  }
}

/** Does something with an open file, and closes it. */
export function closedAfter<T>(file: { close(): void }, action: () => T): T {
  try {
    return action();
  } finally {
    file.close();
  }
}

function writeAndSync(files: Files, path: string, bytes: Uint8Array): void {
  const file = files.openAppend(path, 'new');
  closedAfter(file, () => {
    file.append(bytes);
    file.sync();
  });
}

/** What is left is in nobody's way, and the error before this one matters more. */
function removeIfPossible(files: Files, path: string): void {
  try {
    files.remove(path);
  } catch {
    return;
  }
}
