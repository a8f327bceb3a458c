/**
 * Folders that are created once and then only read, by several processes. They are created under a
 * lock in a temporary folder beside the final one and renamed at the end, so that a killed set-up
 * leaves nothing that is half usable.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isRunning } from '../../base/process.ts';
import { withLock } from '../../base/process-lock.ts';

/** Written last: a folder without it is incomplete. */
const MARKER = 'ready.json';

/** Creates `final` by `make(scratch)`, unless it exists. */
export async function madeFolder(
  final: string,
  print: (line: string) => void,
  make: (scratch: string) => Promise<void>,
): Promise<void> {
  if (existsSync(join(final, MARKER))) return;
  const onWait = (owner: number): void => {
    print(`process ${owner} is preparing the engine; waiting for it`);
  };
  await withLock(`${final}.lock`, onWait, async () => {
    if (existsSync(join(final, MARKER))) return;
    const parent = dirname(final);
    removeAbandoned(parent);
    const scratch = join(parent, `.part-${process.pid}`);
    rmSync(final, { recursive: true, force: true });
    mkdirSync(scratch, { recursive: true });
    try {
      await make(scratch);
      writeFileSync(join(scratch, MARKER), '{}');
      renameSync(scratch, final);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  });
}

/** Removes the temporary folders of killed set-ups. */
function removeAbandoned(folder: string): void {
  for (const name of readdirSync(folder)) {
    const owner = /^\.part-(\d+)$/.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    rmSync(join(folder, name), { recursive: true, force: true });
  }
}
