/** Errors of the file system, and what users are told of them. */
import { CrescendoError, messageOf } from '../base/errors.ts';

/** An error like those of node:fs. */
export function systemError(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

/** The code of an error of the system, such as ENOSPC; undefined for other errors. */
export function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof CrescendoError) return undefined;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' ? code : undefined;
}

/** The disk has no space left, or its user has none. */
const FULL: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * What a user is told of an error of the file system: CRESCENDO_STORAGE_FULL, or
 * CRESCENDO_RUN_FOLDER_UNUSABLE for any other reason.
 * @param what what could not be done, such as `the journal /runs/1/journal.bin cannot be written`
 */
export function storageError(what: string, error: unknown): CrescendoError {
  if (error instanceof CrescendoError) return error;
  if (FULL.has(systemCodeOf(error) ?? '')) {
    return new CrescendoError(
      'CRESCENDO_STORAGE_FULL',
      `${what}, because the disk is full (${messageOf(error)}): free space on it`,
      { cause: error },
    );
  }
  return new CrescendoError(
    'CRESCENDO_RUN_FOLDER_UNUSABLE',
    `${what} (${messageOf(error)}): make the folder writable, or choose another with --runs`,
    { cause: error },
  );
}

/** Does something, and makes errors of the file system storageErrors; others pass as they are. */
export function withStorageErrors<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw systemCodeOf(error) === undefined ? error : storageError(what, error);
  }
}
