/**
 * Who is connected, from the first byte to the last: who may still say hello, which slot a worker
 * has, where its peers find it once it is prepared, who is on the way out. Pure.
 *
 *   greeting -> preparing -> joined -> closing
 */
import { CrescendoError } from '../../lib/base/errors.ts';
import { isSameSecret } from '../../lib/base/secret.ts';
import type { DatasetIdentity, Hello } from '../../proto/generated/messages.ts';
import {
  HELLO_TEXT_CHARACTERS_MAX,
  HELLO_TIMEOUT_MS,
  PENDING_CONNECTIONS_MAX,
  PROTOCOL_VERSION,
  WORKERS_MAX,
} from '../../proto/limits.ts';
import { requireSameDataset } from './dataset-agreement.ts';
import type { PeerAddress } from './events.ts';
import { HoldOff, type HeldOff } from './hold-off.ts';
import type { Connection } from './ports.ts';

export interface AdmissionRules {
  readonly runId: string;
  readonly configFingerprint: string;
  /** As the coordinator finds it. */
  readonly dataset: DatasetIdentity;
  /** Most workers. */
  readonly workersMax: number;
  /** Longest pause before a worker is let in that is lost again and again; 0: none. */
  readonly holdOffMsMax: number;
  /** Undefined: no token is asked for (loopback only). */
  readonly joinToken: string | undefined;
}

/** What is known of a connection. */
type Place =
  /** It has not said hello. */
  | { readonly kind: 'greeting'; readonly sinceMs: number }
  /** It has a slot, and gets its engine and dataset ready. */
  | {
      readonly kind: 'preparing';
      readonly slot: number;
      readonly workerId: string;
      readonly address: PeerAddress;
      readonly metricsAddress: string;
    }
  | {
      readonly kind: 'joined';
      readonly slot: number;
      readonly workerId: string;
      readonly metricsAddress: string;
    }
  /** The coordinator has ended it; its slot is free once the other side has ended it too. */
  | { readonly kind: 'closing'; readonly slot: number; readonly reason: string };

/** Where Prometheus finds a worker's own metrics. */
export interface MetricsTarget {
  readonly slot: number;
  /** Such as host:port. */
  readonly address: string;
}

export class Admission {
  readonly #rules: AdmissionRules;
  readonly #places = new Map<Connection, Place>();
  readonly #bySlot = new Map<number, Connection>();
  /** Slots whose holders have left, which the core does not know yet. */
  readonly #reserved = new Set<number>();
  /** Ids of workers that hang. */
  readonly #banned = new Set<string>();
  readonly #holdOff: HoldOff;
  /** By slot: the machine of its last holder. */
  readonly #machines = new Map<number, string>();
  /** Bytes that had come on connections when something was heard there last. */
  readonly #heardBytes = new WeakMap<Connection, number>();
  #greetingCount = 0;

  constructor(rules: AdmissionRules) {
    this.#rules = rules;
    this.#holdOff = new HoldOff(rules.holdOffMsMax);
  }

  /** Whether one more connection may take the time to say hello. */
  get hasRoom(): boolean {
    return this.#greetingCount < PENDING_CONNECTIONS_MAX;
  }

  /** A connection was made. */
  open(connection: Connection, nowMs: number): void {
    this.#place(connection, { kind: 'greeting', sinceMs: nowMs });
  }

  /** Whether messages of it count, and messages to it are sent. */
  isOpen(connection: Connection): boolean {
    const place = this.#places.get(connection);
    return place !== undefined && place.kind !== 'closing';
  }

  /** Undefined before its hello. */
  slotOf(connection: Connection): number | undefined {
    const place = this.#places.get(connection);
    return place === undefined || place.kind === 'greeting' ? undefined : place.slot;
  }

  /** The connection to a worker, unless it is closing. */
  at(slot: number): Connection | undefined {
    const connection = this.#bySlot.get(slot);
    return connection !== undefined && this.isOpen(connection) ? connection : undefined;
  }

  /** The connection of a worker that is about to connect anew. */
  ofWorker(workerId: string): Connection | undefined {
    for (const [connection, place] of this.#places) {
      if ('workerId' in place && place.workerId === workerId) return connection;
    }
    return undefined;
  }

