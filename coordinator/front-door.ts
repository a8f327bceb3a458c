/**
 * The coordinator's port: workers by WebSocket at /worker, Prometheus and people by HTTP. It is
 * open before the run is known, so that nobody who starts at the same time gives up. Until the run
 * takes workers in, requests are told what it does, and workers that connect are held.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { CrescendoError } from '../lib/base/errors.ts';
import { listenOn } from '../lib/base/listen.ts';
import {
  CONTROL_MESSAGE_BYTES_MAX,
  PENDING_CONNECTIONS_MAX,
  WAIT_HEADER,
} from '../proto/limits.ts';
import { answerHttp, type HttpSources } from './http.ts';

/** The WebSocket close code of a server that ends (RFC 6455, section 7.4.1). */
const GOING_AWAY = 1001;
/** What a worker may send before there is a host: its hello. */
const EARLY_BYTES_MAX = 64 * 1024;
const SOCKET_OPTIONS = {
  noServer: true,
  maxPayload: CONTROL_MESSAGE_BYTES_MAX,
  perMessageDeflate: false,
  /** Milliseconds for the other side to close too; then the connection is torn down. */
  closeTimeout: 1_000,
};

export interface FrontDoorOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Required when `host` is not a loopback address. */
  readonly joinToken: string | undefined;
  /** What the coordinator does before it takes workers in, such as `reading images`. */
  readonly reason: string;
}

/** A run that takes workers in. */
export interface Host {
  readonly http: HttpSources;
  /** Whether one more worker may connect. */
  hasRoom(): boolean;
  /** A worker has connected; its messages come next. @param stream which the socket reads from */
  onWorker(socket: WebSocket, stream: Socket): void;
}

/** The messages of a worker that came before there was a host. */
interface Early {
  readonly stream: Socket;
  readonly messages: RawData[];
  readonly keep: (message: RawData) => void;
}

export class FrontDoor {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer(SOCKET_OPTIONS);
  /** Workers that connected before there was a host. */
  readonly #held = new Map<WebSocket, Early>();
  readonly #reason: string;
  #host: Host | undefined;
  #closed: Promise<void> | undefined;

  /**
   * Opens the port; the caller closes it.
   * @throws CRESCENDO_TOKEN_REQUIRED, CRESCENDO_PORT_IN_USE; CRESCENDO_CONFIG_INVALID when the
   * address cannot be listened on
   */
  static async open({ host, port, joinToken, reason }: FrontDoorOptions): Promise<FrontDoor> {
    requireTokenOffLoopback(host, joinToken);
    const server = createServer();
    const options = { hostOption: '--host', portOption: '--port' };
    return new FrontDoor(server, await listenOn(server, host, port, options), reason);
  }

  private constructor(server: Server, port: number, reason: string) {
    this.#server = server;
    this.port = port;
    this.#reason = reason;
    this.#sockets.on('headers', (headers) => {
      if (this.#host === undefined) headers.push(`${WAIT_HEADER}: ${reason}`);
    });
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      answerHttp(request, response, this.#host?.http ?? { preparing: reason });
    });
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#onUpgrade(request, socket, head);
    });
  }

  /** From now on, workers and requests come to `host`, those first that were held. */
  admitTo(host: Host): void {
    this.#host = host;
    for (const [socket, { stream, messages, keep }] of this.#held) {
      socket.off('message', keep);
      host.onWorker(socket, stream);
      for (const message of messages) socket.emit('message', message, true);
    }
    this.#held.clear();
  }

  /** Ends all connections and frees the port; more calls wait for the first. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.close(GOING_AWAY, 'the coordinator ends');
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Anybody may connect: a connection that is reset may not end the coordinator.
    socket.on('error', () => {
      socket.destroy();
    });
    const host = this.#host;
    if (request.url !== '/worker') turnAway(socket, '404 Not Found');
    else if (host?.hasRoom() === false) turnAway(socket, '503 Service Unavailable');
    else if (host === undefined && this.#held.size >= PENDING_CONNECTIONS_MAX) {
      turnAway(socket, `503 Service Unavailable\r\n${WAIT_HEADER}: ${this.#reason}`);
    } else {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        if (host === undefined) this.#hold(webSocket, request.socket);
        else host.onWorker(webSocket, request.socket);
      });
    }
  }

  #hold(socket: WebSocket, stream: Socket): void {
    const messages: RawData[] = [];
    let bytes = 0;
    const keep = (message: RawData): void => {
      bytes += (message as Buffer).length;
      if (bytes > EARLY_BYTES_MAX) socket.terminate();
      else messages.push(message);
    };
    this.#held.set(socket, { stream, messages, keep });
    socket.on('message', keep);
    socket.on('error', () => {
      socket.terminate();
    });
    socket.once('close', () => {
      this.#held.delete(socket);
    });
  }
}

function turnAway(socket: Duplex, status: string): void {
  // The other side may leave its half open for ever.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
}

/** @throws CRESCENDO_TOKEN_REQUIRED when other machines could reach `host` and no token is set */
function requireTokenOffLoopback(host: string, joinToken: string | undefined): void {
  const isLoopback = host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
  if (isLoopback || (joinToken !== undefined && joinToken !== '')) return;
  throw new CrescendoError(
    'CRESCENDO_TOKEN_REQUIRED',
    `listening on ${host} lets other machines join: set a secret with --token or ` +
      'CRESCENDO_JOIN_TOKEN and give the same to the workers, or listen on 127.0.0.1',
  );
}
