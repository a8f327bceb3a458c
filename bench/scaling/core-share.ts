/** Which processor cores a worker of `bench scaling` may use. */
import { readFileSync } from 'node:fs';

/** Cores this process may run on, ascending, such as of the list `0-3,8`. */
function parseCoreList(list: string): number[] {
  return list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    if (first === undefined || last === undefined) return [];
    return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
  });
}

export function usableCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
  return parseCoreList(list ?? '0');
}

/**
 * Cores of worker `index` of a bench with at most `workersMax` workers: as many for each, its own
 * where there are enough, else one that it shares.
 */
export function coresOfWorker(
  cores: readonly number[],
  index: number,
  workersMax: number,
): readonly number[] {
  const each = Math.floor(cores.length / workersMax);
  if (each < 1) return [cores[index % cores.length] as number];
  return cores.slice(index * each, (index + 1) * each);
}

/** Cores for each of `workers` at work at once; below 1 when some share one. */
export function coresEach(coreCount: number, workers: number, workersMax: number): number {
  return coreCount >= workersMax
    ? Math.floor(coreCount / workersMax)
    : Math.min(1, coreCount / workers);
}
