/** Writes a run file to begin with. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { PROJECT_ROOT } from '../base/project.ts';
import { runFileTemplate } from '../run/template.ts';

/**
 * Writes a run file in which every key is explained.
 * @returns its length in bytes
 * @throws CRESCENDO_CONFIG_INVALID when it cannot be written, or is there and may not be replaced
 */
export function writeRunFile(path: string, mayOverwrite: boolean): number {
  if (existsSync(path) && !mayOverwrite) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${path} exists already: choose another name, or overwrite it with --force`,
    );
  }
  const schema = join(PROJECT_ROOT, 'configs', 'run.schema.json');
  const text = runFileTemplate(relative(dirname(resolve(path)), schema));
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${path} cannot be written (${messageOf(error)}): choose a folder that is there`,
      { cause: error },
    );
  }
  return Buffer.byteLength(text);
}
