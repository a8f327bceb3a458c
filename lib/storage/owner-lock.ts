/**
 * One owner per folder, on any file system and across machines (owner-record.ts). A holder that was
 * killed is known to be gone by the processes of its machine; one of another machine or container,
 * by a counter that does not move any more. Time and the machine are given, so that a simulator can
 * run this. Pure.
 */
import type { Clock } from '../base/clock.ts';
import { CrescendoError } from '../base/errors.ts';
import type { Files } from './files.ts';
import type { HostFacts, ProcessIdentity } from './host-facts.ts';
import {
  createOwner,
  lastOwnerOf,
  removeOwnersBefore,
  updateOwner,
  type LastOwner,
  type OwnerRecord,
} from './owner-record.ts';
import { systemCodeOf, withStorageErrors } from './system-error.ts';

const HEARTBEAT_MS = 2_000;
/** A holder whose counter did not move for so long is gone. */
const SILENCE_MS = 10_000;
/** An owner that has not looked for so long looks before it writes. */
const CONFIRMED_MS = 4_000;

export interface OwnerLockOptions {
  readonly files: Files;
  /** The folder, which is there. */
  readonly folder: string;
  readonly host: HostFacts;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly timeOfDay: () => number;
  /** Random, for this owner alone. */
  readonly token: string;
  /** Called once, when another owner has taken the folder over; check() throws from then on. */
  readonly onLost: (error: CrescendoError) => void;
}

export interface Ownership {
  /**
   * To be called before writing: after a long pause, as of a stopped process, it looks first.
   * @throws CRESCENDO_RUN_IN_USE when the folder has another owner, CRESCENDO_RUN_FOLDER_UNUSABLE
   * when that cannot be told
   */
  check(): void;
  /** Gives the folder to the next who wants it. */
  release(): void;
}

/**
 * Becomes the owner of a folder: at once where it is free or its holder is provably gone, else once
 * the holder was silent for ten seconds.
 * @param done never called within the call; gets CRESCENDO_RUN_IN_USE naming the holder, or
 * CRESCENDO_STORAGE_FULL, CRESCENDO_RUN_FOLDER_UNUSABLE
 */
export function acquireOwnership(
  options: OwnerLockOptions,
  done: (result: Ownership | CrescendoError) => void,
): void {
  const { files, folder, host, clock, timeOfDay, token } = options;
  const take = (after: LastOwner | undefined): void => {
    const number = (after?.number ?? 0) + 1;
    const record = { ...host.self, token, sinceMs: timeOfDay(), counter: 0, isReleased: false };
    if (createOwner(files, folder, number, record)) done(new Owner(options, number, record));
    else look();
  };
  const look = (): void => {
    const last = lastOwnerOf(files, folder);
    if (last === undefined || isOver(last, host)) take(last);
    else if (isAlive(last, host)) done(inUse(folder, last.record));
    else watch(last, clock.now());
  };
  const watch = (held: LastOwner, sinceMs: number): void => {
    later(HEARTBEAT_MS, () => {
      const last = lastOwnerOf(files, folder);
      if (last?.number !== held.number || isOver(last, host)) look();
      else if (last.text !== held.text) done(inUse(folder, last.record));
      else if (clock.now() - sinceMs >= SILENCE_MS) take(last);
      else watch(held, sinceMs);
    });
  };
  const later = (delayMs: number, action: () => void): void => {
    clock.after(delayMs, () => {
      try {
        withStorageErrors(`${folder} cannot be owned`, action);
      } catch (error) {
        if (!(error instanceof CrescendoError) || error.code === 'CRESCENDO_INVARIANT') throw error;
        done(error);
      }
    });
  };
  later(0, look);
}

class Owner implements Ownership {
  readonly #options: OwnerLockOptions;
  readonly #number: number;
  #record: OwnerRecord;
  /** When it was last seen that nobody has taken over, by two clocks: one may stand still. */
  #confirmed: { readonly nowMs: number; readonly timeOfDayMs: number };
  #state: 'held' | 'released' | CrescendoError = 'held';

