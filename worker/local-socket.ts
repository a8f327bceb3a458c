/** Where a worker's Unix socket for peers of its machine lies. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = /^crescendo-worker-(\d+)-/;

/**
 * A new folder that only this user may enter. Folders of workers that were killed are removed.
 * @param parent by default the system's folder for temporary files
 */
export function makeSocketFolder(parent = tmpdir()): string {
  for (const name of readdirSync(parent)) {
    const processId = Number(FOLDER.exec(name)?.[1]);
    if (Number.isNaN(processId) || isAlive(processId)) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch {
      // Another user's: theirs to remove.
    }
  }
  return mkdtempSync(join(parent, `crescendo-worker-${process.pid}-`));
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
