/**
 * A lock between processes: a folder, whose creation is atomic, with the process id of its owner.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRunning } from './process.ts';

const POLL_MS = 200;

/**
 * Runs `work` while holding the lock. A lock of a dead owner is taken over.
 * @param onWait called once if another process holds the lock
 */
export async function withLock<T>(
  path: string,
  onWait: (ownerProcessId: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(path), { recursive: true });
  let hasWaited = false;
  while (!tryTake(path)) {
    const owner = ownerOf(path);
    if (owner !== undefined && !isRunning(owner)) {
      rmSync(path, { recursive: true, force: true });
      continue;
    }
    if (!hasWaited && owner !== undefined) {
      hasWaited = true;
      onWait(owner);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

function tryTake(path: string): boolean {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(join(path, 'pid'), String(process.pid));
  return true;
}

function ownerOf(path: string): number | undefined {
  try {
    const text = readFileSync(join(path, 'pid'), 'utf8');
    return text === '' ? undefined : Number(text);
  } catch {
    return undefined; // Just made or just gone: asked again soon.
  }
}
