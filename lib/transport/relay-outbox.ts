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

  /** @param send gives a whole frame to the connection and calls `onSent` when it has left */
  constructor(send: (bytes: Buffer, onSent: () => void) => void) {
    this.#send = send;
  }

  push(frame: QueuedFrame): void {
    this.#queue.push(frame);
    this.#pump();
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
      this.#send(bytes, () => {
        this.#bytesUnderWay -= bytes.length;
        this.#pump();
      });
      // A copy leaves, so the values may change from now on.
      frame.onSent();
    }
  }
}
