/** Processor time of child processes, which Node does not tell. */
import { readFileSync } from 'node:fs';

/** Ticks per second in which /proc counts, on every Linux. */
const TICKS_PER_SECOND = 100;

/**
 * User and system time of the children that have ended, and of theirs that they waited for. Linux
 * only; elsewhere NaN.
 */
export function childrenCpuSeconds(): number {
  if (process.platform !== 'linux') return Number.NaN;
  const text = readFileSync('/proc/self/stat', 'utf8');
  // Fields 16 and 17 of proc(5); the second one is a name that may have spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
