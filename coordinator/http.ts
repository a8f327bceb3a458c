/** What the coordinator answers over HTTP: to Prometheus, to orchestrators, to people. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../lib/base/errors.ts';
import type { RunPlan } from '../lib/run/plan.ts';
import type { Coordinator } from './core/coordinator.ts';

export interface HttpSources {
  readonly runId: string;
  readonly plan: RunPlan;
  readonly coordinator: Pick<Coordinator, 'status' | 'heldOff' | 'metricsTargets'>;
  /** Body of /metrics in the Prometheus text format. */
  readonly metricsText: () => Promise<string>;
}

/** A coordinator that takes no workers in yet. */
export interface Preparing {
  /** What it does before, such as `reading images`. */
  readonly preparing: string;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';
const PATHS = 'try /metrics, /healthz, /readyz, /status or /sd\n';

export function answerHttp(
  request: IncomingMessage,
  response: ServerResponse,
  sources: HttpSources | Preparing,
): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    const headers = { 'content-type': 'text/plain', allow: 'GET, HEAD' };
    response.writeHead(405, headers).end('only GET and HEAD are answered\n');
    return;
  }
  const { pathname } = new URL(request.url ?? '/', 'http://coordinator');
  const answer =
    'preparing' in sources
      ? Promise.resolve(answerEarly(pathname, sources))
      : answerTo(pathname, sources);
  answer.then(
    ({ status, type, body }) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    },
    (error: unknown) => {
      response.writeHead(500, { 'content-type': 'text/plain' }).end(messageOf(error));
    },
  );
}

function answerEarly(pathname: string, { preparing: reason }: Preparing): Answer {
  switch (pathname) {
    case '/metrics':
      return { status: 200, type: METRICS_TYPE, body: '' };
    case '/healthz':
      return text('ok\n', 200);
    case '/readyz':
      return json({ ready: false, reason }, 503);
    case '/status':
      return json({ status: 'preparing', reason }, 200);
    case '/sd':
      return json([], 200);
    default:
      return text(PATHS, 404);
  }
}

async function answerTo(pathname: string, sources: HttpSources): Promise<Answer> {
  const { runId, plan, coordinator, metricsText } = sources;
  const status = coordinator.status();
  // It takes workers in as long as the run goes on; probes that wait for work would keep them out.
  const isReady = status.status !== 'ended';
  switch (pathname) {
    case '/metrics':
      return { status: 200, type: METRICS_TYPE, body: await metricsText() };
    case '/healthz':
      return text('ok\n', 200);
    case '/readyz':
      return json({ ready: isReady, reason: status.reason }, isReady ? 200 : 503);
    case '/status': {
      const phase = plan.phaseOf(status.committedSteps);
      const heldOff = coordinator.heldOff(performance.now());
      return json({ runId, ...status, heldOff, stepCount: plan.stepCount, phase }, 200);
    }
    case '/sd': {
      const targets = coordinator.metricsTargets();
      const discovered = targets.map(({ slot, address }) => ({
        targets: [address],
        labels: { slot: String(slot) },
      }));
      return json(discovered, 200);
    }
    default:
      return text(PATHS, 404);
  }
}

function text(body: string, status: number): Answer {
  return { status, type: 'text/plain', body };
}

function json(value: unknown, status: number): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value, null, 2) + '\n' };
}
