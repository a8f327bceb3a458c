/**
 * Does to a cluster what a plan says: each fault at its time, and its end when its time is over.
 * A supervisor starts a new process on every seat whose process has ended. Pure.
 */
import { RandomStream } from '../../base/random.ts';
import { COORDINATOR_HOST } from '../coordinator.ts';
import type { SimulatedCluster } from '../cluster.ts';
import type { SimulatedProcess } from '../process.ts';
import type { SimulatedDisk } from '../simulated-disk.ts';
import type { ToyFaults } from '../toy-model.ts';
import type { SimulatedWorker } from '../worker.ts';
import {
  hostOf,
  hostsOf,
  type Fault,
  type FaultKind,
  type FaultPlan,
  type Host,
  type RunSettings,
  type DiskTrouble,
} from './plan.ts';

const STOP_REASON = 'the plan says so';
/** How long operations on large files take, in milliseconds. */
const QUICK_DISK_MS = { read: 2, write: 2, sync: 10, close: 1, remove: 2 };
const SLOW_DISK_MS = { read: 300, write: 300, sync: 2_000, close: 100, remove: 300 };
/** A worker that starts dials the coordinator until it answers. */
const DIAL_PAUSE_MS = 250;
/** Until a connection that was cut is broken, after what was cut is whole again. */
const RESET_AFTER_MS = 1;

export class FaultInjector {
  readonly #cluster: SimulatedCluster;
  /** The coordinator's. */
  readonly #disk: SimulatedDisk;
  readonly #random: RandomStream;
  readonly #plan: FaultPlan;
  readonly #onFault: (fault: Fault) => void;
  readonly #toyFaults: ToyFaults;
  /** The newest process of each seat. */
  readonly #processes = new Map<number, SimulatedWorker>();
  readonly #started: number[] = [];
  /** How many faults that last hold at the same thing. */
  readonly #lasting = new Map<string, number>();
  /** How many faults of each kind found something to act on. */
  readonly counts = new Map<FaultKind, number>();

  /** @param onFault told of each fault that found something to act on */
  constructor(
    cluster: SimulatedCluster,
    disk: SimulatedDisk,
    plan: FaultPlan,
    onFault: (fault: Fault) => void = () => undefined,
  ) {
    this.#cluster = cluster;
    this.#disk = disk;
    this.#random = new RandomStream(plan.seed, 'disk');
    disk.delay(QUICK_DISK_MS);
    this.#plan = plan;
    this.#onFault = onFault;
    this.#toyFaults = toyFaultsOf(plan.settings);
  }

