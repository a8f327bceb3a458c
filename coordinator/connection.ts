/**
 * One worker's WebSocket: bytes become messages and frames for the coordinator, and the other way
 * round. What is allowed on it, and when it ends, the coordinator decides (core/coordinator.ts).
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import { CrescendoError } from '../lib/base/errors.ts';
import { decodeWorkerMessage, encodeCoordinatorMessage } from '../proto/control.ts';
import type { CoordinatorMessage } from '../proto/generated/messages.ts';
import { decodeFrame, FRAME_MAGIC } from '../proto/data-frame.ts';
import type { Coordinator } from './core/coordinator.ts';
import type { Connection } from './core/ports.ts';

/** WebSocket close codes: of what broke the rules (RFC 6455, section 7.4.1), and of our own. */
const CLOSE_CODES = { refused: 1008, dropped: 4000 };
/** A close frame's reason has no more bytes (RFC 6455, section 5.5). */
const CLOSE_REASON_BYTES_MAX = 123;

export class WorkerConnection implements Connection {
  readonly #socket: WebSocket;
  readonly #stream: Socket;
  readonly #coordinator: Coordinator;

  /** @param stream from which the socket reads */
  constructor(socket: WebSocket, stream: Socket, coordinator: Coordinator) {
    this.#socket = socket;
    this.#stream = stream;
    this.#coordinator = coordinator;
    let closeReason = 'connection closed';
    socket.on('message', (data: RawData) => {
      this.#onBytes(data as Buffer);
    });
    socket.on('error', (error: Error) => {
      closeReason = error.message;
      socket.terminate();
    });
    socket.on('close', () => {
      coordinator.onClosed(this, closeReason, performance.now());
    });
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get receivedBytes(): number {
    return this.#stream.bytesRead;
  }

  send(message: CoordinatorMessage): void {
    if (this.#isOpen) this.#socket.send(encodeCoordinatorMessage(message));
  }

  forward(frame: Uint8Array): void {
    if (!this.#isOpen) return;
    this.#socket.send(frame, () => {
      this.#coordinator.onFlushed(this);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(why: 'refused' | 'dropped', reason: string): void {
    this.#socket.close(CLOSE_CODES[why], shortened(reason));
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  #onBytes(bytes: Buffer): void {
    // Until a worker that was refused has closed its side, more may come.
    if (!this.#isOpen) return;
    const nowMs = performance.now();
    try {
      if (bytes[0] === FRAME_MAGIC) this.#coordinator.onFrame(this, decodeFrame(bytes), bytes);
      else this.#coordinator.onMessage(this, decodeWorkerMessage(bytes), nowMs);
    } catch (error) {
      if (!(error instanceof CrescendoError) || error.code === 'CRESCENDO_INVARIANT') throw error;
      this.#coordinator.onMalformed(this, error);
    }
  }
}

/** As much of a reason as a close frame takes, in whole characters. */
function shortened(reason: string): Buffer {
  const bytes = Buffer.from(reason);
  let end = Math.min(bytes.length, CLOSE_REASON_BYTES_MAX);
  // A byte of the form 10xxxxxx goes on with a character of UTF-8.
  while (end < bytes.length && ((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
