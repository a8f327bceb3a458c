/**
 * How much memory TensorFlow may take on a processor. Beyond a limit that it is told, its allocator
 * answers with an error, which becomes advice; beyond one of the system's a process is killed, or an
 * exception passes through TensorFlow, which cannot bear any.
 */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

const MIB = 2 ** 20;

/** Of the container's memory: Node, the library, weights and their slots. */
const RESIDENT_RESERVE_BYTES = 512 * MIB;
/** Of addresses: the same, and the library, stacks and arenas of threads (2.4 GiB were measured). */
const ADDRESS_RESERVE_BYTES = 2560 * MIB;
/** Enough for an error to be the allocator's own. */
const BUDGET_BYTES_MIN = 64 * MIB;

/** Bytes; undefined where there is no limit. */
export interface MemoryLimits {
  /** Of this process's addresses (`ulimit -v`), and how many are in use. */
  readonly addressSpace: number | undefined;
  readonly addressSpaceInUse: number;
  /** Of the container (cgroup). */
  readonly container: number | undefined;
}

/** @returns what TensorFlow may take, undefined where nothing limits it but the machine */
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

/** The limits of this process; none where the system does not tell them. */
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
