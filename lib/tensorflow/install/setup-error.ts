/** The set-up's errors: each says what is missing on the machine, and how to get it. */
import { CrescendoError } from '../../base/errors.ts';

export function setupError(message: string): CrescendoError {
  return new CrescendoError('CRESCENDO_ENGINE_SETUP', message);
}
