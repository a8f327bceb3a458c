import { readFileSync } from 'node:fs';
/** Signals by which a process ends when it gets no memory, from the system or from itself. */
const MEMORY_SIGNALS: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGABRT', 'SIGSEGV']);

/** How a child process ended, with the likely cause where the system or a crash ended it. */
export function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal === null) return `exit code ${code}`;
  if (!MEMORY_SIGNALS.has(signal)) return `signal ${signal}`;
  return (
    `signal ${signal}, likely for want of memory: raise batch.microBatches, choose smaller ` +
    'images, ' +
    'or give it more memory'
  );
}

/** Whether a process with this id runs on this machine; false for what is no id. */
export function isRunning(processId: number): boolean {
  if (!Number.isSafeInteger(processId) || processId < 1) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * The process that has a number now; undefined where there is none, or only what a parent has not
 * waited for yet. `start`, in ticks since the machine started, tells it from those that had the
 * number before; undefined where the system hides it.
 */
export function processAt(processId: number): { readonly start: string | undefined } | undefined {
  if (!isRunning(processId)) return undefined;
  let stat: string;
  try {
    stat = readFileSync(`/proc/${processId}/stat`, 'latin1');
  } catch {
    // A system may hide the processes of other users.
    return { start: undefined };
  }
  const { state, start } = parseStat(stat);
  return state === 'Z' || state === 'X' ? undefined : { start };
}

/**
 * Fields 3 and 22 of /proc/PID/stat (proc(5)); field 2 is a name in parentheses, which may hold
 * anything.
 */
export function parseStat(stat: string): { readonly state?: string; readonly start?: string } {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return {
    ...(state === undefined ? {} : { state }),
    ...(start === undefined ? {} : { start }),
  };
}
