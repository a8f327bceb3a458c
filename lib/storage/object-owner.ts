/**
 * One owner per prefix of an object store: `owner-1.json`, `owner-2.json`, … name its owners one
 * after the other, as in a folder (owner-record.ts). Where the server takes conditional writes
 * (`If-None-Match: *`), it lets one of several succeed that make the same number; where it does
 * not, whoever's record is there afterwards is the owner, and two that begin within the same moment
 * may both believe that they are, until their next heartbeat.
 */
import type { Clock } from '../base/clock.ts';
import type { CrescendoError } from '../base/errors.ts';
import type { HostFacts } from './host-facts.ts';
import { isObjectError, storeError, type Objects } from './objects.ts';
import { inUse, isAlive, isOver } from './owner-lock.ts';
import { encodeRecord, parseRecord, type OwnerRecord } from './owner-record.ts';

const NAME = /^owner-(\d{1,15})\.json$/;
const PREFIX = 'owner-';
const HEARTBEAT_MS = 10_000;
/** A holder whose counter did not move for so long is gone. */
const SILENCE_MS = 40_000;

export interface ObjectOwnerOptions {
  readonly objects: Objects;
  readonly host: HostFacts;
  readonly clock: Clock;
  /** Milliseconds since 1970. */
  readonly timeOfDay: () => number;
  /** Random, for this owner alone. */
  readonly token: string;
  /** Called once, when another owner has taken the prefix over. */
  readonly onLost: (error: CrescendoError) => void;
  /** Told of what a person should know. */
  readonly onNotice: (text: string) => void;
}

/** The last owner of a prefix. */
interface Last {
  readonly number: number;
  readonly text: string;
  readonly record: OwnerRecord | undefined;
}

export class ObjectOwner {
  /** Grows with each owner: no other ever has it. */
  readonly number: number;
  readonly #options: ObjectOwnerOptions;
  #record: OwnerRecord;
  #state: 'held' | 'released' | CrescendoError = 'held';

  /**
   * Becomes the owner: at once where the prefix is free or its holder is provably gone, else once
   * the holder was silent for 40 seconds.
   * @throws CRESCENDO_RUN_IN_USE naming the holder, CRESCENDO_STORE_FAILED
   */
  static async acquire(options: ObjectOwnerOptions): Promise<ObjectOwner> {
    const { objects, host } = options;
    try {
      for (;;) {
        const last = await lastOf(objects);
        if (last !== undefined && !isOver(last, host)) {
          if (isAlive(last, host)) throw inUse(objects.url, last.record);
          if (!(await isSilent(options, last))) continue;
        }
        const owner = await ObjectOwner.#take(options, (last?.number ?? 0) + 1);
        if (owner !== undefined) return owner;
      }
    } catch (error) {
      throw storeError(`${objects.url} cannot be owned`, error);
    }
  }

