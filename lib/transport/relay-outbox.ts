/**
 * Frames for the coordinator's relay. They leave in order, and only a limited number of bytes is
 * given to the connection at a time, so that heartbeats and reports do not wait behind a whole
 * vector.
 */
import { PEER_SEND_BYTES_MAX } from '../../proto/limits.ts';
import type { QueuedFrame } from './peer-transport.ts';

export class RelayOutbox {
  readonly #send: (bytes: Buffer, onSent: () => void) => void;
  #queue: QueuedFrame[] = [];
  #next = 0;
  #bytesUnderWay = 0;
  /** Grows with each connection that was lost. */
  #lostConnections = 0;

  /** @param send gives a whole frame to the connection and calls `onSent` when it has left */
  constructor(send: (bytes: Buffer, onSent: () => void) => void) {
    this.#send = send;
  }

  push(frame: QueuedFrame): void {
    this.#queue.push(frame);
    this.#pump();
  }

  /**
   * The connection is lost: what waits is dropped, and what was given to it is never said to have
   * left.
   */
  clear(): void {
    this.#lostConnections++;
    this.#bytesUnderWay = 0;
    const dropped = this.#queue.slice(this.#next);
    this.#queue = [];
    this.#next = 0;
    for (const frame of dropped) frame.onSent();
  }

  #pump(): void {
    while (this.#bytesUnderWay < PEER_SEND_BYTES_MAX) {
      const frame = this.#queue[this.#next];
      if (frame === undefined) {
        this.#queue = [];
        this.#next = 0;
        return;
      }
      this.#next++;
      const bytes = Buffer.concat([frame.header, frame.payload()]);
      this.#bytesUnderWay += bytes.length;
      const lostBefore = this.#lostConnections;
      this.#send(bytes, () => {
        if (lostBefore !== this.#lostConnections) return;
        this.#bytesUnderWay -= bytes.length;
        this.#pump();
      });
      // A copy leaves, so the values may change from now on.
      frame.onSent();
    }
  }
}
