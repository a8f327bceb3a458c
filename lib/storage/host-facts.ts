/** Who this process is, and which others of this machine there are: what an owner lock goes by. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { processAt } from '../base/process.ts';

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

function orUndefined<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
