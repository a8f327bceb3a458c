/** A thread that runs seeds, one after the other. */
import { parentPort } from 'node:worker_threads';
import { defined } from '../../base/errors.ts';
import { runSeed } from './seed-run.ts';

/** What a thread is to do next. */
export interface SeedRequest {
  readonly seed: number;
  readonly isShrinking: boolean;
}

const port = defined(parentPort, 'the thread that asks for seeds');
port.on('message', ({ seed, isShrinking }: SeedRequest) => {
  port.postMessage(runSeed(seed, isShrinking));
});
