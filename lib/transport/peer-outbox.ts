/**
 * The sending end of a link. Frames leave in order, and only a limited number of bytes is given to
 * the socket at a time. Waiting frames are not packed yet and take no memory of their own.
 */
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import type { QueuedFrame } from './peer-transport.ts';

export class PeerOutbox {
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #onBytes: (count: number) => void;
  readonly #bytesMax: () => number;
  #queue: QueuedFrame[] = [];
  #next = 0;
  #bytesUnderWay = 0;

  /**
   * @param stream the stream to which the socket writes
   * @param bytesMax no further frame is given to the socket while this many bytes have not left
   * @param onBytes counts the bytes that are given to the socket
   */
  constructor(
    socket: WebSocket,
    stream: Duplex,
    bytesMax: () => number,
    onBytes: (count: number) => void,
  ) {
    this.#socket = socket;
    this.#stream = stream;
    this.#bytesMax = bytesMax;
    this.#onBytes = onBytes;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  push(frame: QueuedFrame): void {
    this.#queue.push(frame);
    this.#pump();
  }

  /** Closes the link and drops waiting frames. */
  close(): void {
    this.#socket.terminate();
    const dropped = this.#queue.slice(this.#next);
    this.#queue = [];
    this.#next = 0;
    for (const frame of dropped) frame.onSent();
  }

  #pump(): void {
    while (this.#bytesUnderWay < this.#bytesMax() && this.isOpen) {
      const frame = this.#queue[this.#next];
      if (frame === undefined) {
        this.#queue = [];
        this.#next = 0;
        return;
      }
      this.#next++;
      this.#send(frame);
    }
    if (!this.isOpen) this.close();
  }

  #send({ header, payload, payloadBytes, onSent }: QueuedFrame): void {
    const bytes = payloadBytes + header.length;
    this.#bytesUnderWay += bytes;
    this.#onBytes(bytes);
    // Both fragments leave in one system call.
    this.#stream.cork();
    this.#socket.send(header, { binary: true, fin: payloadBytes === 0 });
    const done = (): void => {
      this.#bytesUnderWay -= bytes;
      onSent();
      this.#pump();
    };
    if (payloadBytes === 0) done();
    else this.#socket.send(viewOf(payload()), { binary: true, fin: true }, done);
    this.#stream.uncork();
  }
}

/** The form that `ws` takes without a copy. */
function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
