/** Processes on several machines that want one folder on a simulated disk. */
import assert from 'node:assert/strict';
import type { Clock } from '../../lib/base/clock.ts';
import type { CrescendoError } from '../../lib/base/errors.ts';
import { SimulatedDisk } from '../../lib/simulator/simulated-disk.ts';
import { VirtualClock } from '../../lib/simulator/virtual-clock.ts';
import type { Files } from '../../lib/storage/files.ts';
import type { HostFacts } from '../../lib/storage/host-facts.ts';
import { acquireOwnership, type Ownership } from '../../lib/storage/owner-lock.ts';

export const FOLDER = '/run';
/** A machine or container with its processes. */
export class Machine {
  readonly processes = new Map<number, string>();
  readonly #hostName: string;
  readonly #bootId: string;
  readonly #pidNamespace: string;

  constructor(hostName: string, bootId = `${hostName}-boot`, pidNamespace = 'pid:[1]') {
    this.#hostName = hostName;
    this.#bootId = bootId;
    this.#pidNamespace = pidNamespace;
  }

  /** Starts a process. */
  start(processId: number, start: string): HostFacts {
    this.processes.set(processId, start);
    return {
      self: {
        hostName: this.#hostName,
        bootId: this.#bootId,
        pidNamespace: this.#pidNamespace,
        processId,
        processStart: start,
      },
      processAt: (id) => {
        const found = this.processes.get(id);
        return found === undefined ? undefined : { start: found };
      },
    };
  }
}

/** The clock of one process, which can be stopped: what is due then comes when it goes on. */
class ProcessClock implements Clock {
  readonly #clock: VirtualClock;
  readonly #due: (() => void)[] = [];
  state: 'running' | 'stopped' | 'dead' = 'running';

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(delayMs: number, action: () => void): void {
    this.#clock.after(delayMs, () => {
      if (this.state === 'running') action();
      else if (this.state === 'stopped') this.#due.push(action);
    });
  }

  goOn(): void {
    this.state = 'running';
    for (const action of this.#due.splice(0)) action();
  }
}

/** One process that wants the folder. */
export interface Taker {
  readonly clock: ProcessClock;
  readonly lost: CrescendoError[];
  ownership: Ownership | undefined;
  error: CrescendoError | undefined;
}

export class OwnerBench {
  readonly clock = new VirtualClock();
  readonly disk: SimulatedDisk;
  #tokenCount = 0;

  constructor(seed = 1) {
    this.disk = new SimulatedDisk(this.clock, seed);
    this.disk.makeFolder(FOLDER);
    this.disk.syncFolder('/');
  }

  take(host: HostFacts, files: Files = this.disk): Taker {
    const clock = new ProcessClock(this.clock);
    const taker: Taker = { clock, lost: [], ownership: undefined, error: undefined };
    const options = {
      files,
      folder: FOLDER,
      host,
      clock,
      timeOfDay: () => 1_700_000_000_000 + this.clock.now(),
      token: `token ${this.#tokenCount++}`,
      onLost: (error: CrescendoError) => taker.lost.push(error),
    };
    acquireOwnership(options, (result) => {
      assert.ok(taker.ownership === undefined && taker.error === undefined, 'told twice');
      if (result instanceof Error) taker.error = result;
      else taker.ownership = result;
    });
    assert.ok(taker.ownership === undefined && taker.error === undefined, 'told within the call');
    return taker;
  }

  /** Takes the folder, and lets time pass until that has succeeded. */
  owner(host: HostFacts): Taker {
    const taker = this.take(host);
    this.clock.advance(0);
    assert.ok(taker.ownership !== undefined, taker.error?.message);
    return taker;
  }
}

export function isOwner({ ownership }: Taker): boolean {
  return ownership !== undefined;
}

export function kill(taker: Taker): void {
  taker.clock.state = 'dead';
}
