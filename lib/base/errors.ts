/**
 * Errors that users meet. Every one carries a stable code (docs/errors.md has a paragraph for each)
 * and says what happened, with which value, against which bound, and what to do.
 */

export type ErrorCode =
  | 'CRESCENDO_ARRAY_INVALID'
  | 'CRESCENDO_CHECKPOINT_INVALID'
  | 'CRESCENDO_CONFIG_INVALID'
  | 'CRESCENDO_CONFIG_MISMATCH'
  | 'CRESCENDO_COORDINATOR_UNREACHABLE'
  | 'CRESCENDO_DATASET_UNKNOWN'
  | 'CRESCENDO_DATASET_INVALID'
  | 'CRESCENDO_DATASET_MISMATCH'
  | 'CRESCENDO_DIVERGED'
  | 'CRESCENDO_ENGINE_SETUP'
  | 'CRESCENDO_ENGINE_UNAVAILABLE'
  | 'CRESCENDO_IMAGE_UNREADABLE'
  | 'CRESCENDO_INVARIANT'
  | 'CRESCENDO_LABEL_OUT_OF_RANGE'
  | 'CRESCENDO_OUTPUT_LOST'
  | 'CRESCENDO_OUT_OF_MEMORY'
  | 'CRESCENDO_PORT_IN_USE'
  | 'CRESCENDO_PROOF_INVALID'
  | 'CRESCENDO_PROTOCOL_INVALID'
  | 'CRESCENDO_PROTOCOL_VERSION'
  | 'CRESCENDO_RUN_ABORTED'
  | 'CRESCENDO_RUN_FOLDER_UNUSABLE'
  | 'CRESCENDO_RUN_IN_USE'
  | 'CRESCENDO_STEPS_SKIPPED'
  | 'CRESCENDO_STORAGE_FULL'
  | 'CRESCENDO_STOPPED'
  | 'CRESCENDO_STORE_FAILED'
  | 'CRESCENDO_RUN_OTHER'
  | 'CRESCENDO_TOKEN_REQUIRED'
  | 'CRESCENDO_TOKEN_WRONG'
  | 'CRESCENDO_TRACE_REFUSED'
  | 'CRESCENDO_WEIGHTS_INVALID'
  | 'CRESCENDO_WORKER_FAILED'
  | 'CRESCENDO_WORKER_HELD_OFF';

/**
 * An operating error: expected in the field, explained to the user, exit code 1 (2 for wrong use).
 */
export class CrescendoError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CrescendoError';
    this.code = code;
  }
}

/** Errors of what the user wrote, rather than of what happened; commands end with exit code 2. */
const WRONG_USE: ReadonlySet<ErrorCode> = new Set([
  'CRESCENDO_CONFIG_INVALID',
  'CRESCENDO_DATASET_UNKNOWN',
  'CRESCENDO_TOKEN_REQUIRED',
]);

export function isWrongUse(error: unknown): boolean {
  return error instanceof CrescendoError && WRONG_USE.has(error.code);
}

/** A broken invariant: a bug in this project. Never caught; the process ends. */
class InvariantError extends CrescendoError {
  constructor(message: string) {
    super('CRESCENDO_INVARIANT', message);
    this.name = 'InvariantError';
  }
}

/** @throws {InvariantError} when `condition` is false. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Returns `value`, which the caller knows to be there. @throws {InvariantError} when it is not. */
export function defined<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new InvariantError(`${what} is missing`);
  return value;
}

/** The message of anything thrown, with its cause where it has one that it does not say itself. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  if (!(cause instanceof Error) || message.includes(cause.message)) return message;
  return `${message} (${cause.message})`;
}
