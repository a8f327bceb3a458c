/** What must be undone however the process ends: normally, by an error, or by Ctrl-C. */

const undoing = new Set<() => void>();
let isWatching = false;

/**
 * Calls `undo` (synchronous, and safe to call twice) when the process ends, by signals too.
 * @returns undoes now and forgets it
 */
export function undoAtExit(undo: () => void): () => void {
  if (!isWatching) {
    isWatching = true;
    process.on('exit', () => {
      // What was done last is undone first: a process is ended before its folder is removed.
      for (const one of [...undoing].reverse()) one();
    });
    for (const [signal, exitCode] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
      ['SIGHUP', 129],
    ] as const) {
      process.on(signal, () => process.exit(exitCode));
    }
  }
  undoing.add(undo);
  return () => {
    undoing.delete(undo);
    undo();
  };
}
