/**
 * Worker processes of one parent: those that die are started again, and none outlives the parent.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { messageOf } from '../base/errors.ts';
import { describeExit } from '../base/process.ts';
import { NATIVE_NOTICE } from '../tensorflow/install/commands.ts';
import { isWorkerFailure, LEAVE, SUPERVISED_VARIABLE } from './parent-link.ts';
import { RestartPolicy, type RestartLimits, type WorkerExit } from './restart-policy.ts';

/** How long workers may take to end after the run, in ms, before they are killed. */
const EXIT_DEADLINE_MS = 10_000;

export interface WorkerCommand {
  /** Arguments for Node: the script and its own. */
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly environment: NodeJS.ProcessEnv;
  /** The worker's name in lines for a person to read. */
  readonly name: (processId: number) => string;
}

export interface SupervisorOptions {
  readonly limits: RestartLimits;
  /** Takes lines for a person to read. */
  readonly print: (line: string) => void;
  /** A worker has ended for good. */
  readonly onGone: (gone: GoneWorker) => void;
}

export interface GoneWorker {
  /** How it ended, in words. */
  readonly reason: string;
  /** Whether it was released or asked to leave; else it failed. */
  readonly wasAsked: boolean;
  /** Workers that go on. */
  readonly leftCount: number;
}

export class Supervisor {
  readonly #workers: SupervisedWorker[];
  readonly #killAtExit = (): void => {
    this.kill();
  };

  /** Starts the workers, which are killed with this process. The caller awaits `ended` or `end`. */
  constructor(commands: readonly WorkerCommand[], options: SupervisorOptions) {
    process.on('exit', this.#killAtExit);
    let leftCount = commands.length;
    const onGone = (reason: string, wasAsked: boolean): void => {
      leftCount--;
      options.onGone({ reason, wasAsked, leftCount });
    };
    this.#workers = commands.map((command) => new SupervisedWorker(command, options, onGone));
    for (const worker of this.#workers) worker.start();
  }

  /** Settles when all workers have ended for good. @returns the first exit code but 0, else 0 */
  async ended(): Promise<number> {
    const codes = await Promise.all(this.#workers.map((worker) => worker.ended));
    process.off('exit', this.#killAtExit);
    return codes.find((code) => code !== 0) ?? 0;
  }

  /** Asks the workers to leave at the next step boundary; none is started again. */
  leave(): void {
    for (const worker of this.#workers) worker.leave();
  }

  /**
   * For a run that is over: waits for the workers to leave; after the deadline they are killed.
   */
  async end(deadlineMs = EXIT_DEADLINE_MS): Promise<void> {
    for (const worker of this.#workers) worker.isHeard = false;
    this.leave();
    const timer = setTimeout(() => {
      this.kill();
    }, deadlineMs);
    await this.ended();
    clearTimeout(timer);
  }

  kill(): void {
    for (const worker of this.#workers) worker.kill();
  }
}

/** One worker: a process, or the pause before the next one. */
class SupervisedWorker {
  readonly ended: Promise<number>;
  /** Whether what it prints is passed on. */
  isHeard = true;
  readonly #command: WorkerCommand;
  readonly #options: SupervisorOptions;
  readonly #policy: RestartPolicy;
  readonly #onGone: (reason: string, wasAsked: boolean) => void;
  #settle: (exitCode: number) => void = () => undefined;
  #child: ChildProcess | undefined;
  #pause: NodeJS.Timeout | undefined;
  #isLeaving = false;

  constructor(
    command: WorkerCommand,
    options: SupervisorOptions,
    onGone: (reason: string, wasAsked: boolean) => void,
  ) {
    this.#command = command;
    this.#options = options;
    this.#policy = new RestartPolicy(options.limits);
    this.#onGone = onGone;
    this.ended = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  start(): void {
    const { args, environment, name } = this.#command;
    const child = spawn(process.execPath, [...args], {
      env: { ...process.env, ...environment, [SUPERVISED_VARIABLE]: '1' },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      // Own process group: a terminal's Ctrl-C reaches the parent, which asks the workers to leave.
      detached: true,
    });
    this.#child = child;
    let errorCode: string | undefined;
    child.on('message', (message) => {
      if (isWorkerFailure(message)) ({ errorCode } = message);
    });
    if (child.stderr !== null) {
      createInterface({ input: child.stderr }).on('line', (line) => {
        if (!this.isHeard || NATIVE_NOTICE.test(line)) return;
        this.#options.print(`[${name(child.pid ?? 0)}] ${line}`);
      });
    }
    child.once('error', (error) => {
      // A process that could not be started has no exit.
      if (child.pid !== undefined) return;
      const exit = { code: null, signal: null, errorCode };
      this.#onExit(`a worker could not be started (${messageOf(error)})`, exit);
    });
    child.once('exit', (code, signal) => {
      const what = `${name(child.pid ?? 0)} ended with ${describeExit(code, signal)}`;
      this.#onExit(what, { code, signal, errorCode });
    });
  }

  leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    if (this.#pause !== undefined) {
      clearTimeout(this.#pause);
      this.#pause = undefined;
      this.#settle(0);
    } else if (this.#child?.connected === true) this.#child.send(LEAVE, () => undefined);
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #onExit(what: string, exit: WorkerExit): void {
    this.#child = undefined;
    const exitCode = exit.code ?? 1;
    if (this.#isLeaving) {
      this.#settle(exitCode);
      return;
    }
    const { print } = this.#options;
    const decision = this.#policy.decide(exit, performance.now());
    switch (decision.kind) {
      case 'restart':
        print(`${what}; another is started in ${decision.delayMs / 1000} s (${decision.times})`);
        this.#pause = setTimeout(() => {
          this.#pause = undefined;
          this.start();
        }, decision.delayMs);
        return;
      case 'giveUp':
        print(`${what}; no other is started: ${decision.why}`);
        break;
      case 'left':
        break;
    }
    this.#onGone(what, decision.kind === 'left');
    this.#settle(exitCode);
  }
}
