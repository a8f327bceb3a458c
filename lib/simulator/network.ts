/**
 * A network in memory: what is under way from one host to another, how long it takes, and who is
 * cut off from whom. A host is where one worker or the coordinator runs; its processes may come and
 * go. Pure.
 */
import type { Clock } from '../../worker/core/ports.ts';
import { SimulatedPipe, type Receiver } from './pipe.ts';

/** How the network behaves while nothing is wrong with it. */
export interface NetworkConditions {
  /** How long a message is under way; drawn anew for each. */
  delayMs(): number;
  /** Until an end of a connection is told that it is broken; drawn anew for each end. */
  noticeMs(): number;
  /** What a byte that waits to be relayed counts as; 1 where it is not given. */
  readonly queueWeight?: number;
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

  constructor(clock: Clock, conditions: NetworkConditions = STEADY) {
    this.clock = clock;
    this.conditions = conditions;
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

  /** Whether something that was sent to a host does not get there now. */
  isCutTo(host: string): boolean {
    return [...this.#directions].some(([way, { isCut }]) => isCut && way.endsWith(`>${host}`));
  }

  /** @param bytesPerMs on each connection; Infinity: as fast as can be */
  slow(from: string, to: string, bytesPerMs: number): void {
    const direction = this.#direction(from, to);
    direction.bytesPerMs = bytesPerMs;
    for (const pipe of direction.pipes) pipe.setRate(bytesPerMs);
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
