/** A coordinator and workers as processes of the real command, each worker behind a proxy. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CoordinatorMessage } from '../../proto/generated/messages.ts';
import { CommandProcess, type StartOptions } from '../support/processes.ts';
import { ChaosProxy, type Seen } from './proxy.ts';
import type { Stage } from './stage.ts';

export interface ChaosWorker {
  /** That it has now; a replacement has the same proxy. */
  process: CommandProcess;
  readonly proxy: ChaosProxy;
  /** Whether the coordinator took this process in. */
  isWelcome: boolean;
}

export interface ClusterOptions {
  readonly runFile: string;
  readonly workerCount: number;
  /** Where the run folder goes; beside the run file unless given. */
  readonly runs?: string;
  readonly coordinator?: StartOptions;
  readonly workerArgs?: (index: number) => readonly string[];
}

const ENVIRONMENT = { CRESCENDO_HANGUP: 'stop' };

export class ChaosCluster {
  readonly stage: Stage;
  readonly runs: string;
  readonly workers: ChaosWorker[] = [];
  coordinator: CommandProcess;
  readonly #options: ClusterOptions;
  #port = 0;
  /** The most steps that an order said to be committed, and when it first came by. */
  #progress = { committedSteps: 0, atMs: 0 };
  readonly #commitTimesMs: number[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(stage: Stage, options: ClusterOptions) {
    this.stage = stage;
    this.#options = options;
    this.runs = options.runs ?? join(stage.folder, 'runs');
    this.coordinator = this.#startCoordinator([options.runFile, '--port', '0']);
  }

  static async start(stage: Stage, options: ClusterOptions): Promise<ChaosCluster> {
    const cluster = new ChaosCluster(stage, options);
    const [, port] = await cluster.coordinator.line(/--coordinator ws:\S+:(\d+)/);
    cluster.#port = Number(port);
    for (let index = 0; index < options.workerCount; index++) await cluster.#addWorker();
    return cluster;
  }

  get port(): number {
    return this.#port;
  }

  get committedSteps(): number {
    return this.#progress.committedSteps;
  }

  /** Seconds between the commits of consecutive steps so far, by the median. */
  get medianStepSeconds(): number {
    const times = this.#commitTimesMs;
    const gaps = times.slice(1).map((time, at) => time - (times[at] as number));
    return (gaps.sort((left, right) => left - right)[gaps.length >> 1] ?? NaN) / 1000;
  }

  /** The one run folder. */
  get runFolder(): string {
    const [name] = readdirSync(this.runs);
    return join(this.runs, name ?? '');
  }

  /** Whether the steps are committed, as far as workers have been told. */
  async committed(steps: number): Promise<number> {
    while (this.#progress.committedSteps < steps) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    return this.#progress.atMs;
  }

  /** The coordinator that was killed, once more, on the same port. */
  async restartCoordinator(): Promise<void> {
    await this.coordinator.exit();
    const place = ['--resume', this.runFolder, '--port', String(this.#port)];
    this.coordinator = this.#startCoordinator(place);
  }

  /** Another process in place of one that has ended. */
  replace(worker: ChaosWorker): void {
    worker.isWelcome = false;
    worker.process = this.#startWorker(worker.proxy.port, this.workers.indexOf(worker));
  }

  signalAll(signal: NodeJS.Signals): void {
    for (const one of [this.coordinator, ...this.workers.map((worker) => worker.process)]) {
      one.signal(signal);
    }
  }

  async #addWorker(): Promise<void> {
    const proxy = await ChaosProxy.open({ targetPort: this.#port });
    this.stage.after(() => {
      proxy.close();
    });
    const process = this.#startWorker(proxy.port, this.workers.length);
    const worker: ChaosWorker = { process, proxy, isWelcome: false };
    proxy.watch((seen) => {
      if (seen.message?.kind === 'welcome') worker.isWelcome = true;
      this.#note(seen);
      return 'pass';
    });
    this.workers.push(worker);
  }

  #startCoordinator(place: readonly string[]): CommandProcess {
    const args = ['coordinator', ...place, '--runs', this.runs, '--json'];
    const { environment, ...options } = this.#options.coordinator ?? {};
    const process = new CommandProcess(this.stage, args, {
      ...options,
      environment: { ...ENVIRONMENT, ...environment },
    });
    return this.stage.follow('coordinator', process);
  }

  #startWorker(port: number, index: number): CommandProcess {
    const args = this.#options.workerArgs?.(index) ?? [];
    const url = `ws://127.0.0.1:${port}`;
    const process = new CommandProcess(this.stage, ['worker', '--coordinator', url, ...args], {
      environment: ENVIRONMENT,
    });
    return this.stage.follow(`worker ${index}`, process);
  }

  #note(seen: Seen): void {
    if (seen.from !== 'coordinator' || seen.message === undefined) return;
    const committedSteps = committedBefore(seen.message);
    if (committedSteps <= this.#progress.committedSteps) return;
    this.#progress = { committedSteps, atMs: performance.now() };
    this.#commitTimesMs.push(this.#progress.atMs);
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** Steps that an order says to be committed. */
function committedBefore(message: CoordinatorMessage): number {
  if (message.kind === 'stepOrder') return message.step;
  return 'committedSteps' in message ? message.committedSteps : 0;
}

/** Committed steps of the newest checkpoint in a run folder; -1 where there is none. */
export function newestCheckpoint(runFolder: string): number {
  const steps = readdirSync(join(runFolder, 'checkpoints')).flatMap((name) => {
    const match = /^step-(\d+)$/.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
  return Math.max(-1, ...steps);
}

/** The most steps that metrics.jsonl says to be committed. */
export function stepsInMetrics(runFolder: string): number {
  const lines = readFileSync(join(runFolder, 'metrics.jsonl'), 'utf8').split('\n');
  const steps = lines.flatMap((line) => {
    const match = /"step":(\d+)/.exec(line);
    return match === null ? [] : [Number(match[1]) + 1];
  });
  return Math.max(0, ...steps);
}
