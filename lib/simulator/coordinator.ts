/**
 * The coordinator's process in memory: the production coordinator, its clock and its tick, and the
 * connections that workers make to it. It can stand still, die, and be started again. Pure.
 */
import type { Coordinator } from '../../coordinator/core/coordinator.ts';
import type { Connection } from '../../coordinator/core/ports.ts';
import type { CoordinatorMessage, WorkerMessage } from '../../proto/generated/messages.ts';
import { decodeFrame } from '../../proto/data-frame.ts';
import type { SimulatedNetwork } from './network.ts';
import { SimulatedProcess } from './process.ts';
import { SimulatedStream, type StreamEnd } from './stream.ts';

export const COORDINATOR_HOST = 'coordinator';
const TICK_MS = 250;
/** For ten minutes. */
const TICKS_AFTER_END = 2_400;
/** About what a control message takes on the wire, besides a block of a checkpoint. */
const MESSAGE_BYTES = 100;

/** A worker's end of a connection. */
export interface ConnectedWorker extends StreamEnd {
  readonly onMessage: (message: CoordinatorMessage) => void;
  readonly onFrame: (frame: Uint8Array) => void;
}

/** What a worker sends on its connection. */
export interface WorkerLink {
  readonly stream: SimulatedStream;
  readonly send: (message: WorkerMessage) => void;
  /** @param onSent called when the bytes have left; never if the connection has ended */
  readonly sendFrame: (bytes: Uint8Array, onSent: () => void) => void;
}

export class SimulatedCoordinator {
  readonly #network: SimulatedNetwork;
  readonly #make: (process: SimulatedProcess) => Coordinator;
  readonly #onSent: (message: CoordinatorMessage) => void;
  readonly #streams = new Set<SimulatedStream>();
  #process: SimulatedProcess;
  #coordinator: Coordinator;

  /**
   * @param make the coordinator of a process that starts; it reads what an earlier one has left
   * @param onSent told of each message to a worker, when it leaves
   */
  constructor(
    network: SimulatedNetwork,
    make: (process: SimulatedProcess) => Coordinator,
    onSent: (message: CoordinatorMessage) => void,
  ) {
    this.#network = network;
    this.#make = make;
    this.#onSent = onSent;
    this.#process = new SimulatedProcess(network.clock);
    this.#coordinator = make(this.#process);
    this.#tick(this.#process, this.#coordinator);
  }

  /** That of the newest process. */
  get coordinator(): Coordinator {
    return this.#coordinator;
  }

  get process(): SimulatedProcess {
    return this.#process;
  }

  /** Connections that have not ended for the coordinator. */
  get streams(): readonly SimulatedStream[] {
    return [...this.#streams];
  }

  /** Dies at once, as after SIGKILL: workers see their connections reset. */
  kill(): void {
    this.#process.kill();
    for (const stream of this.#streams) stream.abandon('coordinator');
    this.#streams.clear();
  }

  /**
   * Starts a new process where the last one died.
   * @throws {CrescendoError} with which it ends at once, such as for its disk; it is dead then
   */
  restart(): void {
    if (this.#process.isAlive) return;
    const process = new SimulatedProcess(this.#network.clock);
    this.#coordinator = this.#make(process);
    this.#process = process;
    this.#tick(process, this.#coordinator);
  }

  /** A worker has dialed, and the coordinator has accepted. */
  connect(worker: ConnectedWorker): WorkerLink {
    const coordinator = this.#coordinator;
    const process = this.#process;
    const now = (): number => process.clock.now();
    const stream: SimulatedStream = new SimulatedStream(this.#network, worker, {
      host: COORDINATOR_HOST,
      process,
      onClosed: (reason) => {
        this.#streams.delete(stream);
        coordinator.onClosed(connection, reason, now());
      },
    });
    this.#streams.add(stream);
    const onFlushed = (): void => {
      process.run(() => {
        coordinator.onFlushed(connection);
      });
    };
    const queueWeight = this.#network.conditions.queueWeight ?? 1;
    const handlers = { onSent: this.#onSent, onFlushed, queueWeight };
    const connection = connectionOn(stream, worker, handlers);
    coordinator.onOpened(connection, now());
    return {
      stream,
      send: (message) => {
        const arrive = (): void => {
          coordinator.onMessage(connection, message, now());
        };
        stream.send('worker', { bytes: bytesOf(message), arrive });
      },
      sendFrame: (bytes, onSent) => {
        const frame = Buffer.from(bytes);
        const arrive = (): void => {
          worker.process.run(onSent);
          coordinator.onFrame(connection, decodeFrame(frame), frame);
        };
        stream.send('worker', { bytes: frame.length, arrive });
      },
    };
  }

  /** @param ticksLeft after the end: what is said of it may still wait for the journal */
  #tick(process: SimulatedProcess, coordinator: Coordinator, ticksLeft = TICKS_AFTER_END): void {
    process.clock.after(TICK_MS, () => {
      if (ticksLeft === 0) return;
      coordinator.tick(process.clock.now());
      const hasEnded = coordinator.status().status === 'ended';
      this.#tick(process, coordinator, hasEnded ? ticksLeft - 1 : TICKS_AFTER_END);
    });
  }
}

interface ConnectionHandlers {
  readonly onSent: (message: CoordinatorMessage) => void;
  /** A frame that was forwarded has left. */
  readonly onFlushed: () => void;
  readonly queueWeight: number;
}

function connectionOn(
  stream: SimulatedStream,
  worker: ConnectedWorker,
  { onSent, onFlushed, queueWeight }: ConnectionHandlers,
): Connection {
  return {
    get queuedBytes(): number {
      return stream.queuedBytes('coordinator') * queueWeight;
    },
    get receivedBytes(): number {
      return stream.receivedBytes('coordinator');
    },
    send: (message) => {
      onSent(message);
      const arrive = (): void => {
        worker.onMessage(message);
      };
      stream.send('coordinator', { bytes: bytesOf(message), arrive });
    },
    forward: (frame) => {
      const arrive = (): void => {
        onFlushed();
        worker.onFrame(frame);
      };
      stream.send('coordinator', { bytes: frame.length, arrive });
    },
    pause: () => {
      stream.pause('coordinator');
    },
    resume: () => {
      stream.resume('coordinator');
    },
    close: (_, reason) => {
      stream.close('coordinator', reason);
    },
  };
}

function bytesOf(message: CoordinatorMessage | WorkerMessage): number {
  const isBlock = message.kind === 'stateBlock' || message.kind === 'restoredBlock';
  return MESSAGE_BYTES + (isBlock ? message.content.byteLength : 0);
}
