/** Programs that this process has started, such as pip, npm and compilers: they end with it. */
import { readdirSync, readFileSync } from 'node:fs';

/**
 * Ends the processes that this one, in any of its threads, has started, with their process groups.
 * A thread that is terminated cannot do that itself.
 */
export function endChildren(): void {
  for (const processId of childIds()) {
    for (const target of [-processId, processId]) {
      try {
        process.kill(target, 'SIGTERM');
      } catch {
        // It leads no group, or has just ended.
      }
    }
  }
}

/** Empty where the system does not list them. */
function childIds(): number[] {
  try {
    return readdirSync('/proc/self/task').flatMap((thread) =>
      readFileSync(`/proc/self/task/${thread}/children`, 'utf8')
        .split(' ')
        .filter((text) => text !== '')
        .map(Number),
    );
  } catch {
    return [];
  }
}
