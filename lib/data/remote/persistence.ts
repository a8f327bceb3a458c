/** Trying again what a server or the way to it has spoilt. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RemoteError } from './source.ts';

export interface Persistence {
  /** Tries in a row without progress; at least 1. */
  readonly tries: number;
  /** Before the second try, doubled for each one after it; each pause is half chance. */
  readonly pauseMs: number;
}

export const PERSISTENCE: Persistence = { tries: 7, pauseMs: 1_000 };

/**
 * @param progress grows with what was achieved, which makes the next try the first one again
 * @throws the last error, and at once what is not transient
 */
export async function tryingAgain<T>(
  { tries, pauseMs }: Persistence,
  action: () => Promise<T>,
  progress: () => number = () => 0,
): Promise<T> {
  for (let count = 1; ; count++) {
    const before = progress();
    try {
      return await action();
    } catch (error) {
      if (!(error instanceof RemoteError) || error.kind !== 'transient') throw error;
      if (progress() > before) count = 1;
      else if (count >= tries) throw error;
      const upToMs = pauseMs * 2 ** (count - 1);
      await delay(randomInt(Math.floor(upToMs / 2), upToMs + 1));
    }
  }
}
