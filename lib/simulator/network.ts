/**
 * A network in memory: what is under way from one host to another, how long it takes, and who is
 * cut off from whom. A host is where one worker or the coordinator runs; its processes may come and
 * go. Pure.
 */
import type { Clock } from '../../worker/core/ports.ts';
import { SimulatedPeers } from './peers.ts';
import { SimulatedPipe, type Receiver } from './pipe.ts';
import type { SimulatedProcess } from './process.ts';

/** How the network behaves while nothing is wrong with it. */
export interface NetworkConditions {
  /** How long a message is under way; drawn anew for each. */
  delayMs(): number;
  /** Until an end of a connection is told that it is broken; drawn anew for each end. */
  noticeMs(): number;
  /** How often a peer is dialed, the time-out of an attempt, and the pause between attempts. */
  readonly dialing: {
    readonly attempts: number;
    readonly timeoutMs: number;
    readonly pauseMs: number;
  };
}

const STEADY: NetworkConditions = {
  delayMs: () => 1,
  noticeMs: () => 2,
  dialing: { attempts: 1, timeoutMs: 4_000, pauseMs: 300 },
};
/** Takes what arrives at a host, whatever its processes do. */
const KERNEL: Receiver = {
  run: (action) => {
    action();
  },
};

/** What goes from one host to another. */
interface Direction {
  readonly pipes: Set<SimulatedPipe>;
  isCut: boolean;
  bytesPerMs: number;
}

export class SimulatedNetwork {
  readonly clock: Clock;
  readonly conditions: NetworkConditions;
  readonly #directions = new Map<string, Direction>();
  /** By address: those that take dials. */
  readonly #peers = new Map<string, SimulatedPeers>();
  readonly #hosts = new Map<string, string>();
  readonly #blocked = new Set<string>();

  constructor(clock: Clock, conditions: NetworkConditions = STEADY) {
    this.clock = clock;
    this.conditions = conditions;
  }

  /** @param address unique among all processes that ever are */
  attach(address: string, host: string, process: SimulatedProcess): SimulatedPeers {
    const peers = new SimulatedPeers(this, { address, host }, process);
    this.#peers.set(address, peers);
    this.#hosts.set(address, host);
    return peers;
  }

  /** The host of an address, also when its process is gone. */
  hostOf(address: string): string {
    return this.#hosts.get(address) ?? address;
  }

  /** Who takes dials at an address that a host may dial. */
  listenerAt(address: string, dialingHost: string): SimulatedPeers | undefined {
    const peers = this.#peers.get(address);
    if (peers === undefined || this.#blocked.has(`${peers.host}>${dialingHost}`)) return undefined;
    return peers;
  }

  /** A way for messages from one host to another, until closePipe(). */
  openPipe(from: string, to: string, receiver: Receiver): SimulatedPipe {
    const direction = this.#direction(from, to);
    const pipe = new SimulatedPipe(this.clock, receiver, () => this.conditions.delayMs());
    if (direction.bytesPerMs < Infinity) pipe.setRate(direction.bytesPerMs);
    if (direction.isCut) pipe.hold();
    direction.pipes.add(pipe);
    return pipe;
  }

  /** What has not arrived is dropped. */
  closePipe(from: string, to: string, pipe: SimulatedPipe): void {
    this.#direction(from, to).pipes.delete(pipe);
    pipe.close();
  }

  /** Lets a single message go from one host to another. */
  signal(from: string, to: string, arrive: () => void, receiver = KERNEL): void {
    const pipe = this.openPipe(from, to, receiver);
    const arriveOnce = (): void => {
      this.#direction(from, to).pipes.delete(pipe);
      arrive();
    };
    pipe.send({ bytes: 0, arrive: arriveOnce });
  }

  /** Nothing gets from one host to another until heal(); it arrives then. */
  cut(from: string, to: string): void {
    const direction = this.#direction(from, to);
    direction.isCut = true;
    for (const pipe of direction.pipes) pipe.hold();
  }

  heal(from: string, to: string): void {
    const direction = this.#direction(from, to);
    direction.isCut = false;
    for (const pipe of direction.pipes) pipe.release();
  }

  /** @param bytesPerMs on each connection; Infinity: as fast as can be */
  slow(from: string, to: string, bytesPerMs: number): void {
    const direction = this.#direction(from, to);
    direction.bytesPerMs = bytesPerMs;
    for (const pipe of direction.pipes) pipe.setRate(bytesPerMs);
  }

  /** From now on the host `target` can neither dial `source` nor get frames from it. */
  block(source: string, target: string): void {
    this.#blocked.add(`${source}>${target}`);
    this.breakLink(source, target);
  }

  unblock(source: string, target: string): void {
    this.#blocked.delete(`${source}>${target}`);
  }

  /** Breaks the links by which `target` receives from `source`; they may be dialed again. */
  breakLink(source: string, target: string): void {
    for (const peers of this.#peers.values()) {
      if (peers.host === target) peers.breakFrom(source);
    }
  }

  /** Dials to an address are refused from now on. */
  detach(address: string): void {
    this.#peers.delete(address);
  }

  #direction(from: string, to: string): Direction {
    const key = `${from}>${to}`;
    const known = this.#directions.get(key);
    if (known !== undefined) return known;
    const direction = { pipes: new Set<SimulatedPipe>(), isCut: false, bytesPerMs: Infinity };
    this.#directions.set(key, direction);
    return direction;
  }
}