  /** Starts a process on each seat, and has the faults happen in their time. */
  start(): void {
    for (let seat = 0; seat < this.#plan.settings.seats; seat++) this.#startSeat(seat);
    for (const fault of this.#plan.faults) {
      this.#cluster.clock.after(fault.atMs, () => {
        this.#inject(fault);
      });
    }
  }

  /** A worker has ended by itself, or was killed: a new one takes its seat. */
  onEnded(worker: SimulatedWorker): void {
    const seat = [...this.#processes].find(([, one]) => one === worker)?.[0];
    if (seat === undefined) return;
    this.#cluster.clock.after(this.#plan.settings.restartMs, () => {
      const isNewest = this.#processes.get(seat) === worker;
      if (isNewest && this.#cluster.outcome === undefined) this.#startSeat(seat);
    });
  }

  #startSeat(seat: number): void {
    const { settings } = this.#plan;
    if (!this.#cluster.coordinatorProcess.process.isAlive) {
      this.#cluster.clock.after(DIAL_PAUSE_MS, () => {
        this.#startSeat(seat);
      });
      return;
    }
    const count = (this.#started[seat] ?? 0) + 1;
    this.#started[seat] = count;
    const host = hostOf(seat);
    const machine = `m${seat % settings.machines}`;
    this.#processes.set(
      seat,
      this.#cluster.join(`${host}.${count}`, machine, this.#toyFaults, host),
    );
  }

  #inject(fault: Fault): void {
    if (this.#cluster.outcome !== undefined || !this.#act(fault)) return;
    this.#onFault(fault);
    this.counts.set(fault.kind, (this.counts.get(fault.kind) ?? 0) + 1);
  }

  /** @returns whether there was something to act on */
  #act(fault: Fault): boolean {
    switch (fault.kind) {
      case 'kill':
      case 'drain':
      case 'reset':
        return this.#onWorker(fault.kind, fault.seat);
      case 'flap':
        return this.#flap(fault.seat, fault.times, fault.everyMs);
      case 'kill-coordinator':
        return this.#killCoordinator(fault.forMs, fault.isPowerLost);
      case 'disk':
        this.#troubleDisk(fault.trouble, fault.forMs);
        return true;
      case 'stop':
        this.#cluster.stop(STOP_REASON);
        return true;
      case 'hang':
      case 'slow':
      case 'freeze':
      case 'jump':
        return this.#onProcess(fault);
      case 'cut':
        this.#cut(fault.from, fault.to, fault.forMs, fault.thenReset);
        return true;
      case 'partition':
        this.#partition(fault.hosts, fault.forMs, fault.thenReset);
        return true;
      case 'slow-way':
        this.#slowWay(fault.from, fault.to, fault.bytesPerMs, fault.forMs);
        return true;
      case 'break':
        this.#cluster.breakLink(fault.from, fault.to);
        return true;
      case 'block':
        this.#block(fault.from, fault.to, fault.forMs);
        return true;
    }
  }

  #onWorker(kind: 'kill' | 'drain' | 'reset', seat: number): boolean {
    const worker = this.#living(seat);
    if (worker === undefined) return false;
    if (kind === 'drain') worker.drain();
    else if (kind === 'reset') worker.reset();
    else {
      worker.kill();
      this.onEnded(worker);
    }
    return true;
  }

  #flap(seat: number, times: number, everyMs: number): boolean {
    const isKilled = this.#onWorker('kill', seat);
    if (times > 1) {
      this.#later(everyMs, () => {
        this.#flap(seat, times - 1, everyMs);
      });
    }
    return isKilled;
  }

  #killCoordinator(forMs: number, isPowerLost: boolean): boolean {
    if (!this.#cluster.coordinatorProcess.process.isAlive) return false;
    this.#cluster.killCoordinator(isPowerLost);
    this.#later(forMs, () => {
      this.#cluster.restartCoordinator();
    });
    return true;
  }

  #troubleDisk(trouble: DiskTrouble, forMs: number): void {
    const disk = this.#disk;
    this.#last(`disk ${trouble}`, forMs, {
      begin: () => {
        if (trouble === 'full') disk.limitSpace(0);
        else if (trouble === 'slow') disk.delay(SLOW_DISK_MS);
        else disk.failOn(() => (this.#random.below(2) === 0 ? 'EIO' : undefined));
      },
      end: () => {
        if (trouble === 'full') disk.limitSpace(Infinity);
        else if (trouble === 'slow') disk.delay(QUICK_DISK_MS);
        else disk.failOn(() => undefined);
      },
    });
  }

  #onProcess(fault: Fault & { readonly kind: 'hang' | 'slow' | 'freeze' | 'jump' }): boolean {
    const process = this.#processAt('seat' in fault ? hostOf(fault.seat) : fault.host);
    if (process === undefined) return false;
    if (fault.kind === 'jump') process.jump(fault.byMs);
    else if (fault.kind === 'hang') process.slow(Infinity);
    else if (fault.kind === 'slow') {
      process.slow(fault.factor);
      this.#later(fault.forMs, () => {
        process.slow(1);
      });
    } else {
      if (process.isFrozen) return false;
      process.freeze();
      this.#later(fault.forMs, () => {
        process.thaw(fault.first);
      });
    }
    return true;
  }

  #cut(from: Host, to: Host, forMs: number, thenReset: boolean): void {
    const { network } = this.#cluster;
    this.#last(`cut ${from} ${to}`, forMs, {
      begin: () => {
        network.cut(from, to);
      },
      end: () => {
        if (thenReset) this.#resetBetween(from, to);
        network.heal(from, to);
      },
    });
  }

  #partition(hosts: readonly Host[], forMs: number, thenReset: boolean): void {
    for (const one of hosts) {
      for (const other of hostsOf(this.#plan.settings)) {
        if (hosts.includes(other)) continue;
        this.#cut(one, other, forMs, thenReset);
        this.#cut(other, one, forMs, thenReset);
      }
    }
  }

  #slowWay(from: Host, to: Host, bytesPerMs: number, forMs: number): void {
    const { network } = this.#cluster;
    this.#last(`slow ${from} ${to}`, forMs, {
      begin: () => {
        network.slow(from, to, bytesPerMs);
      },
      end: () => {
        network.slow(from, to, Infinity);
      },
    });
  }

  #block(from: Host, to: Host, forMs: number): void {
    this.#last(`block ${from} ${to}`, forMs, {
      begin: () => {
        this.#cluster.block(from, to);
      },
      end: () => {
        this.#cluster.unblock(from, to);
      },
    });
  }

  /** Connections between two hosts break instead of going on. */
  #resetBetween(from: Host, to: Host): void {
    this.#cluster.clock.after(RESET_AFTER_MS, () => {
      for (const host of [from, to]) {
        if (host === COORDINATOR_HOST) this.#living(seatOf(from === host ? to : from))?.reset();
      }
      this.#cluster.breakLink(from, to);
      this.#cluster.breakLink(to, from);
    });
  }

  /** Several faults may hold at one thing at a time: it ends with the last of them. */
  #last(
    what: string,
    forMs: number,
    { begin, end }: { readonly begin: () => void; readonly end: () => void },
  ): void {
    const others = this.#lasting.get(what) ?? 0;
    this.#lasting.set(what, others + 1);
    if (others === 0) begin();
    this.#later(forMs, () => {
      const left = (this.#lasting.get(what) ?? 0) - 1;
      this.#lasting.set(what, left);
      if (left === 0) end();
    });
  }

  /** After a fault's time, at the latest when faults end. */
  #later(forMs: number, action: () => void): void {
    const { clock } = this.#cluster;
    clock.after(Math.min(forMs, this.#plan.faultsEndMs - clock.now()), action);
  }

  #living(seat: number): SimulatedWorker | undefined {
    const worker = this.#processes.get(seat);
    return worker?.isAlive === true ? worker : undefined;
  }

  #processAt(host: Host): SimulatedProcess | undefined {
    if (host === COORDINATOR_HOST) {
      const { process } = this.#cluster.coordinatorProcess;
      return process.isAlive ? process : undefined;
    }
    return this.#living(seatOf(host))?.process;
  }
}

/** What goes wrong in the toy model whatever the faults, in a disturbed and an undisturbed run. */
export function toyFaultsOf({ nonfiniteEverySteps: every }: RunSettings): ToyFaults {
  const isNonfinite = (step: number, microBatch: number): boolean =>
    every > 0 && microBatch === 0 && step % every === every - 1;
  return { isNonfinite };
}

function seatOf(host: Host): number {
  return Number(host.slice(hostOf(0).length - 1));
}
