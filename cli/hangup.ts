/**
 * Whether this process was started to outlive its terminal (`nohup`). nohup has SIGHUP ignored, but
 * Node makes every ignored signal deadly again before it runs any code, so the traces that nohup
 * leaves have to do. The command `crescendo` (bin/crescendo) looks before Node does, and tells.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Set to `ignore` or `stop` by bin/crescendo, or by hand. */
const HANGUP_VARIABLE = 'CRESCENDO_HANGUP';
const WRITE_ONLY = 0o1;
const SIGHUP_BIT = 1n;

/** What the system shows of a process. */
export interface ProcessTraces {
  readonly environment: NodeJS.ProcessEnv;
  /** The file that standard input is, and the flags with which it was opened. */
  readonly input: { readonly path: string; readonly flags: number } | undefined;
  /** The signals that the parent process ignores, bit by bit; its child inherits that. */
  readonly parentIgnores: bigint;
}

export function ignoresHangup({ environment, input, parentIgnores }: ProcessTraces): boolean {
  const said = environment[HANGUP_VARIABLE];
  if (said === 'ignore' || said === 'stop') return said === 'ignore';
  // Shells set `_` to the program that they start, and nohup passes it on.
  if (basename(environment['_'] ?? '') === 'nohup') return true;
  // In place of a terminal, nohup gives an input that cannot be read.
  if (input?.path === '/dev/null' && (input.flags & WRITE_ONLY) !== 0) return true;
  return (parentIgnores & SIGHUP_BIT) !== 0n;
}

/** The traces of this process; those that the system does not show are left out. */
export function processTraces(): ProcessTraces {
  return { environment: process.env, input: inputTrace(), parentIgnores: parentIgnores() };
}

function inputTrace(): ProcessTraces['input'] {
  try {
    const flags = /^flags:\s*([0-7]+)/m.exec(readFileSync('/proc/self/fdinfo/0', 'utf8'))?.[1];
    return { path: readlinkSync('/proc/self/fd/0'), flags: parseInt(flags ?? '0', 8) };
  } catch {
    return undefined;
  }
}

function parentIgnores(): bigint {
  try {
    const status = readFileSync(`/proc/${process.ppid}/status`, 'utf8');
    return BigInt(`0x${/^SigIgn:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  } catch {
    return 0n;
  }
}
