/** Whether a worker process that has ended is started again, and when. Pure. */
import type { ErrorCode } from '../base/errors.ts';

export interface RestartLimits {
  /** How often one worker is started again within `windowMs`; 0: never. */
  readonly restartsMax: number;
  readonly windowMs: number;
  /** Before the first restart; each further one within the window waits twice as long. */
  readonly firstDelayMs: number;
  readonly delayMaxMs: number;
}

export const DEFAULT_RESTART_LIMITS: RestartLimits = {
  restartsMax: 5,
  windowMs: 600_000,
  firstDelayMs: 1_000,
  delayMaxMs: 30_000,
};

/** How a worker process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The code of the error that it reported. */
  readonly errorCode: string | undefined;
}

export type RestartDecision =
  /** It was released, or asked to leave. */
  | { readonly kind: 'left' }
  /** `times` says how many restarts there were, in words. */
  | { readonly kind: 'restart'; readonly delayMs: number; readonly times: string }
  | { readonly kind: 'giveUp'; readonly why: string };

/** Errors that meet the next process as well: of what the user wrote, of data and machine. */
const LASTING: ReadonlySet<string> = new Set<ErrorCode>([
  'CRESCENDO_CONFIG_INVALID',
  'CRESCENDO_CONFIG_MISMATCH',
  'CRESCENDO_DATASET_INVALID',
  'CRESCENDO_DATASET_MISMATCH',
  'CRESCENDO_DATASET_UNKNOWN',
  'CRESCENDO_ENGINE_SETUP',
  'CRESCENDO_ENGINE_UNAVAILABLE',
  'CRESCENDO_IMAGE_UNREADABLE',
  'CRESCENDO_LABEL_OUT_OF_RANGE',
  'CRESCENDO_PROTOCOL_VERSION',
  'CRESCENDO_TOKEN_REQUIRED',
  'CRESCENDO_TOKEN_WRONG',
  'CRESCENDO_TRACE_REFUSED',
  'CRESCENDO_WEIGHTS_INVALID',
]);

const WRONG_USE_EXIT_CODE = 2;
/** By which people and their tools end processes on purpose. */
const ASKING_SIGNALS: ReadonlySet<string> = new Set([
  'SIGTERM',
  'SIGINT',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
]);

/** Decides for one worker; times are in milliseconds of any clock that never goes back. */
export class RestartPolicy {
  readonly #limits: RestartLimits;
  #restartsMs: number[] = [];

  constructor(limits: RestartLimits) {
    this.#limits = limits;
  }

  decide({ code, signal, errorCode }: WorkerExit, nowMs: number): RestartDecision {
    if (code === 0 || (signal !== null && ASKING_SIGNALS.has(signal))) return { kind: 'left' };
    if (code === WRONG_USE_EXIT_CODE || (errorCode !== undefined && LASTING.has(errorCode))) {
      return { kind: 'giveUp', why: 'it would fail again' };
    }
    const { restartsMax, windowMs, firstDelayMs, delayMaxMs } = this.#limits;
    const window = `within ${Math.round(windowMs / 60_000)} min`;
    this.#restartsMs = this.#restartsMs.filter((atMs) => nowMs - atMs < windowMs);
    const before = this.#restartsMs.length;
    if (before >= restartsMax) {
      return { kind: 'giveUp', why: `${before} restarts ${window} are the limit` };
    }
    this.#restartsMs.push(nowMs);
    const delayMs = Math.min(firstDelayMs * 2 ** before, delayMaxMs);
    return { kind: 'restart', delayMs, times: `${before + 1} of at most ${restartsMax} ${window}` };
  }
}
