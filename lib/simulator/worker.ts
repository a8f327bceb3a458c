/**
 * A worker in memory: the production core and all-reduce, a toy model, and a simulated network.
 * Pure.
 */
import type { CoordinatorMessage, WorkerMessage } from '../../proto/generated/messages.ts';
import { decodeFrame } from '../../proto/data-frame.ts';
import { PROTOCOL_VERSION, SEND_QUEUE_BYTES_MAX } from '../../proto/limits.ts';
import type { WorkerPorts } from '../../worker/ports.ts';
import { Worker } from '../../worker/worker.ts';
import { javascriptCompressionKernels } from '../collective/kernels/compression.ts';
import { javascriptKernels } from '../collective/kernels/vector.ts';
import { javascriptUpdateKernels } from '../optim/update-kernels.ts';
import type { Addresses } from './addresses.ts';
import { COORDINATOR_HOST, type SimulatedCoordinator, type WorkerLink } from './coordinator.ts';
import type { SimulatedNetwork } from './network.ts';
import { SimulatedPeers } from './peers.ts';
import { SimulatedProcess } from './process.ts';
import { ToyCompute } from './toy-compute.ts';
import type { ToyFaults } from './toy-model.ts';
import type { ToyTiming } from './toy-timing.ts';

/** As a worker waits for the coordinator to answer its dial. */
const DIAL_TIMEOUT_MS = 5_000;
/** How often is looked whether the queue to the coordinator has room. */
const ROOM_POLL_MS = 5;
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
  /** Its weights after an update. @param step the first of those that the update was for */
  onApplied(worker: SimulatedWorker, step: number, weights: Float32Array): void;
}

export interface SimulatedWorkerOptions {
  /** Unique among all workers that ever are. */
  readonly name: string;
  /** Where it is in the network. */
  readonly host: string;
  /** The machine it runs on. */
  readonly machine: string;
  readonly joinToken: string;
  readonly faults: ToyFaults;
  readonly timing: ToyTiming | undefined;
}

export class SimulatedWorker {
  readonly name: string;
  readonly host: string;
  readonly process: SimulatedProcess;
  readonly #peers: SimulatedPeers;
  readonly #listener: WorkerListener;
  readonly #worker: Worker;
  readonly #coordinator: SimulatedCoordinator;
  #link: WorkerLink;
  /** The newest connection that the coordinator took; the worker may not know of it yet. */
  #accepted: WorkerLink | undefined;
  readonly #network: SimulatedNetwork;
  #compute: ToyCompute | undefined;
  slot = -1;
  /** Memory of sums and frames, in bytes, as of its last report. */
  bytesHeld = 0;

