/** One worker in this process: its metrics endpoint, its session. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { CrescendoError } from '../base/errors.ts';
import { listenOn } from '../base/listen.ts';
import { crescendoHome } from '../base/project.ts';
import { nodeFiles } from '../storage/node-files.ts';
import { rescue, RESCUED_FOLDER } from './rescue.ts';
import { javascriptCompressionKernels } from '../collective/kernels/compression.ts';
import { javascriptKernels } from '../collective/kernels/vector.ts';
import { loadCompressionKernels, loadVectorKernels } from '../collective/kernels/addon.ts';
import { loadUpdateKernels } from '../optim/native-update-kernels.ts';
import { tensorflowEnvironment, prepareTensorflow } from '../tensorflow/load.ts';
import { javascriptUpdateKernels } from '../optim/update-kernels.ts';
import { fingerprintOf } from '../run/fingerprint.ts';
import type { RunConfig } from '../run/run-config.ts';
import { CoordinatorLink } from '../transport/coordinator-link.ts';
import type { WorkerKernels } from '../../worker/all-reduce/data-plane.ts';
import { WorkerMetrics } from '../../worker/metrics-observer.ts';
import { WorkerSession } from '../../worker/session.ts';

export interface WorkerSettings {
  /** Such as `ws://127.0.0.1:9464`. */
  readonly coordinatorUrl: string;
  /** The coordinator's secret; none unless given. */
  readonly joinToken?: string | undefined;
  /** A run that the coordinator must be running, else the worker does not join. */
  readonly run?: RunConfig | undefined;
  /** Address to listen on for other workers; `127.0.0.1` unless given. */
  readonly dataHost?: string;
  /** Port to listen on for other workers, 0 to 65535; 0, a free one, unless given. */
  readonly dataPort?: number;
  /** Address that other workers dial; `dataHost` unless given. */
  readonly advertiseHost?: string | undefined;
  /** Name of this machine; its host name unless given. */
  readonly machine?: string;
  /** Address and port of the worker's own `/metrics`; `127.0.0.1` and a free port unless given. */
  readonly metricsHost?: string;
  readonly metricsPort?: number;
  /** How long to try to reach the coordinator, in ms; 30,000 unless given. */
  readonly connectTimeoutMs?: number;
  /** Takes lines for a person to read; they are dropped unless given. */
  readonly print?: (line: string) => void;
  /** Makes the worker leave at the next step boundary once it is aborted. */
  readonly signal?: AbortSignal;
}

/** What `runWorker` returns where it was stopped before the coordinator knew of it. */
const NOT_JOINED = 'stopped before it joined';

/**
 * Runs a worker in this process until the coordinator releases it.
 * @returns the reason that the coordinator gave
 * @throws CRESCENDO_COORDINATOR_UNREACHABLE, CRESCENDO_TOKEN_WRONG, CRESCENDO_CONFIG_MISMATCH,
 * CRESCENDO_PROTOCOL_VERSION, CRESCENDO_PORT_IN_USE, and what the engine and the dataset throw
 */
export async function runWorker(settings: WorkerSettings): Promise<string> {
  const { coordinatorUrl, connectTimeoutMs = 30_000, signal, print } = settings;
  const isStopped = (): boolean => signal?.aborted === true;
  if (isStopped()) return NOT_JOINED;
  const metrics = new WorkerMetrics();
  const { metricsHost = '127.0.0.1', metricsPort = 0 } = settings;
  const server = await serveMetrics(metrics, metricsHost, metricsPort);
  try {
    print?.(`looking for the coordinator at ${coordinatorUrl}`);
    const link = await CoordinatorLink.connect(coordinatorUrl, connectTimeoutMs, signal);
    if (link.waitReason !== undefined) {
      print?.(`the coordinator is ${link.waitReason}; waiting for it`);
    }
    const { port } = server.address() as AddressInfo;
    return await runSession(settings, link, metrics, `${metricsHost}:${port}`);
  } catch (error) {
    if (error instanceof CrescendoError || !isStopped()) throw error;
    return NOT_JOINED;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** @param link closed at the end */
async function runSession(
  settings: WorkerSettings,
  link: CoordinatorLink,
  metrics: WorkerMetrics,
  metricsAddress: string,
): Promise<string> {
  const { dataHost = '127.0.0.1', signal } = settings;
  const print = settings.print ?? ((): void => undefined);
  const session = new WorkerSession(link, {
    coordinatorUrl: settings.coordinatorUrl,
    saveLocally: (state) => rescue(nodeFiles, join(crescendoHome(), RESCUED_FOLDER), state),
    joinToken: settings.joinToken ?? '',
    configFingerprint: settings.run === undefined ? '' : fingerprintOf(settings.run),
    dataHost,
    dataPort: settings.dataPort ?? 0,
    advertiseHost: settings.advertiseHost ?? dataHost,
    machine: settings.machine ?? hostname(),
    metricsAddress,
    prepareEnvironment: (run) => prepareEnvironment(run, print),
    observer: metrics.observe({ print }),
  });
  const drain = (): void => {
    session.drain();
  };
  signal?.addEventListener('abort', drain);
  if (signal?.aborted === true) drain();
  try {
    return await session.run();
  } finally {
    signal?.removeEventListener('abort', drain);
  }
}

async function prepareEnvironment(
  run: RunConfig,
  print: (line: string) => void,
): Promise<WorkerKernels> {
  if (run.engine.name !== 'tensorflow') {
    return {
      vectors: javascriptKernels,
      compressions: javascriptCompressionKernels,
      updates: javascriptUpdateKernels,
    };
  }
  const { collectiveAddonPath } = await prepareTensorflow({ onProgress: print });
  Object.assign(process.env, tensorflowEnvironment(run.engine));
  return {
    vectors: loadVectorKernels(collectiveAddonPath),
    compressions: loadCompressionKernels(collectiveAddonPath),
    updates: loadUpdateKernels(collectiveAddonPath),
  };
}

async function serveMetrics(metrics: WorkerMetrics, host: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      response.end('ok\n');
      return;
    }
    metrics.text().then(
      (text) => {
        response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(text);
      },
      (error: unknown) => {
        response.writeHead(500).end(String(error));
      },
    );
  });
  await listenOn(server, host, port, {
    hostOption: '--metrics-host',
    portOption: '--metrics-port',
  });
  return server;
}
