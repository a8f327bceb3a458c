/** Runs many seeds on several threads. */
import { Worker } from 'node:worker_threads';
import type { SeedResult } from './seed-run.ts';
import type { SeedRequest } from './thread.ts';

/** Failing seeds whose plans are made smaller; more of them seldom say more. */
const SHRUNK_MAX = 10;

export interface SeedRange {
  readonly first: number;
  /** Not below `first`. */
  readonly last: number;
}

/** @param onResult called for each seed, in the order in which they are done */
export async function runSeeds(
  { first, last }: SeedRange,
  threadCount: number,
  onResult: (result: SeedResult) => void,
): Promise<void> {
  let next = first;
  let failedCount = 0;
  const runThread = async (): Promise<void> => {
    const thread = new Worker(new URL('./thread.js', import.meta.url));
    try {
      await new Promise<void>((resolve, reject) => {
        const goOn = (): void => {
          if (next > last) return resolve();
          const request: SeedRequest = { seed: next++, isShrinking: failedCount < SHRUNK_MAX };
          thread.postMessage(request);
        };
        thread.on('error', reject);
        thread.on('message', (result: SeedResult) => {
          if (result.violations.length > 0) failedCount++;
          onResult(result);
          goOn();
        });
        goOn();
      });
    } finally {
      await thread.terminate();
    }
  };
  await Promise.all(Array.from({ length: threadCount }, runThread));
}
