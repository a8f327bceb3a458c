/**
 * One worker's WebSocket on the coordinator's side: the handshake with its checks, then decoded
 * messages, relayed data frames, and the end. A malformed message ends this connection only.
 */
import { timingSafeEqual, createHash } from 'node:crypto';
import type { RawData, WebSocket } from 'ws';
import { CrescendoError, messageOf, type ErrorCode } from '../lib/base/errors.ts';
import {
  decodeWorkerMessage,
  encodeCoordinatorMessage,
  type CoordinatorMessage,
  type Hello,
  type WorkerMessage,
} from '../proto/control.ts';
import { decodeFrame, FRAME_MAGIC } from '../proto/data-frame.ts';
import {
  HELLO_TEXT_CHARACTERS_MAX,
  HELLO_TIMEOUT_MS,
  PROTOCOL_VERSION,
  SEND_QUEUE_BYTES_MAX,
} from '../proto/limits.ts';

/** The WebSocket close code of what broke the rules (RFC 6455, section 7.4.1). */
const POLICY_VIOLATION = 1008;
/** Of a worker that has left in the coordinator's eyes, for the reason that goes with it. */
const DROPPED = 4000;
/** A close frame's reason has no more bytes (RFC 6455, section 5.5). */
const CLOSE_REASON_BYTES_MAX = 123;

export interface ConnectionHandlers {
  /** The worker passed all checks: give it a slot, or refuse it by throwing. */
  onHello(connection: WorkerConnection, hello: Hello): number;
  onMessage(slot: number, message: WorkerMessage): void;
  /** A data frame for a peer that cannot be reached directly. */
  onRelay(source: WorkerConnection, targetSlot: number, bytes: Buffer): void;
  onRejected(reason: string): void;
  onClosed(slot: number, reason: string): void;
}

export interface AdmissionRules {
  readonly configFingerprint: string;
  /** Undefined: no token is asked for (loopback only). */
  readonly joinToken: string | undefined;
}

export class WorkerConnection {
  readonly #socket: WebSocket;
  readonly #rules: AdmissionRules;
  readonly #handlers: ConnectionHandlers;
  readonly #helloTimer: NodeJS.Timeout;
  /** Workers whose frames for this one fill its queue. */
  readonly #pausedSources = new Set<WorkerConnection>();
  #slot = -1;
  #closeReason = 'connection closed';

  constructor(socket: WebSocket, rules: AdmissionRules, handlers: ConnectionHandlers) {
    this.#socket = socket;
    this.#rules = rules;
    this.#handlers = handlers;
    this.#helloTimer = setTimeout(() => {
      this.#refuse('CRESCENDO_PROTOCOL_INVALID', `no Hello within ${HELLO_TIMEOUT_MS} ms`);
    }, HELLO_TIMEOUT_MS);
    socket.on('message', (data: RawData) => {
      this.#onBytes(data as Buffer);
    });
    socket.on('close', () => {
      clearTimeout(this.#helloTimer);
      this.#resumeSources();
      if (this.#slot >= 0) this.#handlers.onClosed(this.#slot, this.#closeReason);
    });
    socket.on('error', (error: Error) => {
      this.#closeReason = error.message;
      this.#socket.terminate();
    });
  }

  /** Whether it may still say hello. */
  get isPending(): boolean {
    return this.#slot < 0 && this.#socket.readyState === this.#socket.OPEN;
  }

  send(message: CoordinatorMessage): void {
    if (this.#socket.readyState === this.#socket.OPEN) {
      this.#socket.send(encodeCoordinatorMessage(message));
    }
  }

  /**
   * Passes a frame of `source` on. When this worker reads more slowly than the source sends, the
   * source is not read from until the queue is half empty: no frame is lost, memory is bounded.
   */
  relay(bytes: Buffer, source: WorkerConnection): void {
    this.#socket.send(bytes, () => {
      if (this.#socket.bufferedAmount <= SEND_QUEUE_BYTES_MAX / 2) this.#resumeSources();
    });
    if (this.#socket.bufferedAmount <= SEND_QUEUE_BYTES_MAX) return;
    source.#socket.pause();
    this.#pausedSources.add(source);
  }

  /** Ends it, and tells the worker why. */
  close(reason: string): void {
    this.#closeReason = reason;
    this.#socket.close(DROPPED, shortened(reason));
  }

  #resumeSources(): void {
    for (const source of this.#pausedSources) source.#socket.resume();
    this.#pausedSources.clear();
  }

  #onBytes(bytes: Buffer): void {
    // Until a refused worker has closed its side, more may come.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    try {
      if (bytes[0] === FRAME_MAGIC) this.#onRelayed(bytes);
      else this.#onMessage(decodeWorkerMessage(bytes));
    } catch (error) {
      if (!(error instanceof CrescendoError) || error.code === 'CRESCENDO_INVARIANT') throw error;
      this.#refuse(error.code, messageOf(error));
    }
  }

  #onMessage(message: WorkerMessage): void {
    if (this.#slot >= 0) {
      this.#handlers.onMessage(this.#slot, message);
      return;
    }
    if (message.kind !== 'hello') {
      throw new CrescendoError('CRESCENDO_PROTOCOL_INVALID', `${message.kind} before hello`);
    }
    checkHello(message, this.#rules);
    clearTimeout(this.#helloTimer);
    this.#slot = this.#handlers.onHello(this, message);
  }

  #onRelayed(bytes: Buffer): void {
    const frame = decodeFrame(bytes);
    if (this.#slot < 0 || frame.sourceSlot !== this.#slot) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `slot ${this.#slot} sent a frame as slot ${frame.sourceSlot}`,
      );
    }
    this.#handlers.onRelay(this, frame.targetSlot, bytes);
  }

  #refuse(code: ErrorCode, message: string): void {
    this.#handlers.onRejected(code);
    this.#closeReason = message;
    this.send({ kind: 'refused', code, message });
    this.#socket.close(POLICY_VIOLATION, shortened(message));
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

function checkHello(hello: Hello, rules: AdmissionRules): void {
  if (hello.protocolVersion !== PROTOCOL_VERSION) {
    throw new CrescendoError(
      'CRESCENDO_PROTOCOL_VERSION',
      `worker speaks protocol version ${hello.protocolVersion}, this coordinator ` +
        `${PROTOCOL_VERSION}: install the same version of crescendo on both`,
    );
  }
  if (rules.joinToken !== undefined && !isSameSecret(hello.joinToken, rules.joinToken)) {
    throw new CrescendoError(
      'CRESCENDO_TOKEN_WRONG',
      "the join token is missing or wrong: give the worker the coordinator's --token or " +
        'CRESCENDO_JOIN_TOKEN',
    );
  }
  if (hello.configFingerprint !== '' && hello.configFingerprint !== rules.configFingerprint) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_MISMATCH',
      `the worker's run file has fingerprint ${hello.configFingerprint.slice(0, 12)}, the ` +
        `coordinator's ${rules.configFingerprint.slice(0, 12)}: give both the same run file, or ` +
        'leave it out on the worker',
    );
  }
  const { dataUrl, hostName, metricsAddress, machine, localPath } = hello;
  for (const text of [dataUrl, hostName, metricsAddress, machine, localPath]) {
    if (text.length > HELLO_TEXT_CHARACTERS_MAX) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `a field of Hello has ${text.length} characters; the limit is ${HELLO_TEXT_CHARACTERS_MAX}`,
      );
    }
  }
}

function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
