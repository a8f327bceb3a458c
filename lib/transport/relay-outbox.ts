/**
 * Frames on their way through the coordinator: they leave in order, and only so many bytes are given
 * to its connection at a time, so that heartbeats and reports need not wait behind a whole vector.
 */
import { PEER_SEND_BYTES_MAX } from '../../proto/limits.ts';
import type { QueuedFrame } from './peer-transport.ts';

export class RelayOutbox {
  readonly #send: (bytes: Buffer, onSent: () => void) => void;
  #queue: QueuedFrame[] = [];
  #next = 0;
  #bytesUnderWay = 0;

  /** @param send gives a whole frame to the connection; `onSent` is due once it has left */
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
      // The copy is what leaves: the values may change from now on.
      frame.onSent();
    }
  }
}
