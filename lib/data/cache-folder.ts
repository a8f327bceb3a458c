/**
 * Folders and files of the dataset cache that appear complete or not at all. They are made under a
 * temporary name, which names their process, and renamed at the end.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isRunning } from '../base/process.ts';

const TEMPORARY_PREFIX = '.preparing';
const PUBLISH_ATTEMPTS_MAX = 3;

function temporaryPath(parentFolder: string): string {
  const owner = `${encodeURIComponent(hostname())}~${process.pid}`;
  return join(parentFolder, `${TEMPORARY_PREFIX}~${owner}~${randomBytes(6).toString('hex')}`);
}

/** Makes an empty temporary folder beside its later place, and removes those of ended processes. */
export async function makeTemporaryFolder(parentFolder: string): Promise<string> {
  await mkdir(parentFolder, { recursive: true });
  await sweepTemporaries(parentFolder);
  const folder = temporaryPath(parentFolder);
  await mkdir(folder);
  return folder;
}

/** Writes a file, flushed to disk; the caller publishes the folder that holds it. */
export async function writeFileFlushed(path: string, content: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Renames a finished temporary folder to `target`. If another process has published a usable folder
 * before, that one stays and this one is removed; an unusable one is replaced.
 */
export async function publishFolder(
  temporaryFolder: string,
  target: string,
  isUsable: (folder: string) => Promise<boolean>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(temporaryFolder, target);
      return;
    } catch (error) {
      const code = errorCode(error);
      const taken = code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR';
      if (!taken || attempt === PUBLISH_ATTEMPTS_MAX) throw error;
    }
    if (await isUsable(target)) {
      await rm(temporaryFolder, { recursive: true, force: true });
      return;
    }
    await discard(target);
  }
}

/** The `code` of a file-system error, such as ENOENT; '' for other errors. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return String(error.code);
}

async function discard(path: string): Promise<void> {
  const aside = temporaryPath(join(path, '..'));
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  await rm(aside, { recursive: true, force: true });
}

/** Removes temporary files of processes of this host that no longer run. */
async function sweepTemporaries(parentFolder: string): Promise<void> {
  for (const name of await readdir(parentFolder)) {
    const [prefix, host, pid] = name.split('~');
    if (prefix !== TEMPORARY_PREFIX || host !== encodeURIComponent(hostname())) continue;
    if (isRunning(Number(pid))) continue;
    // What it started may still write there; then the next sweep removes it.
    await rm(join(parentFolder, name), { recursive: true, force: true }).catch(() => undefined);
  }
}
