/**
 * How much memory TensorFlow may use on a processor. Beyond a limit that it knows, its allocator
 * returns an error, which becomes advice to the user. Beyond a limit of the system the process is
 * killed, or an exception passes through TensorFlow, which does not support exceptions.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const MIB = 2 ** 20;

/** Reserve of the container's memory: Node, the library, weights and moments. */
const RESIDENT_RESERVE_BYTES = 512 * MIB;
/**
 * Reserve of addresses: the same, and the library, stacks and arenas of threads (2.4 GiB were
 * measured).
 */
const ADDRESS_RESERVE_BYTES = 2560 * MIB;
/** Enough for the allocator itself to report the error. */
const BUDGET_BYTES_MIN = 64 * MIB;

/** Limits in bytes; undefined without a limit. */
export interface MemoryLimits {
  /** Addresses of this process (`ulimit -v`), and how many are in use. */
  readonly addressSpace: number | undefined;
  readonly addressSpaceInUse: number;
  /** Memory of the container (cgroup). */
  readonly container: number | undefined;
}

/** @returns the bytes that TensorFlow may use; undefined if only the machine limits it */
export function memoryBudgetBytes(limits: MemoryLimits): number | undefined {
  const { addressSpace, addressSpaceInUse, container } = limits;
  const budgets = [
    ...(addressSpace === undefined
      ? []
      : [addressSpace - addressSpaceInUse - ADDRESS_RESERVE_BYTES]),
    ...(container === undefined ? [] : [container - RESIDENT_RESERVE_BYTES]),
  ];
  return budgets.length === 0 ? undefined : Math.max(BUDGET_BYTES_MIN, Math.min(...budgets));
}

/** The limits of this process; undefined values if the system does not report them. */
export function memoryLimits(): MemoryLimits {
  const addressSpace = numberIn('/proc/self/limits', /^Max address space\s+(\d+)/m);
  const kilobytes = numberIn('/proc/self/status', /^VmSize:\s+(\d+) kB/m) ?? 0;
  const container = process.constrainedMemory();
  return {
    addressSpace,
    addressSpaceInUse: kilobytes * 1024,
    container: container > 0 && container < totalmem() ? container : undefined,
  };
}

function numberIn(path: string, pattern: RegExp): number | undefined {
  try {
    const text = pattern.exec(readFileSync(path, 'utf8'))?.[1];
    return text === undefined ? undefined : Number(text);
  } catch {
    return undefined;
  }
}