  /** The coordinator itself stood still for so long. */
  forgive(pausedMs: number): void {
    for (const [connection, place] of this.#places) {
      if (place.kind !== 'greeting') continue;
      this.#places.set(connection, { ...place, sinceMs: place.sinceMs + pausedMs });
    }
  }

  /** Those that had their time to say hello. */
  overdue(nowMs: number): Connection[] {
    return [...this.#places].flatMap(([connection, place]) =>
      place.kind === 'greeting' && nowMs - place.sinceMs >= HELLO_TIMEOUT_MS ? [connection] : [],
    );
  }

  /** @throws why a hello is refused, whoever else is there */
  check(hello: Hello): void {
    checkHello(hello, this.#rules);
    if (!this.#banned.has(hello.workerId)) return;
    throw new CrescendoError(
      'CRESCENDO_WORKER_FAILED',
      'its compute made no progress for too long, so the same process cannot join again: start ' +
        'this worker anew',
    );
  }

  /** The process behind a connection is not let in again. */
  ban(connection: Connection): void {
    const place = this.#places.get(connection);
    if (place === undefined || !('workerId' in place)) return;
    const [oldest] = this.#banned;
    if (this.#banned.size >= WORKERS_MAX && oldest !== undefined) this.#banned.delete(oldest);
    this.#banned.add(place.workerId);
  }

  /** A member was lost. @param memberSteps and @returns as in HoldOff.lost() */
  lost(slot: number, memberSteps: number, nowMs: number): string | undefined {
    const machine = this.#machines.get(slot) ?? '';
    return this.#holdOff.lost({ machine, slot }, memberSteps, nowMs);
  }

  /** Where workers are held off now. */
  heldOff(nowMs: number): HeldOff[] {
    return this.#holdOff.list(nowMs);
  }

  /**
   * Gives a worker a slot: the one it had before, else the lowest free one.
   * @param isAwaited whether the run waits for workers: then it is not held off
   * @throws CRESCENDO_PROTOCOL_INVALID where the cluster is full
   * @throws HeldOffError where workers in its place were lost again and again
   */
  admit(connection: Connection, hello: Hello, isAwaited: boolean, nowMs: number): number {
    const { workersMax } = this.#rules;
    if (this.#bySlot.size >= workersMax) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `the cluster is full: it has ${workersMax} workers already (cluster.maxWorkers)`,
      );
    }
    const slot = this.#freeSlot(hello);
    if (!isAwaited) this.#holdOff.check({ machine: hello.machine, slot }, nowMs);
    this.#bySlot.set(slot, connection);
    this.#machines.set(slot, hello.machine);
    const { dataUrl, machine, localPath, metricsAddress, workerId } = hello;
    const address = { dataUrl, machine, localPath };
    this.#place(connection, { kind: 'preparing', slot, workerId, address, metricsAddress });
    return slot;
  }

  /** Nobody gets a slot before the core knows that its holder has left. */
  reserve(slot: number): void {
    this.#reserved.add(slot);
  }

  releaseReserved(): void {
    this.#reserved.clear();
  }

  #isFree(slot: number): boolean {
    return !this.#bySlot.has(slot) && !this.#reserved.has(slot);
  }

  #freeSlot({ runId, slot: former }: Hello): number {
    if (runId !== '' && former < WORKERS_MAX && this.#isFree(former)) return former;
    let slot = 0;
    while (!this.#isFree(slot)) slot++;
    return slot;
  }

  /**
   * A worker is prepared.
   * @returns where its peers find it; undefined if that was said before
   * @throws CRESCENDO_DATASET_MISMATCH
   */
  prepare(connection: Connection, dataset: DatasetIdentity): PeerAddress | undefined {
    requireSameDataset(this.#rules.dataset, dataset);
    const place = this.#places.get(connection);
    if (place?.kind !== 'preparing') return undefined;
    const { slot, workerId, address, metricsAddress } = place;
    this.#place(connection, { kind: 'joined', slot, workerId, metricsAddress });
    return address;
  }

  /** The coordinator ends a connection; one without a slot leaves its place at once. */
  close(connection: Connection, reason: string): void {
    const slot = this.slotOf(connection);
    if (slot === undefined) this.#place(connection, undefined);
    else this.#place(connection, { kind: 'closing', slot, reason });
  }

  /** The coordinator ends the connection to a worker that may come back. */
  drop(connection: Connection, reason: string): void {
    this.close(connection, reason);
    connection.close('dropped', reason);
  }

  /** A connection has ended. @returns the slot that is free now, if it had one, and why it ended */
  remove(
    connection: Connection,
    reason: string,
  ): { readonly slot: number; readonly reason: string } | undefined {
    const place = this.#places.get(connection);
    this.#place(connection, undefined);
    if (place === undefined || place.kind === 'greeting') return undefined;
    this.#bySlot.delete(place.slot);
    return { slot: place.slot, reason: place.kind === 'closing' ? place.reason : reason };
  }

  /** A whole message came on a connection. */
  hear(connection: Connection): void {
    this.#heardBytes.set(connection, connection.receivedBytes);
  }

  /** @returns slots of workers of which bytes came since the last message, or the last call */
  heardSlots(): number[] {
    const heard = [...this.#bySlot].filter(
      ([, connection]) => connection.receivedBytes !== this.#heardBytes.get(connection),
    );
    for (const [, connection] of heard) this.hear(connection);
    return heard.map(([slot]) => slot);
  }

  metricsTargets(): MetricsTarget[] {
    return [...this.#places.values()].flatMap((place) =>
      (place.kind === 'preparing' || place.kind === 'joined') && place.metricsAddress !== ''
        ? [{ slot: place.slot, address: place.metricsAddress }]
        : [],
    );
  }

  #place(connection: Connection, place: Place | undefined): void {
    if (this.#places.get(connection)?.kind === 'greeting') this.#greetingCount--;
    if (place?.kind === 'greeting') this.#greetingCount++;
    if (place === undefined) this.#places.delete(connection);
    else this.#places.set(connection, place);
  }
}

function checkHello(hello: Hello, rules: AdmissionRules): void {
  if (hello.protocolVersion !== PROTOCOL_VERSION) {
    throw new CrescendoError(
      'CRESCENDO_PROTOCOL_VERSION',
      `worker speaks protocol version ${hello.protocolVersion}, this coordinator ` +
        `${PROTOCOL_VERSION}: install the same version of crescendo on both`,
    );
  }
  if (rules.joinToken !== undefined && !isSameSecret(hello.joinToken, rules.joinToken)) {
    throw new CrescendoError(
      'CRESCENDO_TOKEN_WRONG',
      "the join token is missing or wrong: give the worker the coordinator's --token or " +
        'CRESCENDO_JOIN_TOKEN',
    );
  }
  if (hello.configFingerprint !== '' && hello.configFingerprint !== rules.configFingerprint) {
    throw new CrescendoError(
      'CRESCENDO_CONFIG_MISMATCH',
      `the worker's run file has fingerprint ${hello.configFingerprint.slice(0, 12)}, the ` +
        `coordinator's ${rules.configFingerprint.slice(0, 12)}: give both the same run file, or ` +
        'leave it out on the worker',
    );
  }
  if (hello.runId !== '' && hello.runId !== rules.runId) {
    throw new CrescendoError(
      'CRESCENDO_RUN_OTHER',
      `the worker belongs to run ${hello.runId.slice(0, 64)}, and this coordinator coordinates ` +
        `${rules.runId}: start a new worker for it`,
    );
  }
  const { dataUrl, hostName, metricsAddress, machine, localPath, workerId } = hello;
  for (const text of [dataUrl, hostName, metricsAddress, machine, localPath, workerId]) {
    if (text.length > HELLO_TEXT_CHARACTERS_MAX) {
      throw new CrescendoError(
        'CRESCENDO_PROTOCOL_INVALID',
        `a field of Hello has ${text.length} characters; the limit is ${HELLO_TEXT_CHARACTERS_MAX}`,
      );
    }
  }
}
