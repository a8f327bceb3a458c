/**
 * The coordinator's shell: one HTTP server for workers (WebSocket at /worker), Prometheus and
 * people; it turns sockets and time into events and carries out the core's effects in order.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { randomBytes } from 'node:crypto';
import { WebSocketServer } from 'ws';
import { CrescendoError, defined, messageOf } from '../lib/base/errors.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import type { Hello, PeerAddress, WorkerMessage } from '../proto/control.ts';
import {
  CONTROL_MESSAGE_BYTES_MAX,
  PENDING_CONNECTIONS_MAX,
  WORKERS_MAX,
} from '../proto/limits.ts';
import { CoordinatorCore, type CoreStatus } from './core/core.ts';
import type { CoordinatorEvent, Effect, RunOutcome } from './core/events.ts';
import { MetricsFile } from './observers/metrics-file.ts';
import type { RunFolder } from './run-folder.ts';
import type { RunObserver } from './observers/run-observer.ts';
import type { RunPlan } from '../lib/run/plan.ts';
import { WorkerConnection } from './worker-connection.ts';

const TICK_MS = 250;
const LINK_TIMEOUT_MS = 60_000;
const TASK_TIMEOUT_MS = 600_000;
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
  readonly #options: CoordinatorOptions;
  readonly #core: CoordinatorCore;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer(SOCKET_OPTIONS);
  /** Those that have not said hello, and some that no longer can. */
  readonly #pending = new Set<WorkerConnection>();
  readonly #connections = new Map<number, WorkerConnection>();
  /** Of workers that said hello and are not prepared yet. */
  readonly #addresses = new Map<number, PeerAddress>();
  readonly #metricsAddresses = new Map<number, string>();
  readonly #peerToken = randomBytes(16).toString('hex');
  readonly #queue: CoordinatorEvent[] = [];
  #folder: RunFolder | undefined;
  #observers: readonly RunObserver[];
  #isApplying = false;
  #hasEnded = false;
  #closed: Promise<void> | undefined;
  #ticker: NodeJS.Timeout | undefined;
  #resolveOutcome: (outcome: RunOutcome) => void = () => undefined;
  /** Settles when the run is over. */
  readonly outcome: Promise<RunOutcome>;

  constructor(options: CoordinatorOptions) {
    requireTokenOffLoopback(options.host, options.joinToken);
    this.#options = options;
    this.#observers = options.observers;
    this.#core = new CoordinatorCore(options.plan, {
      minWorkers: options.run.cluster.minWorkers,
      heartbeatTimeoutMs: options.run.cluster.heartbeatTimeoutMs,
      linkTimeoutMs: LINK_TIMEOUT_MS,
      taskTimeoutMs: TASK_TIMEOUT_MS,
    });
    this.outcome = new Promise((resolve) => {
      this.#resolveOutcome = resolve;
    });
    this.#server = createServer((request, response) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') {
        const headers = { 'content-type': 'text/plain', allow: 'GET, HEAD' };
        response.writeHead(405, headers).end('only GET and HEAD are answered\n');
        return;
      }
      this.#serve(request.url ?? '/').then(
        ({ status, type, body }) => {
          response.writeHead(status, { 'content-type': type }).end(body);
        },
        (error: unknown) => {
          response.writeHead(500, { 'content-type': 'text/plain' }).end(messageOf(error));
        },
      );
    });
    this.#server.on('upgrade', (request, socket, head) => {
      // Anybody may connect: a connection that is reset may not end the coordinator.
      socket.on('error', () => {
        socket.destroy();
      });
      this.#upgrade(
        request.url ?? '',
        () => {
          this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
            const connection = new WorkerConnection(
              webSocket,
              { configFingerprint: options.configFingerprint, joinToken: options.joinToken },
              this.#handlers(),
            );
            this.#pending.add(connection);
          });
        },
        socket,
      );
    });
  }

  /** Starts listening. @returns the port @throws CRESCENDO_PORT_IN_USE */
  async listen(): Promise<number> {
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          error.code === 'EADDRINUSE'
            ? new CrescendoError(
                'CRESCENDO_PORT_IN_USE',
                `port ${port} on ${host} is in use: stop what listens there, or choose another ` +
                  'with --port (0 takes a free one)',
                { cause: error },
              )
            : error,
        );
      });
      this.#server.listen(port, host, resolve);
    });
    this.#openFolder();
    this.#ticker = setInterval(() => {
      this.#enqueue({ kind: 'tick' });
    }, TICK_MS);
    return (this.#server.address() as AddressInfo).port;
  }

  /** The run's folder; there once the server listens. */
  get folder(): RunFolder {
    return defined(this.#folder, 'run folder');
  }

  /** Finishes the step in flight, saves the weights and ends the run. */
  requestStop(reason: string): void {
    this.#enqueue({ kind: 'stopRequested', reason });
  }

  status(): CoreStatus {
    return this.#core.status();
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
    this.#folder?.close();
  }

  #openFolder(): void {
    const { run, runId, configFingerprint, plan } = this.#options;
    this.#folder = this.#options.makeFolder();
    this.#observers = [...this.#observers, new MetricsFile(this.#folder)];
    this.#folder.journal.append(
      {
        kind: 'started',
        runId,
        configFingerprint,
        runConfigJson: JSON.stringify(run),
        stepCount: plan.stepCount,
        totalSamples: plan.totalSamples,
      },
      Date.now(),
    );
  }

  #handlers(): ConstructorParameters<typeof WorkerConnection>[2] {
    return {
      onHello: (connection, hello) => this.#admit(connection, hello),
      onMessage: (slot, message) => {
        this.#onMessage(slot, message);
      },
      onRelay: (source, targetSlot, bytes) => {
        // For a slot that is gone the frame is void: a new generation is on its way.
        this.#connections.get(targetSlot)?.relay(bytes, source);
      },
      onRejected: (reason) => {
        this.#observe(reason);
      },
      onClosed: (slot, reason) => {
        this.#connections.delete(slot);
        this.#addresses.delete(slot);
        this.#metricsAddresses.delete(slot);
        // Behind the end of the run all leave, and none is lost.
        if (!this.#hasEnded) {
          for (const one of this.#observers) one.onWorkerLost?.(slot, reason);
        }
        this.#enqueue({ kind: 'workerLost', slot, reason });
      },
    };
  }

  #admit(connection: WorkerConnection, hello: Hello): number {
    let slot = 0;
    while (this.#connections.has(slot)) slot++;
    if (slot >= WORKERS_MAX) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `the cluster is full: it has ${WORKERS_MAX} workers already`,
      );
    }
    this.#connections.set(slot, connection);
    if (hello.metricsAddress !== '') this.#metricsAddresses.set(slot, hello.metricsAddress);
    connection.send({
      kind: 'welcome',
      slot,
      runId: this.#options.runId,
      runConfigJson: JSON.stringify(this.#options.run),
      configFingerprint: this.#options.configFingerprint,
      peerToken: this.#peerToken,
      heartbeatIntervalMs: this.#options.run.cluster.heartbeatIntervalMs,
    });
    for (const one of this.#observers) one.onWorkerJoined?.(slot, hello);
    const { dataUrl, machine, localPath } = hello;
    this.#addresses.set(slot, { dataUrl, machine, localPath });
    return slot;
  }

  #onMessage(slot: number, message: WorkerMessage): void {
    switch (message.kind) {
      case 'prepared': {
        const address = this.#addresses.get(slot);
        if (address === undefined) break;
        this.#addresses.delete(slot);
        for (const one of this.#observers) one.onPrepared?.(slot, message);
        this.#enqueue({
          ...{ kind: 'workerJoined', slot, address, vectorElements: message.totalElements },
        });
        break;
      }
      case 'linksReady':
        this.#enqueue({ kind: 'linksReady', slot, message });
        break;
      case 'heartbeat':
        for (const one of this.#observers) one.onHeartbeat?.(slot, message);
        this.#enqueue({ kind: 'heartbeat', slot, message });
        break;
      case 'stepReduced':
      case 'evaluationDone':
      case 'finished':
        this.#enqueue({ kind: 'reported', slot, report: message });
        break;
      case 'weightsPart':
        this.folder.receiveWeights(message);
        break;
      case 'failure':
        for (const one of this.#observers) {
          one.onWorkerFailure?.(slot, message.code, message.message);
        }
        this.#enqueue({ kind: 'workerLost', slot, reason: `${message.code}: ${message.message}` });
        break;
      case 'drainRequest':
        this.#enqueue({ kind: 'drainRequested', slot });
        break;
      case 'hello':
        throw new CrescendoError('CRESCENDO_PROTOCOL_INVALID', `slot ${slot} said hello twice`);
    }
  }

  /** Events are applied one at a time, also those that carrying out effects brings about. */
  #enqueue(event: CoordinatorEvent): void {
    this.#queue.push(event);
    if (this.#isApplying) return;
    this.#isApplying = true;
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        for (const effect of this.#core.apply(next, performance.now())) this.#execute(effect);
      }
    } finally {
      this.#isApplying = false;
    }
  }

  #execute(effect: Effect): void {
    const observers = this.#observers;
    switch (effect.kind) {
      case 'send':
        this.#connections.get(effect.slot)?.send(effect.message);
        break;
      case 'journal':
        this.folder.journal.append(effect.record, Date.now());
        break;
      case 'close':
        this.#connections.get(effect.slot)?.close(effect.reason);
        break;
      case 'stepCommitted':
        for (const one of observers) one.onStep?.(effect.committed);
        break;
      case 'evaluated':
        for (const one of observers) one.onEvaluation?.(effect.result);
        break;
      case 'generationFormed':
        for (const one of observers) {
          one.onGeneration?.(effect.generation, effect.reason, this.#core.status());
        }
        break;
      case 'attemptAborted':
        for (const one of observers) one.onAttemptAborted?.(effect.step, effect.reason);
        break;
      case 'ended':
        this.#hasEnded = true;
        clearInterval(this.#ticker);
        this.#resolveOutcome(effect.outcome);
        break;
    }
  }

  #observe(reason: string): void {
    for (const one of this.#observers) one.onRejected?.(reason);
  }

  #upgrade(url: string, accept: () => void, socket: Duplex): void {
    const turnAway = (status: string): void => {
      // The other side may leave its half open for ever.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    };
    for (const one of this.#pending) if (!one.isPending) this.#pending.delete(one);
    if (url !== '/worker') turnAway('404 Not Found');
    else if (this.#pending.size >= PENDING_CONNECTIONS_MAX) turnAway('503 Service Unavailable');
    else accept();
  }

  async #serve(url: string): Promise<{ status: number; type: string; body: string }> {
    const json = (
      value: unknown,
      status = 200,
    ): { status: number; type: string; body: string } => ({
      status,
      type: 'application/json',
      body: JSON.stringify(value, null, 2) + '\n',
    });
    const status = this.#core.status();
    switch (new URL(url, 'http://coordinator').pathname) {
      case '/metrics':
        return {
          status: 200,
          type: 'text/plain; version=0.0.4; charset=utf-8',
          body: await this.#options.metricsText(),
        };
      case '/healthz':
        return { status: 200, type: 'text/plain', body: 'ok\n' };
      case '/readyz':
        return json(
          { ready: status.status === 'working', reason: status.reason },
          status.status === 'working' ? 200 : 503,
        );
      case '/status':
        return json({
          runId: this.#options.runId,
          ...status,
          stepCount: this.#options.plan.stepCount,
          phase: this.#options.plan.phaseOf(status.committedSteps),
        });
      case '/sd':
        return json(
          [...this.#metricsAddresses].map(([slot, target]) => ({
            targets: [target],
            labels: { slot: String(slot) },
          })),
        );
      default:
        return {
          status: 404,
          type: 'text/plain',
          body: 'try /metrics, /healthz, /readyz, /status or /sd\n',
        };
    }
  }
}

/** @throws CRESCENDO_TOKEN_REQUIRED when others could reach the address and nothing keeps them out */
export function requireTokenOffLoopback(host: string, joinToken: string | undefined): void {
  const isLoopback = host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
  if (isLoopback || (joinToken !== undefined && joinToken !== '')) return;
  throw new CrescendoError(
    'CRESCENDO_TOKEN_REQUIRED',
    `listening on ${host} lets other machines join: set a secret with --token or ` +
      'CRESCENDO_JOIN_TOKEN and give the same to the workers, or listen on 127.0.0.1',
  );
}