  constructor(
    options: SimulatedWorkerOptions,
    network: SimulatedNetwork,
    addresses: Addresses<SimulatedPeers>,
    coordinator: SimulatedCoordinator,
    listener: WorkerListener,
  ) {
    this.name = options.name;
    this.host = options.host;
    this.#network = network;
    this.#listener = listener;
    this.process = new SimulatedProcess(network.clock);
    const place = { address: options.name, host: options.host };
    this.#peers = new SimulatedPeers(network, addresses, place, this.process);
    this.#coordinator = coordinator;
    this.#link = this.#connect();
    this.#worker = new Worker(this.#ports(options));
    this.#peers.start(this.#worker.peerHandlers);
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
      workerId: options.name,
      runId: '',
      slot: 0,
    });
  }

  /** Its weights; empty before the engine is ready. */
  get weights(): Float32Array {
    return this.#compute?.weights ?? new Float32Array(0);
  }

  /** Bytes on their way to peers. */
  get queuedBytes(): number {
    return this.#peers.queuedBytes;
  }

  get isAlive(): boolean {
    return this.process.isAlive;
  }

  /** Dies at once, as after SIGKILL; the coordinator sees its connection reset. */
  kill(): void {
    if (!this.isAlive) return;
    this.process.kill();
    this.#leave();
  }

  drain(): void {
    this.process.run(() => {
      this.#worker.drain();
    });
  }

  /** The connection to the coordinator breaks. */
  reset(): void {
    this.#link.stream.reset();
  }

  /** Nothing passes between this worker and the coordinator until heal(). */
  cut(): void {
    this.#network.cut(this.host, COORDINATOR_HOST);
    this.#network.cut(COORDINATOR_HOST, this.host);
  }

  heal(): void {
    this.#network.heal(this.host, COORDINATOR_HOST);
    this.#network.heal(COORDINATOR_HOST, this.host);
  }

  #connect(): WorkerLink {
    const link: WorkerLink = this.#coordinator.connect({
      host: this.host,
      process: this.process,
      onMessage: (message) => {
        if (this.#link !== link) return;
        if (message.kind === 'welcome') this.slot = message.slot;
        this.#listener.onReceived(this, message);
        this.#worker.onMessage(message);
      },
      onFrame: (frame) => {
        if (this.#link !== link) return;
        this.#worker.onRelayed(decodeFrame(Buffer.from(frame)));
      },
      onClosed: (reason) => {
        if (this.#link !== link) return;
        this.#worker.apply({ kind: 'coordinatorLost', reason });
      },
    });
    return link;
  }

  /** Ends the old connection, and dials after a pause. */
  #reconnect(delayMs: number): void {
    this.#link.stream.close('worker', 'it connects anew');
    this.process.clock.after(delayMs, () => {
      this.#dial();
    });
  }

  /** The coordinator's process, where it lives and runs, takes the connection and answers. */
  #dial(): void {
    let isOver = false;
    let taken: WorkerLink | undefined;
    const fail = (reason: string): void => {
      if (isOver) return;
      isOver = true;
      taken?.stream.abandon('worker');
      this.#worker.apply({ kind: 'dialFailed', reason });
    };
    this.process.clock.after(DIAL_TIMEOUT_MS, () => {
      fail('no answer');
    });
    this.#network.signal(this.host, COORDINATOR_HOST, () => {
      const { process } = this.#coordinator;
      if (!process.isAlive) {
        this.#answer(() => {
          fail('connection refused');
        });
        return;
      }
      process.run(() => {
        if (isOver || !this.isAlive) return;
        const link = this.#connect();
        taken = link;
        this.#accepted = link;
        this.#answer(() => {
          if (isOver) return;
          isOver = true;
          this.#link = link;
          this.#worker.apply({ kind: 'connected' });
        });
      });
    });
  }

  #answer(arrive: () => void): void {
    this.#network.signal(COORDINATOR_HOST, this.host, arrive, this.process);
  }

  #ports({ faults, timing }: SimulatedWorkerOptions): WorkerPorts {
    const { clock } = this.process;
    return {
      clock,
      coordinator: {
        send: (told) => {
          const isWrong = told.kind === 'stepReduced' && told.step === faults.wrongSumIn;
          const message = isWrong ? { ...told, checksum: 0xbad } : told;
          this.#listener.onSent(this, message);
          this.#link.send(message);
        },
        sendBytes: (bytes, onSent) => {
          this.#link.sendFrame(bytes, onSent);
        },
        whenRoom: (action) => {
          this.#whenRoom(0, action);
        },
        receivedBytes: () => this.#link.stream.receivedBytes('worker'),
      },
      peers: this.#peers,
      prepare: (_, run, onMade) => {
        const onReply: ConstructorParameters<typeof ToyCompute>[2] = (reply) => {
          this.#worker.onReply(reply);
        };
        const onApplied = (step: number, weights: Float32Array): void => {
          this.#listener.onApplied(this, step, weights);
        };
        const toy = { faults, timing, onApplied };
        this.#compute = new ToyCompute(run, this.process, onReply, toy);
        onMade(this.#compute, KERNELS);
      },
      reconnect: (delayMs) => {
        this.#reconnect(delayMs);
      },
      saveLocally: (_, onSaved) => {
        onSaved('the state is saved');
      },
      observer: {
        onNotice: (text) => {
          this.#listener.onNotice(this, text);
        },
        onAllReduce: (_, bytesHeld) => {
          this.bytesHeld = bytesHeld;
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

  /** Never within the call, and never once the connection has ended. */
  #whenRoom(pauseMs: number, action: () => void): void {
    const { stream } = this.#link;
    if (!stream.isOpen('worker')) return;
    this.process.clock.after(pauseMs, () => {
      if (stream.queuedBytes('worker') <= SEND_QUEUE_BYTES_MAX) action();
      else this.#whenRoom(ROOM_POLL_MS, action);
    });
  }

  #end(reason: string, error: Error | undefined): void {
    this.#listener.onEnded(this, reason, error);
    this.#link.stream.close('worker', 'connection closed');
    this.process.kill();
    this.#leave();
  }

  /** Its connections end, as those of any process that is gone. */
  #leave(): void {
    this.#compute?.kill();
    this.#peers.kill();
    this.#link.stream.abandon('worker');
    this.#accepted?.stream.abandon('worker');
  }
}
