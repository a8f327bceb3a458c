/** The error of datasets whose files are not as their format has them. */
import { CrescendoError } from '../../base/errors.ts';

/** At most so many of many names, or problems, are in a message. */
const LISTED_MAX = 10;

export function invalidDataset(message: string, cause?: unknown): CrescendoError {
  return new CrescendoError('CRESCENDO_DATASET_INVALID', message, { cause });
}

/** The first of them, and how many more there are. */
export function listed(items: readonly string[], separator = ', '): string {
  const shown = items.slice(0, LISTED_MAX).join(separator);
  const more = items.length - LISTED_MAX;
  return more > 0 ? `${shown}${separator}and ${more} more` : shown;
}
