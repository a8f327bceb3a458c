/**
 * Signals that ask a process to stop, from the first moment on: as process 1 of a container, a
 * process that has no handler yet never gets a signal at all. This module therefore imports next to
 * nothing, and main.ts imports it before the program. A signal that comes before the command is
 * known waits for it. A run is then asked to stop, once; a second signal ends the process at once,
 * as does the first one of every other command.
 */
import { constants } from 'node:os';
import { ignoresHangup, processTraces } from './hangup.ts';

/**
 * Batch systems announce the end by SIGUSR1 or SIGUSR2. Without a handler the first opens Node's
 * debugger, and the second ends the process.
 */
const STOPPING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Signals this close together are one request: `timeout` sends each twice, npm and npx repeat the
 * Ctrl-C of a terminal, and a shell that loses its terminal repeats the SIGHUP.
 */
const SAME_REQUEST_MS = 250;

type Stage =
  /** The command is not known yet. */
  | { readonly kind: 'starting' }
  | { readonly kind: 'run'; readonly controller: AbortController; readonly tell: () => void }
  /** A command with nothing to save. */
  | { readonly kind: 'other' };

class Signals {
  #stage: Stage = { kind: 'starting' };
  #first: { readonly signal: NodeJS.Signals; readonly atMs: number } | undefined;

  onSignal(signal: NodeJS.Signals): void {
    const nowMs = performance.now();
    if (this.#first === undefined) {
      this.#first = { signal, atMs: nowMs };
      this.#passOn();
    } else if (nowMs - this.#first.atMs >= SAME_REQUEST_MS) endAtOnce(signal);
  }

  enter(stage: Stage): void {
    this.#stage = stage;
    this.#passOn();
  }

  #passOn(): void {
    if (this.#first === undefined || this.#stage.kind === 'starting') return;
    if (this.#stage.kind === 'other') endAtOnce(this.#first.signal);
    const { controller, tell } = this.#stage;
    controller.abort();
    // Once it is true that one more signal would be another request.
    setTimeout(tell, SAME_REQUEST_MS).unref();
  }
}

const signals = new Signals();

/** Begins to listen. Called once, before all else. */
export function listenForSignals(): void {
  const onSignal = (signal: NodeJS.Signals): void => {
    signals.onSignal(signal);
  };
  for (const signal of STOPPING_SIGNALS) process.on(signal, onSignal);
  process.on('SIGHUP', ignoresHangup(processTraces()) ? (): void => undefined : onSignal);
}

/**
 * For a run.
 * @param tell says what happens now; called soon after the first signal
 * @returns aborted by the first signal
 */
export function stoppedBySignals(tell: () => void): AbortSignal {
  const controller = new AbortController();
  signals.enter({ kind: 'run', controller, tell });
  return controller.signal;
}

/** For commands that have nothing to save: from now on the first signal ends the process. */
export function endOnSignals(): void {
  signals.enter({ kind: 'other' });
}

/**
 * Ends this process by the signal, as a shell expects, without waiting for threads that are busy.
 * Listeners of the process's `exit` are called.
 */
export function endAtOnce(signal: NodeJS.Signals): never {
  process.on('exit', () => {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
  // Process 1 of a container does not die of its own signal, but it exits.
  process.exit(128 + constants.signals[signal]);
}
