/**
 * A lock between processes: a folder, whose creation is atomic, with the process id of its owner
 * and when that process began: in a container, the next process often has the id of the last.
 */
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { processAt } from './process.ts';

const POLL_MS = 200;
/** A lock that has no owner for so long was left by a process that ended as it took it. */
const UNOWNED_MAX_MS = 10_000;

interface Owner {
  readonly processId: number;
  /** When it began, as processAt() says; '' where it does not. */
  readonly begin: string;
}

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
    if (owner === undefined ? isUnowned(path) : isGone(owner)) {
      rmSync(path, { recursive: true, force: true });
      continue;
    }
    if (!hasWaited && owner !== undefined) {
      hasWaited = true;
      onWait(owner.processId);
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
  try {
    writeFileSync(join(path, 'pid'), `${process.pid} ${processAt(process.pid)?.start ?? ''}`);
  } catch (error) {
    // A full disk may have room for a folder and not for a file.
    rmSync(path, { recursive: true, force: true });
    throw error;
  }
  return true;
}

function ownerOf(path: string): Owner | undefined {
  try {
    const [processId, begin = ''] = readFileSync(join(path, 'pid'), 'utf8').split(' ');
    return processId === '' ? undefined : { processId: Number(processId), begin };
  } catch {
    return undefined; // Just made or just gone: asked again soon.
  }
}

function isGone({ processId, begin }: Owner): boolean {
  const found = processAt(processId);
  return found === undefined || (begin !== '' && begin !== (found.start ?? ''));
}

function isUnowned(path: string): boolean {
  try {
    return Date.now() - statSync(path).mtimeMs > UNOWNED_MAX_MS;
  } catch {
    return false;
  }
}
