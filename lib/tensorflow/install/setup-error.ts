/** Errors of the set-up: each says what the machine lacks, and how to get it. */
import { CrescendoError } from '../../base/errors.ts';

export function setupError(message: string): CrescendoError {
  return new CrescendoError('CRESCENDO_ENGINE_SETUP', message);
}
