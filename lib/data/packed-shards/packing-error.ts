/** What a user is told where packed shards cannot be written. */
import { CrescendoError, messageOf } from '../../base/errors.ts';
import { errorCode } from '../cache-folder.ts';

/** The disk has no space left, or its user has none. */
const FULL = new Set(['ENOSPC', 'EDQUOT']);

/** Errors of the file system with what to do; others as they are. */
export function packingError(folder: string, error: unknown): unknown {
  const code = errorCode(error);
  if (error instanceof CrescendoError || code === '') return error;
  if (FULL.has(code)) {
    return new CrescendoError(
      'CRESCENDO_STORAGE_FULL',
      `cannot write below ${folder}, because the disk is full (${messageOf(error)}): free space ` +
        'on it and run the command again, which does only what lacks',
      { cause: error },
    );
  }
  return new CrescendoError(
    'CRESCENDO_DATASET_INVALID',
    `cannot pack into ${folder} (${messageOf(error)}): make it writable, or choose another folder`,
    { cause: error },
  );
}
