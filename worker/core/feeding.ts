/**
 * A joiner that gets the state while steps go on: it takes part in their all-reduces without a
 * lease, and what is to be done with the state waits until it is there. So it applies the same
 * updates as all others, only later. Pure.
 */
import type { ComputeRequest } from '../compute/messages.ts';
import type { WorkerEffect } from './events.ts';

/** Each is as long as the gradient; with more of them a step waits for the state. */
const UPDATES_MAX = 8;

export class Feeding {
  readonly #requests: ComputeRequest[] = [];
  #updates = 0;
  #report: readonly WorkerEffect[] = [];

  /**
   * Keeps a request that needs the state.
   * @returns whether it does
   */
  defers(request: ComputeRequest): boolean {
    if (request.kind === 'step' || request.kind === 'ping' || request.kind === 'stop') return false;
    if (request.kind === 'apply') {
      this.#updates++;
      // The next step's sums will be where these are.
      this.#requests.push({ ...request, sum: copyOf(request.sum) });
    } else this.#requests.push(request);
    return true;
  }

  /**
   * Keeps a report, by which its step would be committed, while no update more can be kept.
   * @returns whether it does
   */
  holdsBack(report: readonly WorkerEffect[]): boolean {
    if (this.#updates < UPDATES_MAX) return false;
    this.#report = report;
    return true;
  }

  /** A later order: the report of the one before is of no use. */
  dropReport(): void {
    this.#report = [];
  }

  /** What waited for the state, in order. */
  end(): readonly WorkerEffect[] {
    const requests = this.#requests.map((request) => ({ kind: 'request', request }) as const);
    return [...requests, ...this.#report];
  }
}

/** In memory that both threads share. */
function copyOf(values: Float32Array): Float32Array {
  const copy = new Float32Array(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
