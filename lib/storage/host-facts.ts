/** Who this process is, and which others of this machine there are: what an owner lock goes by. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { isRunning } from '../base/process.ts';

/** A process, told apart from those that have its number before or after it, or elsewhere. */
export interface ProcessIdentity {
  readonly hostName: string;
  /** Changes with each start of the machine; undefined where the system does not tell. */
  readonly bootId: string | undefined;
  /** The processes among which the number counts; containers have their own. */
  readonly pidNamespace: string | undefined;
  readonly processId: number;
  /** In ticks since the machine started. */
  readonly processStart: string | undefined;
}

export interface HostFacts {
  readonly self: ProcessIdentity;
  /**
   * The process that has a number now, in the namespace of this one; undefined where there is none.
   */
  processAt(processId: number): { readonly start: string | undefined } | undefined;
}

export function readHostFacts(): HostFacts {
  return {
    self: {
      hostName: hostname(),
      bootId: orUndefined(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
      pidNamespace: orUndefined(() => readlinkSync('/proc/self/ns/pid')),
      processId: process.pid,
      processStart: processAt(process.pid)?.start,
    },
    processAt,
  };
}

function processAt(processId: number): { readonly start: string | undefined } | undefined {
  if (!isRunning(processId)) return undefined;
  const stat = orUndefined(() => readFileSync(`/proc/${processId}/stat`, 'latin1'));
  // A system may hide the processes of other users.
  if (stat === undefined) return { start: undefined };
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

function orUndefined<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
