/** Stopping before a run has begun, when there is nothing to save. */
import { CrescendoError } from '../base/errors.ts';

function stopped(): CrescendoError {
  return new CrescendoError('CRESCENDO_STOPPED', 'stopped as asked, before the run began');
}

/** @throws CRESCENDO_STOPPED when the signal is aborted */
export function throwIfStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw stopped();
}

/**
 * The result of `work`, unless the signal is aborted first; nobody waits for the work then.
 * @throws CRESCENDO_STOPPED, and what the work throws
 */
export async function unlessStopped<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (signal === undefined) return work;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(stopped());
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort);
  }
}
