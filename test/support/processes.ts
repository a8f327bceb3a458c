/** Starts the real command in child processes, with deadlines instead of sleeps. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_ROOT } from '../../lib/base/project.ts';

export interface CommandResult {
  readonly exitCode: number | null;
  /** That ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where what a test starts is ended; a `TestContext` is one. */
export interface Cleanup {
  after(action: () => void): void;
}

const MAIN = join(PROJECT_ROOT, 'dist', 'cli', 'main.js');

/** A descriptor, or a pipe to the test. */
type Output = number | 'pipe';

export interface StartOptions {
  /** Added to the environment of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** The command itself, in place of Node with its main file. */
  readonly command?: readonly string[];
  /** A program, with its arguments, that starts the command: `nohup`, or `timeout 5`. */
  readonly launcher?: readonly string[];
  /** Where standard output and standard error go; both to the test unless given. */
  readonly output?: readonly [Output, Output];
}

/** A running `crescendo …`, killed when the test ends. */
export class CommandProcess {
  readonly child: ChildProcess;
  readonly #exited: Promise<CommandResult>;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();
  #stdout = '';

  constructor(context: Cleanup, args: readonly string[], options: StartOptions = {}) {
    const { environment, launcher = [], output = ['pipe', 'pipe'] } = options;
    const { command = [process.execPath, MAIN] } = options;
    const [program, ...rest] = [...launcher, ...command, ...args] as [string];
    const stdio: StdioOptions = ['ignore', ...output];
    this.child = spawn(program, rest, { env: { ...process.env, ...environment }, stdio });
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    if (this.child.stderr !== null) {
      createInterface({ input: this.child.stderr }).on('line', (line) => {
        this.#lines.push(line);
        for (const check of this.#waiting) check();
      });
    }
    this.#exited = once(this.child, 'close').then(([code, signal]) => ({
      exitCode: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout: this.#stdout,
      stderr: this.#lines.join('\n'),
    }));
    context.after(() => {
      this.child.kill('SIGKILL');
    });
  }

  /** The first line on standard error that matches. @throws when the process ends without one */
  async line(pattern: RegExp): Promise<RegExpExecArray> {
    const found = (): RegExpExecArray | null => {
      for (const line of this.#lines) {
        const match = pattern.exec(line);
        if (match !== null) return match;
      }
      return null;
    };
    return new Promise((resolve, reject) => {
      const check = (): void => {
        const match = found();
        if (match === null) return;
        this.#waiting.delete(check);
        resolve(match);
      };
      this.#waiting.add(check);
      check();
      void this.#exited.then((result) => {
        if (found() === null) reject(new Error(`no line like ${pattern}:\n${result.stderr}`));
      });
    });
  }

  /** Lines of standard error, so far. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  exit(): Promise<CommandResult> {
    return this.#exited;
  }
}

/** Runs a command to its end. */
export function runCommand(
  context: Cleanup,
  args: readonly string[],
  options: StartOptions = {},
): Promise<CommandResult> {
  return new CommandProcess(context, args, options).exit();
}

export interface Cluster {
  readonly coordinator: CommandProcess;
  /** Where workers join it. */
  readonly url: string;
  /** By slot. */
  readonly workers: readonly CommandProcess[];
}

/** A coordinator and one worker for each list of arguments, in the order of their slots. */
export async function startCluster(
  context: Cleanup,
  runFile: string,
  workerArgs: readonly (readonly string[])[],
): Promise<Cluster> {
  const coordinator = new CommandProcess(context, [
    'coordinator',
    runFile,
    '--port',
    '0',
    '--runs',
    `${runFile}-runs`,
    '--json',
  ]);
  const url = (await coordinator.line(/--coordinator (ws:\S+)/))[1] as string;
  const workers: CommandProcess[] = [];
  for (const args of workerArgs) {
    workers.push(new CommandProcess(context, ['worker', '--coordinator', url, ...args]));
    await coordinator.line(new RegExp(`worker ${workers.length - 1} connected`));
  }
  return { coordinator, url, workers };
}
