/** Writes a run file to begin with. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { PROJECT_ROOT } from '../base/project.ts';
import type { ProgressListener } from '../data/dataset.ts';
import { suitedRunFile } from '../planning/suited-run-file.ts';
import { runFileTemplate } from '../run/template.ts';

export interface InitOptions {
  /** Whether a file that is there may be replaced. */
  readonly mayOverwrite: boolean;
  /** A folder, a URL, or a dataset that is fetched, which the run file is to suit. */
  readonly data?: string | undefined;
  /** The format of `data`, where it is known. */
  readonly format?: string | undefined;
  readonly onProgress: ProgressListener;
}

/**
 * Writes a run file in which the keys are explained, or one that suits a dataset.
 * @returns its length in bytes
 * @throws CRESCENDO_CONFIG_INVALID when it cannot be written, or is there and may not be replaced
 * @throws what opening the dataset throws
 */
export async function writeRunFile(path: string, options: InitOptions): Promise<number> {
  if (existsSync(path) && !options.mayOverwrite) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_INVALID',
      `${path} exists already: choose another name, or overwrite it with --force`,
    );
  }
  const text = await textOf(path, options);
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

async function textOf(path: string, { data, format, onProgress }: InitOptions): Promise<string> {
  const folder = dirname(resolve(path));
  const schemaPath = relative(folder, join(PROJECT_ROOT, 'configs', 'run.schema.json'));
  if (data === undefined) return runFileTemplate(schemaPath);
  const asked = { source: data, format, folder, schemaPath };
  const { text, found } = await suitedRunFile(asked, onProgress);
  onProgress(found);
  return text;
}
