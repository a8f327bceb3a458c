/** Calls an object store with a time limit for each try, and tries again what may then succeed. */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  isObjectError,
  ObjectError,
  type ByteRange,
  type Objects,
  type ObjectSummary,
  type UnfinishedUpload,
} from './objects.ts';

export interface Patience {
  /** Tries in all; at least 1. */
  readonly tries: number;
  /** Before the second try, doubled for each one after it; each pause is half chance. */
  readonly pauseMs: number;
  /** For one try that moves no bytes. */
  readonly timeoutMs: number;
  /** Added for the bytes that a try moves. */
  readonly bytesPerSecondMin: number;
}

/** A quarter of a minute of pauses, so that a request that is throttled comes through. */
export const PATIENCE: Patience = {
  tries: 5,
  pauseMs: 1_000,
  timeoutMs: 15_000,
  bytesPerSecondMin: 256 * 1024,
};

export class PatientObjects implements Objects {
  readonly #objects: Objects;
  readonly #patience: Patience;

  constructor(objects: Objects, patience: Patience) {
    this.#objects = objects;
    this.#patience = patience;
  }

  get url(): string {
    return this.#objects.url;
  }

  list(prefix: string, signal?: AbortSignal): Promise<readonly ObjectSummary[]> {
    return this.#try(0, signal, (one) => this.#objects.list(prefix, one));
  }

  read(key: string, range?: ByteRange, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#try(range?.length ?? 0, signal, (one) => this.#objects.read(key, range, one));
  }

  write(
    key: string,
    bytes: Uint8Array,
    condition: 'absent' | 'any',
    signal?: AbortSignal,
  ): Promise<void> {
    const { length } = bytes;
    return this.#try(length, signal, (one) => this.#objects.write(key, bytes, condition, one));
  }

  remove(key: string, signal?: AbortSignal): Promise<void> {
    return this.#try(0, signal, (one) => this.#objects.remove(key, one));
  }

  beginUpload(key: string, signal?: AbortSignal): Promise<string> {
    return this.#try(0, signal, (one) => this.#objects.beginUpload(key, one));
  }

  uploadPart(
    upload: UnfinishedUpload,
    part: number,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<string> {
    const { length } = bytes;
    return this.#try(length, signal, (one) => this.#objects.uploadPart(upload, part, bytes, one));
  }

  completeUpload(
    upload: UnfinishedUpload,
    tags: readonly string[],
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#try(0, signal, (one) => this.#objects.completeUpload(upload, tags, one));
  }

  abortUpload(upload: UnfinishedUpload, signal?: AbortSignal): Promise<void> {
    return this.#try(0, signal, (one) => this.#objects.abortUpload(upload, one));
  }

  listUploads(prefix: string, signal?: AbortSignal): Promise<readonly UnfinishedUpload[]> {
    return this.#try(0, signal, (one) => this.#objects.listUploads(prefix, one));
  }

  close(): void {
    this.#objects.close();
  }

  async #try<T>(
    bytes: number,
    signal: AbortSignal | undefined,
    action: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { tries, pauseMs, timeoutMs, bytesPerSecondMin } = this.#patience;
    const limitMs = timeoutMs + (bytes / bytesPerSecondMin) * 1_000;
    for (let left = tries - 1; ; left--) {
      try {
        return await withTimeLimit(limitMs, signal, action);
      } catch (error) {
        if (signal?.aborted === true || left === 0 || !isObjectError(error, 'transient')) {
          throw error;
        }
        const upToMs = pauseMs * 2 ** (tries - 1 - left);
        await delay(randomInt(Math.floor(upToMs / 2), upToMs + 1), undefined, { signal });
      }
    }
  }
}

/** An action that does not heed its signal is left alone once its time is over. */
async function withTimeLimit<T>(
  limitMs: number,
  outer: AbortSignal | undefined,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ends = new AbortController();
  let give: (error: Error) => void = () => undefined;
  const given = new Promise<never>((_, reject) => {
    give = reject;
  });
  const end = (error: Error): void => {
    give(error);
    ends.abort(error);
  };
  const timer = setTimeout(() => {
    const seconds = Math.round(limitMs / 100) / 10;
    end(new ObjectError('transient', `there was no answer within ${seconds} s`));
  }, limitMs);
  const onAborted = (): void => {
    end(new ObjectError('transient', 'it was given up'));
  };
  if (outer?.aborted === true) onAborted();
  outer?.addEventListener('abort', onAborted);
  try {
    return await Promise.race([action(ends.signal), given]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAborted);
    // Without a reader it would be a rejection that nobody handles.
    given.catch(() => undefined);
  }
}
