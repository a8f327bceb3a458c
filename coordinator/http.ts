/** What the coordinator answers over HTTP: to Prometheus, to orchestrators, to people. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { messageOf } from '../lib/base/errors.ts';
import type { RunPlan } from '../lib/run/plan.ts';
import type { Coordinator } from './core/coordinator.ts';

export interface HttpSources {
  readonly runId: string;
  readonly plan: RunPlan;
  readonly coordinator: Pick<Coordinator, 'status' | 'metricsTargets'>;
  /** Body of /metrics in the Prometheus text format. */
  readonly metricsText: () => Promise<string>;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export function answerHttp(
  sources: HttpSources,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const headers = { 'content-type': 'text/plain', allow: 'GET, HEAD' };
      response.writeHead(405, headers).end('only GET and HEAD are answered\n');
      return;
    }
    answerTo(request.url ?? '/', sources).then(
      ({ status, type, body }) => {
        response.writeHead(status, { 'content-type': type }).end(body);
      },
      (error: unknown) => {
        response.writeHead(500, { 'content-type': 'text/plain' }).end(messageOf(error));
      },
    );
  };
}

async function answerTo(url: string, sources: HttpSources): Promise<Answer> {
  const { runId, plan, coordinator, metricsText } = sources;
  const status = coordinator.status();
  const isReady = status.status === 'working';
  switch (new URL(url, 'http://coordinator').pathname) {
    case '/metrics':
      return {
        status: 200,
        type: 'text/plain; version=0.0.4; charset=utf-8',
        body: await metricsText(),
      };
    case '/healthz':
      return text('ok\n', 200);
    case '/readyz':
      return json({ ready: isReady, reason: status.reason }, isReady ? 200 : 503);
    case '/status': {
      const phase = plan.phaseOf(status.committedSteps);
      return json({ runId, ...status, stepCount: plan.stepCount, phase }, 200);
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
      return text('try /metrics, /healthz, /readyz, /status or /sd\n', 404);
  }
}

function text(body: string, status: number): Answer {
  return { status, type: 'text/plain', body };
}

function json(value: unknown, status: number): Answer {
  return { status, type: 'application/json', body: JSON.stringify(value, null, 2) + '\n' };
}