  static async #take(
    options: ObjectOwnerOptions,
    number: number,
  ): Promise<ObjectOwner | undefined> {
    const { objects, host, token, timeOfDay } = options;
    const sinceMs = timeOfDay();
    const record = { ...host.self, token, sinceMs, counter: 0, isReleased: false };
    const key = keyOf(number);
    try {
      await objects.write(key, encodeRecord(record), 'absent');
    } catch (error) {
      if (isObjectError(error, 'unsupported')) await takePlainly(options, key, record);
      else if (!isObjectError(error, 'conflict')) throw error;
    }
    // An answer may have been lost, and the write been done twice: what is there counts.
    const found = await recordOf(objects, key);
    if (found?.record?.token !== token) return undefined;
    const owner = new ObjectOwner(options, number, record);
    await owner.#removeEarlier();
    return owner;
  }

  private constructor(options: ObjectOwnerOptions, number: number, record: OwnerRecord) {
    this.#options = options;
    this.number = number;
    this.#record = record;
    this.#beatLater();
  }

  /** Looks whether another has taken over. @throws CRESCENDO_RUN_IN_USE, ObjectError */
  async confirm(): Promise<void> {
    if (this.#state === 'held') {
      const last = await lastOf(this.#options.objects);
      const isReplaced =
        last !== undefined &&
        (last.number > this.number ||
          (last.number === this.number &&
            last.record !== undefined &&
            last.record.token !== this.#record.token));
      if (isReplaced) this.#lose(inUse(this.#options.objects.url, last.record));
    }
    this.check();
  }

  /** @throws CRESCENDO_RUN_IN_USE where it is known that another has taken over */
  check(): void {
    if (this.#state instanceof Error) throw this.#state;
  }

  /** Gives the prefix to the next who wants it. */
  async release(): Promise<void> {
    if (this.#state !== 'held') return;
    this.#state = 'released';
    await this.#write({ ...this.#record, isReleased: true });
  }

  #lose(error: CrescendoError): void {
    if (this.#state !== 'held') return;
    this.#state = error;
    this.#options.onLost(error);
  }

  #beatLater(): void {
    this.#options.clock.after(HEARTBEAT_MS, () => {
      void this.#beat().then(() => {
        if (this.#state === 'held') this.#beatLater();
      });
    });
  }

  async #beat(): Promise<void> {
    try {
      await this.confirm();
    } catch {
      // While the store is away, the owner stays the owner, and the next heartbeat tries.
      return;
    }
    if (this.#state !== 'held') return;
    await this.#write({ ...this.#record, counter: this.#record.counter + 1 });
  }

  async #write(record: OwnerRecord): Promise<void> {
    this.#record = record;
    try {
      await this.#options.objects.write(keyOf(this.number), encodeRecord(record), 'any');
    } catch {
      // As above.
    }
  }

  async #removeEarlier(): Promise<void> {
    const { objects } = this.#options;
    for (const { key } of await objects.list(PREFIX)) {
      const number = numberOf(key);
      if (number !== undefined && number < this.number) await objects.remove(key);
    }
  }
}

async function takePlainly(
  { objects, onNotice }: ObjectOwnerOptions,
  key: string,
  record: OwnerRecord,
): Promise<void> {
  onNotice(
    `the server of ${objects.url} takes no conditional writes: two coordinators that begin with ` +
      'it in the same moment are told apart only seconds later',
  );
  await objects.write(key, encodeRecord(record), 'any');
}

/** Watches a holder. @returns false once it has moved, or is another one */
async function isSilent(
  { objects, clock, host }: ObjectOwnerOptions,
  held: Last,
): Promise<boolean> {
  const sinceMs = clock.now();
  while (clock.now() - sinceMs < SILENCE_MS) {
    await new Promise<void>((resolve) => {
      clock.after(HEARTBEAT_MS, resolve);
    });
    const last = await lastOf(objects);
    if (last?.number !== held.number || isOver(last, host)) return false;
    if (last.text !== held.text) throw inUse(objects.url, last.record);
  }
  return true;
}

async function lastOf(objects: Objects): Promise<Last | undefined> {
  const owners = await objects.list(PREFIX);
  const number = Math.max(0, ...owners.map(({ key }) => numberOf(key) ?? 0));
  if (number === 0) return undefined;
  return {
    number,
    ...((await recordOf(objects, keyOf(number))) ?? { text: '', record: undefined }),
  };
}

async function recordOf(objects: Objects, key: string): Promise<Omit<Last, 'number'> | undefined> {
  try {
    const text = Buffer.from(await objects.read(key)).toString('utf8');
    return { text, record: parseRecord(text) };
  } catch (error) {
    if (isObjectError(error, 'missing')) return undefined;
    throw error;
  }
}

function numberOf(key: string): number | undefined {
  const [, number] = NAME.exec(key) ?? [];
  return number === undefined ? undefined : Number(number);
}

function keyOf(number: number): string {
  return `${PREFIX}${number}.json`;
}
