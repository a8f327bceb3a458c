/**
 * Standard output and standard error of a process that may run for a month. Whoever reads them may
 * leave (`head`), the disk behind them may be full, and the terminal may stop (Ctrl-S, a suspended
 * SSH connection) or be gone: none of that ends or holds up a run.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { ErrorCode } from '../lib/base/errors.ts';
import type { ProgressOutput } from '../lib/launch/progress-view.ts';

const OUTPUT_LOST: ErrorCode = 'CRESCENDO_OUTPUT_LOST';

let isRun = false;

/** Listens to the errors of both. Called once, before anything is written. */
export function guardOutput(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.once('exit', () => {
    // Node resets its terminals at the end, and aborts where one is gone and not closed.
    for (const one of terminals) if (!isatty(one)) closeSync(one);
  });
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', ({ code = '' }: NodeJS.ErrnoException) => {
    // A run has other results than what it prints.
    if (isRun) return;
    // Whoever has read enough is content with it.
    if (code === 'EPIPE') process.exit(0);
    process.stderr.write(`error ${OUTPUT_LOST}: standard output takes no more (${code})\n`);
    process.exit(1);
  });
}

/** Settles once what was written to standard output has left, or is lost. */
export async function outputLeft(): Promise<void> {
  await new Promise<void>((resolve) => {
    process.stdout.write('', () => {
      resolve();
    });
  });
}

/** From now on the command goes on when its output is lost. */
export function goOnWithoutOutput(): void {
  isRun = true;
}

/** Standard error for progress: what cannot be written at once is dropped. */
export const progressOutput: ProgressOutput = {
  get isTTY() {
    return process.stderr.isTTY;
  },
  get columns() {
    return process.stderr.columns;
  },
  write(text) {
    if (!process.stderr.isTTY || !writeToTerminal(text)) process.stderr.write(text);
  },
};

/** The terminal, opened anew so that writing does not wait; undefined before the first use. */
let terminal: number | 'cannot be opened' | undefined;

/** @returns false when the terminal cannot be opened anew, as after `su` */
function writeToTerminal(text: string): boolean {
  terminal ??= openTerminal();
  if (terminal === 'cannot be opened') return false;
  try {
    writeSync(terminal, text);
  } catch {
    // It takes no more for now, or is gone.
  }
  return true;
}

function openTerminal(): number | 'cannot be opened' {
  try {
    const flags = constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY;
    return openSync('/proc/self/fd/2', flags);
  } catch {
    return 'cannot be opened';
  }
}
