/**
 * A worker in memory: the production core and all-reduce, a toy model, and a simulated network.
 * Pure.
 */
import type { Coordinator } from '../../coordinator/core/coordinator.ts';
import type { Connection } from '../../coordinator/core/ports.ts';
import type { CoordinatorMessage, WorkerMessage } from '../../proto/generated/messages.ts';
import { decodeFrame } from '../../proto/data-frame.ts';
import { PROTOCOL_VERSION } from '../../proto/limits.ts';
import { Worker, type WorkerPorts } from '../../worker/worker.ts';
import { javascriptCompressionKernels } from '../collective/kernels/compression.ts';
import { javascriptKernels } from '../collective/kernels/vector.ts';
import { javascriptUpdateKernels } from '../optim/update-kernels.ts';
import type { SimulatedNetwork, SimulatedPeers } from './network.ts';
import { SimulatedProcess } from './process.ts';
import { ToyCompute, type ToyFaults } from './toy-compute.ts';

const DELAY_MS = 1;
const KERNELS = {
  vectors: javascriptKernels,
  compressions: javascriptCompressionKernels,
  updates: javascriptUpdateKernels,
};

/** What a simulated cluster is told of a worker. */
export interface WorkerListener {
  onSent(worker: SimulatedWorker, message: WorkerMessage): void;
  onReceived(worker: SimulatedWorker, message: CoordinatorMessage): void;
  /** The worker has ended. @param error undefined where it was released */
  onEnded(worker: SimulatedWorker, reason: string, error: Error | undefined): void;
  onNotice(worker: SimulatedWorker, text: string): void;
}

export interface SimulatedWorkerOptions {
  /** Unique among all workers that ever are. */
  readonly name: string;
  /** The machine it runs on. */
  readonly machine: string;
  readonly joinToken: string;
  readonly faults: ToyFaults;
}

export class SimulatedWorker {
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly #peers: SimulatedPeers;
  readonly #coordinator: Coordinator;
  readonly #listener: WorkerListener;
  readonly #worker: Worker;
  readonly #connection: Connection;
  /** What waits while the connection to the coordinator is cut. */
  readonly #held: (() => void)[] = [];
  readonly #cluster: SimulatedNetwork;
  #isCut = false;
  #isClosed = false;
  #compute: ToyCompute | undefined;
  slot = -1;

  constructor(
    options: SimulatedWorkerOptions,
    network: SimulatedNetwork,
    coordinator: Coordinator,
    listener: WorkerListener,
  ) {
    this.name = options.name;
    this.#cluster = network;
    this.#coordinator = coordinator;
    this.#listener = listener;
    this.process = new SimulatedProcess(network.clock);
    this.#peers = network.attach(options.name, this.process);
    this.#connection = this.#makeConnection();
    this.#worker = new Worker(this.#ports(options.faults));
    this.#peers.start(this.#worker.peerHandlers);
    coordinator.onOpened(this.#connection, network.clock.now());
    this.#worker.start({
      kind: 'hello',
      protocolVersion: PROTOCOL_VERSION,
      configFingerprint: '',
      joinToken: options.joinToken,
      hostName: options.machine,
      processId: 1,
      dataUrl: options.name,
      machine: options.machine,
      localPath: '',
      metricsAddress: '',
    });
  }

  /** Its weights; empty before the engine is ready. */
  get weights(): Float32Array {
    return this.#compute?.weights ?? new Float32Array(0);
  }

  get isAlive(): boolean {
    return this.process.isAlive;
  }

  /** Dies at once, as after SIGKILL; the coordinator sees its connection reset. */
  kill(): void {
    if (!this.isAlive) return;
    this.#leave();
    this.#closed('connection reset');
  }

  drain(): void {
    this.process.run(() => {
      this.#worker.drain();
    });
  }

  /** Nothing passes between this worker and the coordinator until heal(). */
  cut(): void {
    this.#isCut = true;
  }

  heal(): void {
    this.#isCut = false;
    for (const action of this.#held.splice(0)) this.#pass(action);
  }

  #ports(faults: ToyFaults): WorkerPorts {
    const { clock } = this.process;
    return {
      clock,
      coordinator: {
        send: (message) => {
          this.#send(message);
        },
        sendBytes: (bytes, onSent) => {
          this.#sendFrame(bytes, onSent);
        },
        whenRoom: (action) => {
          clock.after(0, action);
        },
      },
      peers: this.#peers,
      prepare: (_, run, onMade) => {
        const onReply: ConstructorParameters<typeof ToyCompute>[2] = (reply) => {
          this.#worker.onReply(reply);
        };
        this.#compute = new ToyCompute(run, clock, onReply, faults);
        onMade(this.#compute, KERNELS);
      },
      observer: {
        onNotice: (text) => {
          this.#listener.onNotice(this, text);
        },
      },
      onReleased: (reason) => {
        this.#end(reason, undefined);
      },
      onFailed: (error) => {
        this.#end(error.message, error);
      },
    };
  }

  #makeConnection(): Connection {
    return {
      queuedBytes: 0,
      send: (message) => {
        this.#pass(() => {
          this.process.run(() => {
            this.#receive(message);
          });
        });
      },
      forward: (frame) => {
        this.#pass(() => {
          this.process.run(() => {
            this.#worker.onRelayed(decodeFrame(Buffer.from(frame)));
          });
        });
      },
      pause: () => undefined,
      resume: () => undefined,
      close: (_, reason) => {
        this.#closed(reason);
        this.#pass(() => {
          this.process.run(() => {
            this.#worker.apply({ kind: 'coordinatorLost', reason });
          });
        });
      },
    };
  }

  #receive(message: CoordinatorMessage): void {
    if (message.kind === 'welcome') this.slot = message.slot;
    this.#listener.onReceived(this, message);
    this.#worker.onMessage(message);
  }

  #send(message: WorkerMessage): void {
    this.#listener.onSent(this, message);
    this.#pass(() => {
      if (this.#isClosed) return;
      this.#coordinator.onMessage(this.#connection, message, this.#cluster.clock.now());
    });
  }

  #sendFrame(bytes: Uint8Array, onSent: () => void): void {
    const frame = Buffer.from(bytes);
    this.#pass(() => {
      this.process.run(onSent);
      if (!this.#isClosed) this.#coordinator.onFrame(this.#connection, decodeFrame(frame), frame);
    });
  }

  /** Over the connection to the coordinator, in order. */
  #pass(action: () => void): void {
    if (this.#isCut) {
      this.#held.push(action);
      return;
    }
    this.#cluster.clock.after(DELAY_MS, action);
  }

  #closed(reason: string): void {
    this.#pass(() => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#coordinator.onClosed(this.#connection, reason, this.#cluster.clock.now());
    });
  }

  #end(reason: string, error: Error | undefined): void {
    this.#listener.onEnded(this, reason, error);
    this.#leave();
    this.#closed(reason);
  }

  #leave(): void {
    this.process.kill();
    this.#compute?.kill();
    this.#peers.kill();
  }
}
