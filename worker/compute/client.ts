/** The networking thread's handle on the compute thread. */
import { Worker } from 'node:worker_threads';
import { CrescendoError, type ErrorCode } from '../../lib/base/errors.ts';
import type { ComputeReply, ComputeRequest, ComputeStart } from './messages.ts';

export class ComputeClient {
  readonly #thread: Worker;
  #isStopping = false;

  /** @param onReply all replies but failures @param onFailure the thread cannot go on */
  constructor(
    start: ComputeStart,
    onReply: (reply: ComputeReply) => void,
    onFailure: (error: CrescendoError) => void,
  ) {
    this.#thread = new Worker(new URL('./thread.js', import.meta.url), {
      workerData: start,
    });
    this.#thread.on('message', (reply: ComputeReply) => {
      if (reply.kind === 'failed') {
        onFailure(new CrescendoError(reply.code as ErrorCode, reply.message));
      } else {
        onReply(reply);
      }
    });
    this.#thread.on('error', (error: Error) => {
      onFailure(new CrescendoError('CRESCENDO_WORKER_FAILED', error.message, { cause: error }));
    });
    this.#thread.on('exit', (code) => {
      if (this.#isStopping) return;
      onFailure(
        new CrescendoError('CRESCENDO_WORKER_FAILED', `the compute thread ended with code ${code}`),
      );
    });
  }

  request(request: ComputeRequest): void {
    this.#thread.postMessage(request);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#thread.terminate();
  }
}
