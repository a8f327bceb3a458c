/**
 * A worker's connection to its coordinator: dials until the coordinator answers, then passes
 * messages in both directions.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket, type RawData } from 'ws';
import { CrescendoError, messageOf } from '../base/errors.ts';
import { decodeCoordinatorMessage, encodeWorkerMessage } from '../../proto/control.ts';
import type { CoordinatorMessage, WorkerMessage } from '../../proto/generated/messages.ts';
import { decodeFrame, FRAME_MAGIC, type DataFrame } from '../../proto/data-frame.ts';
import {
  CONTROL_MESSAGE_BYTES_MAX,
  SEND_QUEUE_BYTES_MAX,
  WAIT_HEADER,
} from '../../proto/limits.ts';

const DIAL_PAUSE_MS = 250;
const HANDSHAKE_TIMEOUT_MS = 5_000;
const DRAIN_POLL_MS = 5;

export interface CoordinatorLinkHandlers {
  onMessage(message: CoordinatorMessage): void;
  onFrame(frame: DataFrame): void;
  onClosed(reason: string): void;
}

export class CoordinatorLink {
  /** What the coordinator does before it answers, such as `reading images`; else undefined. */
  readonly waitReason: string | undefined;
  readonly #socket: WebSocket;
  readonly #stream: Socket;
  #isClosing = false;
  #handlers: CoordinatorLinkHandlers | undefined;
  /** Why the connection has ended; undefined while it is open. */
  #end: string | undefined;

  private constructor({ socket, stream, waitReason }: OpenSocket) {
    this.#socket = socket;
    this.#stream = stream;
    this.waitReason = waitReason;
    socket.on('error', () => {
      socket.terminate();
    });
    socket.once('close', (code, reason) => {
      this.#end =
        reason.length > 0 ? `${reason.toString()} (code ${code})` : `closed with code ${code}`;
      if (!this.#isClosing) this.#handlers?.onClosed(this.#end);
    });
  }

  /**
   * Dials until the coordinator answers or the time is up, because workers often start first.
   * @param url ws://host:port or wss://host:port, with a path behind a proxy
   * @param signal ends the dialing
   * @throws CRESCENDO_COORDINATOR_UNREACHABLE; the signal's reason once that is aborted
   */
  static async connect(
    url: string,
    timeoutMs: number,
    signal: AbortSignal = new AbortController().signal,
  ): Promise<CoordinatorLink> {
    const target = workerEndpoint(url);
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      try {
        return new CoordinatorLink(await open(target, signal));
      } catch (error) {
        signal.throwIfAborted();
        // One that asks to wait is there, however long that takes.
        const isThere = error instanceof HttpAnswer && error.asksToWait;
        if (!isThere && performance.now() + DIAL_PAUSE_MS > deadlineMs) {
          throw new CrescendoError(
            'CRESCENDO_COORDINATOR_UNREACHABLE',
            `no coordinator answers at ${url} within ${timeoutMs} ms (${messageOf(error)}): ` +
              (error instanceof HttpAnswer
                ? error.wayOut
                : 'check the address, that the coordinator runs, and that nothing blocks the port'),
            { cause: error },
          );
        }
      }
      await pause(DIAL_PAUSE_MS, undefined, { signal });
    }
  }

  /**
   * Starts to deliver messages. If the connection has already ended, onClosed is called at once.
   */
  start(handlers: CoordinatorLinkHandlers): void {
    this.#handlers = handlers;
    if (this.#end !== undefined) handlers.onClosed(this.#end);
    this.#socket.on('message', (data: RawData) => {
      // Until the coordinator has closed its side too, more may come.
      if (this.#isClosing) return;
      const bytes = data as Buffer;
      try {
        if (bytes[0] === FRAME_MAGIC) handlers.onFrame(decodeFrame(bytes));
        else handlers.onMessage(decodeCoordinatorMessage(bytes));
      } catch (error) {
        handlers.onClosed(messageOf(error));
        this.#socket.terminate();
      }
    });
  }

  /** Bytes that came from the coordinator, of messages that are not whole too. */
  get receivedBytes(): number {
    return this.#stream.bytesRead;
  }

  send(message: WorkerMessage): void {
    this.sendBytes(encodeWorkerMessage(message));
  }

  /** @param onSent called when the bytes have left; never if the connection has ended */
  sendBytes(bytes: Uint8Array, onSent?: () => void): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(bytes, (error) => {
      if (!(error instanceof Error)) onSent?.();
    });
  }

  /** Calls `action` once the send queue has room; never when the connection has ended. */
  whenRoom(action: () => void): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    if (this.#socket.bufferedAmount <= SEND_QUEUE_BYTES_MAX) {
      action();
      return;
    }
    setTimeout(() => {
      this.whenRoom(action);
    }, DRAIN_POLL_MS);
  }

  close(): void {
    this.#isClosing = true;
    this.#socket.close();
  }
}

function workerEndpoint(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_COORDINATOR_UNREACHABLE',
      `"${url}" is not an address: write it like ws://127.0.0.1:9464`,
      { cause: error },
    );
  }
  if (parsed.protocol !== 'ws:' && parsed.protocol !== 'wss:') {
    throw new CrescendoError(
      'CRESCENDO_COORDINATOR_UNREACHABLE',
      `"${url}" starts with ${parsed.protocol}//: use ws:// (or wss:// behind TLS)`,
    );
  }
  // A proxy may serve the coordinator under a path.
  parsed.pathname = `${parsed.pathname.replace(/\/+$/, '')}/worker`;
  return parsed.href;
}

/** The error of an HTTP answer to a WebSocket request. */
class HttpAnswer extends Error {
  readonly wayOut: string;
  /** The coordinator takes no workers in yet. */
  readonly asksToWait: boolean;

  constructor({ statusCode = 0, headers }: IncomingMessage) {
    super(`it answers HTTP ${statusCode}`);
    this.asksToWait = WAIT_HEADER.toLowerCase() in headers;
    this.wayOut =
      statusCode === 503
        ? 'too many unauthenticated connections are open; keep others away from its port, or ' +
          'wait ' +
          'longer with --connect-timeout'
        : 'something else than a coordinator of crescendo listens there; check the address';
  }
}

interface OpenSocket {
  readonly socket: WebSocket;
  /** Which it reads from. */
  readonly stream: Socket;
  readonly waitReason: string | undefined;
}

function open(url: string, signal: AbortSignal): Promise<OpenSocket> {
  const socket = new WebSocket(url, {
    perMessageDeflate: false,
    maxPayload: CONTROL_MESSAGE_BYTES_MAX,
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    // A mask of zeros needs no pass over the bytes, here and there. Masks are there to keep scripts
    // in browsers from choosing the bytes that a proxy sees (RFC 6455, section 10.3).
    generateMask: (mask) => mask.fill(0),
  });
  const abort = (): void => {
    socket.terminate();
  };
  signal.addEventListener('abort', abort);
  return new Promise<OpenSocket>((resolve, reject) => {
    // Always before it is open.
    socket.once('upgrade', ({ headers, socket: stream }) => {
      const waitReason = headers[WAIT_HEADER.toLowerCase()]?.toString();
      socket.once('open', () => {
        socket.removeAllListeners('error');
        resolve({ socket, stream, waitReason });
      });
    });
    socket.once('error', reject);
    socket.once('unexpected-response', (request, response) => {
      reject(new HttpAnswer(response));
      request.destroy();
    });
  }).finally(() => {
    signal.removeEventListener('abort', abort);
  });
}
