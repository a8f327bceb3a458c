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
