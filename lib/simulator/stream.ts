/**
 * A connection between a worker and the coordinator in memory, with the ways in which a connection
 * ends: closed by one side behind what it sent, reset under both, or left by a process that died.
 * Each side finds out by itself. Pure.
 */
import type { SimulatedNetwork } from './network.ts';
import type { PipeMessage, SimulatedPipe } from './pipe.ts';
import type { SimulatedProcess } from './process.ts';

/** As the coordinator's WebSocket server waits for the other side to close too. */
const CLOSE_TIMEOUT_MS = 1_000;
const CLOSE_BYTES = 4;

/** `worker` dials, `coordinator` accepts. */
export type Side = 'worker' | 'coordinator';

export interface StreamEnd {
  readonly host: string;
  readonly process: SimulatedProcess;
  /** Called once, when this side finds out that the connection has ended. */
  readonly onClosed: (reason: string) => void;
}

interface End extends StreamEnd {
  readonly outgoing: SimulatedPipe;
  /** `closing`: it has said that it closes, and the other side has not answered. */
  status: 'open' | 'closing' | 'closed';
}

export class SimulatedStream {
  readonly #network: SimulatedNetwork;
  readonly #ends: Readonly<Record<Side, End>>;

  constructor(network: SimulatedNetwork, worker: StreamEnd, coordinator: StreamEnd) {
    this.#network = network;
    const open = (end: StreamEnd, other: StreamEnd): End => ({
      ...end,
      outgoing: network.openPipe(end.host, other.host, other.process),
      status: 'open',
    });
    this.#ends = {
      worker: open(worker, coordinator),
      coordinator: open(coordinator, worker),
    };
  }

  isOpen(side: Side): boolean {
    return this.#ends[side].status === 'open';
  }

  /** Bytes that a side has sent and that the other one has not taken. */
  queuedBytes(side: Side): number {
    return this.#ends[side].outgoing.queuedBytes;
  }

  /** Bytes that have come to a side, of messages that are not whole too. */
  receivedBytes(side: Side): number {
    return this.#ends[otherThan(side)].outgoing.receivedBytes;
  }

  /** Nothing is sent by a side that has closed. */
  send(side: Side, { bytes, arrive, drop }: PipeMessage): void {
    if (!this.isOpen(side)) return;
    const other = this.#ends[otherThan(side)];
    const arriveIfOpen = (): void => {
      if (other.status === 'open') arrive();
    };
    const message = { bytes, arrive: arriveIfOpen };
    this.#ends[side].outgoing.send(drop === undefined ? message : { ...message, drop });
  }

  /** A side stops reading. */
  pause(side: Side): void {
    this.#ends[otherThan(side)].outgoing.pause();
  }

  resume(side: Side): void {
    this.#ends[otherThan(side)].outgoing.resume();
  }

  /** Ends the connection behind what the side has sent. */
  close(side: Side, reason: string): void {
    const end = this.#ends[side];
    if (end.status !== 'open') return;
    end.status = 'closing';
    const answer = (): void => {
      this.#end(side, reason);
    };
    const arrive = (): void => {
      const other = otherThan(side);
      this.#ends[other].outgoing.send({ bytes: CLOSE_BYTES, arrive: answer });
      this.#end(other, reason);
    };
    end.outgoing.send({ bytes: CLOSE_BYTES, arrive });
    end.process.clock.after(CLOSE_TIMEOUT_MS, () => {
      if (end.status === 'closed') return;
      this.#end(side, reason);
      this.#resetFrom(side);
    });
  }

  /** The network breaks the connection; each side is told in its time. */
  reset(): void {
    for (const side of ['worker', 'coordinator'] as const) {
      const { process, outgoing } = this.#ends[side];
      outgoing.close();
      this.#network.clock.after(this.#network.conditions.noticeMs(), () => {
        process.run(() => {
          this.#end(side, 'connection reset');
        });
      });
    }
  }

  /** The process of a side is gone; what it had sent arrives. */
  abandon(side: Side): void {
    const end = this.#ends[side];
    if (end.status !== 'open') return;
    end.status = 'closed';
    const other = otherThan(side);
    const arrive = (): void => {
      this.#end(other, 'connection reset');
    };
    end.outgoing.send({ bytes: 0, arrive });
  }

  /** The other side is told that nobody is there any more. */
  #resetFrom(side: Side): void {
    const other = otherThan(side);
    const { outgoing } = this.#ends[side];
    outgoing.clear();
    const arrive = (): void => {
      this.#end(other, 'connection reset');
    };
    outgoing.send({ bytes: 0, arrive });
  }

  #end(side: Side, reason: string): void {
    const end = this.#ends[side];
    if (end.status === 'closed') return;
    end.status = 'closed';
    const other = this.#ends[otherThan(side)];
    // What was on its way to this side is taken by nobody.
    this.#network.closePipe(other.host, end.host, other.outgoing);
    end.onClosed(reason);
  }
}

function otherThan(side: Side): Side {
  return side === 'worker' ? 'coordinator' : 'worker';
}
