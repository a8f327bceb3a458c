/** A run of `crescendo train` whose worker processes are killed while it is watched. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { PROJECT_ROOT } from '../../lib/base/project.ts';
import { undoAtExit } from '../scaling/at-exit.ts';

const POLL_MS = 100;
const LINES_KEPT = 40;
/** Many more than a measurement kills. */
const RESTARTS_MAX = '1000';

export interface SupervisedRunSettings {
  /** Content of the run file. */
  readonly run: object;
  readonly workers: number;
}

/** Linux only, for it finds the workers through /proc. */
export class SupervisedRun {
  /** With the run's folder, and the temporary files of its processes in `temporary`. */
  readonly folder = mkdtempSync(join(tmpdir(), 'crescendo-endurance-'));
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #undo: () => void;
  readonly #lines: string[] = [];
  #metricsUrl = '';

  private constructor({ run, workers }: SupervisedRunSettings) {
    const runFile = join(this.folder, 'run.yaml');
    writeFileSync(runFile, JSON.stringify(run));
    const main = join(PROJECT_ROOT, 'dist', 'cli', 'main.js');
    const place = ['--runs', join(this.folder, 'runs'), '--restarts', RESTARTS_MAX];
    const args = [main, 'train', runFile, '--workers', String(workers), ...place];
    this.#child = spawn(process.execPath, args, {
      env: { ...process.env, TMPDIR: mkdtempSync(join(this.folder, 'temporary-')) },
      stdio: ['ignore', 'ignore', 'pipe'],
      // Own process group: a terminal's Ctrl-C goes to the bench, which ends all.
      detached: true,
    });
    this.#closed = once(this.#child, 'close');
    if (this.#child.stderr !== null) {
      createInterface({ input: this.#child.stderr }).on('line', (line) => {
        this.#metricsUrl ||= /http:\S+\/metrics/.exec(line)?.[0] ?? '';
        this.#lines.push(line);
        if (this.#lines.length > LINES_KEPT) this.#lines.shift();
      });
    }
    this.#undo = undoAtExit(() => {
      this.#child.kill('SIGKILL');
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  /** Starts it; settles once so many steps are committed. The caller ends it. */
  static async start(settings: SupervisedRunSettings, steps: number): Promise<SupervisedRun> {
    const run = new SupervisedRun(settings);
    await run.committed(steps);
    return run;
  }

  /** Process id of the coordinator. */
  get processId(): number {
    return this.#child.pid as number;
  }

  /** Process ids of the workers that live, the oldest first. */
  workerIds(): readonly number[] {
    const { pid } = this.#child;
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return children.trim().split(' ').filter(Boolean).map(Number);
  }

  /**
   * Sums of the coordinator's metrics of these names over their labels; 0 where there are none.
   * @throws when the run has ended
   */
  async metrics<Name extends string>(names: readonly Name[]): Promise<Record<Name, number>> {
    this.#assertAlive();
    return metricsAt(this.#metricsUrl, names);
  }

  /** @returns address of the metrics of each worker that the coordinator knows */
  async workerMetricsUrls(): Promise<readonly string[]> {
    const response = await fetch(this.#metricsUrl.replace('/metrics', '/sd'));
    const found = (await response.json()) as { readonly targets: readonly string[] }[];
    return found.flatMap(({ targets }) => targets.map((target) => `http://${target}/metrics`));
  }

  /** Settles once so many steps are committed. @throws when the run ends before */
  async committed(steps: number): Promise<void> {
    while (!(await this.#hasCommitted(steps))) await pause(POLL_MS);
  }

  /** Asks it to stop, waits for that, and removes its files. @throws where it does not end well */
  async end(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#closed;
    const { exitCode } = this.#child;
    const lines = this.#lines.join('\n');
    this.#undo();
    if (exitCode !== 0) throw new Error(`the run ended with exit code ${exitCode}:\n${lines}`);
  }

  async #hasCommitted(steps: number): Promise<boolean> {
    this.#assertAlive();
    if (this.#metricsUrl === '') return false;
    const name = 'crescendo_steps_committed_total';
    return (await metricsAt(this.#metricsUrl, [name]))[name] >= steps;
  }

  #assertAlive(): void {
    if (this.#child.exitCode === null && this.#child.signalCode === null) return;
    throw new Error(`the run has ended:\n${this.#lines.join('\n')}`);
  }
}

/** Sums of the metrics of these names over their labels, from one address. */
export async function metricsAt<Name extends string>(
  url: string,
  names: readonly Name[],
): Promise<Record<Name, number>> {
  const lines = (await (await fetch(url)).text()).split('\n');
  const sumOf = (name: Name): number =>
    lines
      .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  return Object.fromEntries(names.map((name) => [name, sumOf(name)])) as Record<Name, number>;
}
