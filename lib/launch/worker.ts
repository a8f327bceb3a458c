/** One worker in this process: its metrics endpoint, its session, its signals. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { javascriptCompressionKernels } from '../collective/kernels/compression.ts';
import { javascriptKernels } from '../collective/kernels/vector.ts';
import {
  loadCompressionKernels,
  loadUpdateKernels,
  loadVectorKernels,
} from '../collective/kernels/addon.ts';
import { tensorflowEnvironment, prepareTensorflow } from '../tensorflow/load.ts';
import { javascriptUpdateKernels } from '../optim/update-kernels.ts';
import { CoordinatorLink } from '../transport/coordinator-link.ts';
import { WorkerMetrics } from '../../worker/metrics-observer.ts';
import { WorkerSession } from '../../worker/session.ts';

export interface WorkerSettings {
  readonly coordinatorUrl: string;
  readonly joinToken: string;
  readonly configFingerprint: string;
  readonly dataHost: string;
  readonly dataPort: number;
  readonly advertiseHost: string;
  /** Name of this machine. */
  readonly machine: string;
  readonly metricsHost: string;
  readonly metricsPort: number;
  readonly connectTimeoutMs: number;
  readonly print: (line: string) => void;
}

/** Runs until the coordinator releases the worker. @returns the reason it gave */
export async function runWorker(settings: WorkerSettings): Promise<string> {
  const link = await CoordinatorLink.connect(settings.coordinatorUrl, settings.connectTimeoutMs);
  const metrics = new WorkerMetrics();
  const server = await serveMetrics(metrics, settings.metricsHost, settings.metricsPort);
  const { port } = server.address() as AddressInfo;
  const session = new WorkerSession(link, {
    joinToken: settings.joinToken,
    configFingerprint: settings.configFingerprint,
    dataHost: settings.dataHost,
    dataPort: settings.dataPort,
    advertiseHost: settings.advertiseHost,
    machine: settings.machine,
    metricsAddress: `${settings.metricsHost}:${port}`,
    prepareEnvironment: async (run) => {
      if (run.engine.name !== 'tensorflow') {
        return {
          vectors: javascriptKernels,
          compressions: javascriptCompressionKernels,
          updates: javascriptUpdateKernels,
        };
      }
      const { collectiveAddonPath } = await prepareTensorflow({ onProgress: settings.print });
      Object.assign(process.env, tensorflowEnvironment(run.engine));
      return {
        vectors: loadVectorKernels(collectiveAddonPath),
        compressions: loadCompressionKernels(collectiveAddonPath),
        updates: loadUpdateKernels(collectiveAddonPath),
      };
    },
    observer: metrics.observe({ print: settings.print }),
  });
  const onSignal = drainThenKill(session, settings.print);
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    return await session.run();
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    server.closeAllConnections();
    server.close();
  }
}

function drainThenKill(session: WorkerSession, print: (line: string) => void): () => void {
  let signals = 0;
  return () => {
    signals++;
    if (signals > 1) process.exit(130);
    print('leaving at the next step boundary; once more to leave at once');
    session.drain();
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
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}