  constructor(options: OwnerLockOptions, number: number, record: OwnerRecord) {
    this.#options = options;
    this.#number = number;
    this.#record = record;
    this.#confirmed = this.#moment();
    this.#tryTo(() => {
      removeOwnersBefore(options.files, options.folder, number);
    });
    this.#beatLater();
  }

  check(): void {
    const { nowMs, timeOfDayMs } = this.#moment();
    const sinceMs = Math.max(
      nowMs - this.#confirmed.nowMs,
      Math.abs(timeOfDayMs - this.#confirmed.timeOfDayMs),
    );
    if (sinceMs > CONFIRMED_MS) {
      withStorageErrors(`${this.#options.folder} cannot be read`, () => this.#confirm());
    }
    if (this.#state instanceof CrescendoError) throw this.#state;
  }

  release(): void {
    this.#tryTo(() => this.#confirm());
    if (this.#state !== 'held') return;
    this.#state = 'released';
    this.#write({ ...this.#record, isReleased: true });
  }

  #beatLater(): void {
    this.#options.clock.after(HEARTBEAT_MS, () => {
      this.#tryTo(() => this.#confirm());
      if (this.#state !== 'held') return;
      this.#write({ ...this.#record, counter: this.#record.counter + 1 });
      this.#beatLater();
    });
  }

  /** Finds out whether another has taken over. @throws errors of the system */
  #confirm(): void {
    if (this.#state !== 'held') return;
    const { files, folder, onLost } = this.#options;
    const last = lastOwnerOf(files, folder);
    if (last === undefined || !this.#isReplacedBy(last)) {
      this.#confirmed = this.#moment();
      return;
    }
    this.#state = inUse(folder, last.record);
    onLost(this.#state);
  }

  #isReplacedBy({ number, record }: LastOwner): boolean {
    if (number !== this.#number) return number > this.#number;
    return record !== undefined && record.token !== this.#record.token;
  }

  #write(record: OwnerRecord): void {
    const { files, folder } = this.#options;
    this.#record = record;
    this.#tryTo(() => {
      updateOwner(files, folder, this.#number, record);
    });
  }

  /** On a disk that is full or fails, the owner stays the owner, and the next heartbeat tries. */
  #tryTo(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (systemCodeOf(error) === undefined) throw error;
    }
  }

  #moment(): { readonly nowMs: number; readonly timeOfDayMs: number } {
    const { clock, timeOfDay } = this.#options;
    return { nowMs: clock.now(), timeOfDayMs: timeOfDay() };
  }
}

/** Whether the holder has given the folder up, or its process is provably gone. */
export function isOver({ record }: Pick<LastOwner, 'record'>, host: HostFacts): boolean {
  if (record === undefined) return false;
  if (record.isReleased) return true;
  if (!isNeighbor(record, host.self)) return false;
  const found = host.processAt(record.processId);
  return found === undefined || isOtherStart(found.start, record.processStart);
}

/** Whether the holder's process is provably there. */
export function isAlive({ record }: Pick<LastOwner, 'record'>, host: HostFacts): boolean {
  if (record === undefined || !isNeighbor(record, host.self)) return false;
  const start = host.processAt(record.processId)?.start;
  return start !== undefined && start === record.processStart;
}

/** Whether the process numbers of both mean the same. */
function isNeighbor(record: ProcessIdentity, self: ProcessIdentity): boolean {
  return (
    self.bootId !== undefined &&
    self.pidNamespace !== undefined &&
    record.hostName === self.hostName &&
    record.bootId === self.bootId &&
    record.pidNamespace === self.pidNamespace
  );
}

function isOtherStart(found: string | undefined, recorded: string | undefined): boolean {
  return found !== undefined && recorded !== undefined && found !== recorded;
}

export function inUse(folder: string, record: OwnerRecord | undefined): CrescendoError {
  const holder =
    record === undefined
      ? 'a process that has not said which'
      : `process ${record.processId} on ${record.hostName}, ` +
        `since ${new Date(record.sinceMs).toISOString()}`;
  return new CrescendoError(
    'CRESCENDO_RUN_IN_USE',
    `the run in ${folder} is in use by ${holder}: end that coordinator first`,
  );
}
