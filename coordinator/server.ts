/**
 * The coordinator's shell: one HTTP server for workers (WebSocket at /worker), Prometheus and
 * people, the clock, the run's folder. All decisions are made by core/coordinator.ts.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { CrescendoError } from '../lib/base/errors.ts';
import { listenOn } from '../lib/base/listen.ts';
import type { RunPlan } from '../lib/run/plan.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import { CONTROL_MESSAGE_BYTES_MAX } from '../proto/limits.ts';
import { WorkerConnection } from './connection.ts';
import { Coordinator } from './core/coordinator.ts';
import type { CoreStatus } from './core/state.ts';
import type { RunOutcome } from './core/events.ts';
import type { RunObserver } from './core/ports.ts';
import { answerHttp } from './http.ts';
import { MetricsFile } from './observers/metrics-file.ts';
import type { RunFolder } from './run-folder.ts';

const TICK_MS = 250;
/** The WebSocket close code of a server that ends (RFC 6455, section 7.4.1). */
const GOING_AWAY = 1001;
const SOCKET_OPTIONS = {
  noServer: true,
  maxPayload: CONTROL_MESSAGE_BYTES_MAX,
  perMessageDeflate: false,
  /** Milliseconds for the other side to close too; then the connection is torn down. */
  closeTimeout: 1_000,
};

export interface CoordinatorOptions {
  readonly run: RunConfig;
  readonly runId: string;
  readonly configFingerprint: string;
  readonly plan: RunPlan;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Required when `host` is not a loopback address. */
  readonly joinToken: string | undefined;
  readonly observers: readonly RunObserver[];
  /** Makes the run's folder; called once the port is taken, so a refused start leaves nothing. */
  readonly makeFolder: () => RunFolder;
  /** Body of /metrics in the Prometheus text format. */
  readonly metricsText: () => Promise<string>;
}

export class CoordinatorServer {
  /** Settles when the run is over. */
  readonly outcome: Promise<RunOutcome>;
  readonly port: number;
  readonly folder: RunFolder;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer(SOCKET_OPTIONS);
  readonly #coordinator: Coordinator;
  readonly #ticker: NodeJS.Timeout;
  #closed: Promise<void> | undefined;

  /**
   * Starts a coordinator; the caller closes it.
   * @throws CRESCENDO_PORT_IN_USE, CRESCENDO_TOKEN_REQUIRED or what `makeFolder` throws
   */
  static async listen(options: CoordinatorOptions): Promise<CoordinatorServer> {
    const { host, port, joinToken } = options;
    requireTokenOffLoopback(host, joinToken);
    const server = createServer();
    await listenOn(server, host, port, { hostOption: '--host', portOption: '--port' });
    try {
      return new CoordinatorServer(options, server, options.makeFolder());
    } catch (error) {
      server.close();
      throw error;
    }
  }

  private constructor(options: CoordinatorOptions, server: Server, folder: RunFolder) {
    const { runId, plan, metricsText, observers } = options;
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    this.folder = folder;
    let onEnded: (outcome: RunOutcome) => void = () => undefined;
    this.outcome = new Promise((resolve) => {
      onEnded = resolve;
    });
    const coordinator = new Coordinator(
      { ...options, peerToken: randomBytes(16).toString('hex') },
      { store: folder, observers: [...observers, new MetricsFile(folder), { onEnded }] },
    );
    this.#coordinator = coordinator;
    coordinator.start();
    server.on('request', answerHttp({ runId, plan, coordinator, metricsText }));
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#onUpgrade(request, socket, head);
    });
    this.#ticker = setInterval(() => {
      coordinator.tick(performance.now());
    }, TICK_MS);
  }

  /** Finishes the step in flight, saves the weights and ends the run. */
  requestStop(reason: string): void {
    this.#coordinator.requestStop(reason, performance.now());
  }

  status(): CoreStatus {
    return this.#coordinator.status();
  }

  /** Ends all connections and frees the port and the files; more calls wait for the first. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    clearInterval(this.#ticker);
    for (const socket of this.#sockets.clients) socket.close(GOING_AWAY, 'the coordinator ends');
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    this.folder.close();
  }

  #onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Anybody may connect: a connection that is reset may not end the coordinator.
    socket.on('error', () => {
      socket.destroy();
    });
    if (request.url !== '/worker') turnAway(socket, '404 Not Found');
    else if (!this.#coordinator.hasRoom) turnAway(socket, '503 Service Unavailable');
    else {
      this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = new WorkerConnection(webSocket, this.#coordinator);
        this.#coordinator.onOpened(connection, performance.now());
      });
    }
  }
}

function turnAway(socket: Duplex, status: string): void {
  // The other side may leave its half open for ever.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
}

/** @throws CRESCENDO_TOKEN_REQUIRED when other machines could reach `host` and no token is set */
export function requireTokenOffLoopback(host: string, joinToken: string | undefined): void {
  const isLoopback = host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
  if (isLoopback || (joinToken !== undefined && joinToken !== '')) return;
  throw new CrescendoError(
    'CRESCENDO_TOKEN_REQUIRED',
    `listening on ${host} lets other machines join: set a secret with --token or ` +
      'CRESCENDO_JOIN_TOKEN and give the same to the workers, or listen on 127.0.0.1',
  );
}
