/**
 * A worker's shell in one run, on the networking thread: sockets, timers and the compute thread for
 * worker.ts, which drives the core.
 */
import { hostname } from 'node:os';
import type { RunConfig } from '../lib/run/run-config.ts';
import type { CoordinatorLink } from '../lib/transport/coordinator-link.ts';
import { dataUrlOf } from '../lib/transport/peer-dial.ts';
import { PeerLinks } from '../lib/transport/peer-links.ts';
import { PROTOCOL_VERSION } from '../proto/limits.ts';
import type { WorkerKernels } from './all-reduce/data-plane.ts';
import { ComputeClient } from './compute/client.ts';
import type { Clock } from './core/ports.ts';
import { Worker, type Hello, type WorkerObserver } from './worker.ts';

export interface SessionOptions {
  readonly joinToken: string;
  /** Fingerprint of the run file given to this worker; empty when none was. */
  readonly configFingerprint: string;
  /** Address and port (0: a free one) to listen on for peers. */
  readonly dataHost: string;
  readonly dataPort: number;
  /** Address that peers dial; differs from dataHost behind NAT or in a container. */
  readonly advertiseHost: string;
  readonly metricsAddress: string;
  /** Name of this machine: peers that give the same one are reached by Unix sockets. */
  readonly machine: string;
  /**
   * Sets what the engine reads from the environment, before the compute thread starts.
   * @returns what the all-reduce adds and steps with
   */
  readonly prepareEnvironment: (run: RunConfig) => Promise<WorkerKernels>;
  readonly observer: WorkerObserver;
}

const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  after: (delayMs, action) => {
    // A timer alone keeps no process alive.
    setTimeout(action, delayMs).unref();
  },
};

export class WorkerSession {
  readonly #options: SessionOptions;
  readonly #coordinator: CoordinatorLink;
  readonly #links: PeerLinks;
  readonly #worker: Worker;
  readonly #ended: Promise<string>;
  #release: (reason: string) => void = () => undefined;
  #compute: ComputeClient | undefined;
  #isReady = false;
  #isLeaving = false;

  constructor(coordinator: CoordinatorLink, options: SessionOptions) {
    this.#coordinator = coordinator;
    this.#options = options;
    let fail: (error: Error) => void = () => undefined;
    this.#ended = new Promise<string>((resolve, reject) => {
      this.#release = resolve;
      fail = reject;
    });
    // Whoever runs the session awaits it; until then a rejection is nobody's fault.
    this.#ended.catch(() => undefined);
    this.#links = new PeerLinks(options.machine, {
      onFrame: (frame) => this.#worker.peerHandlers.onFrame(frame),
      onDialed: (slot) => {
        this.#worker.peerHandlers.onDialed(slot);
      },
      onBroken: (slot, reason) => {
        this.#worker.peerHandlers.onBroken(slot, reason);
      },
    });
    this.#worker = new Worker({
      clock: SYSTEM_CLOCK,
      coordinator,
      peers: this.#links,
      prepare: (welcome, run, onMade) => {
        this.#prepare(welcome.runConfigJson, run, onMade);
      },
      observer: options.observer,
      onReleased: (reason) => {
        this.#release(reason);
      },
      onFailed: fail,
    });
  }

  /** Runs until released. @returns the reason @throws the CrescendoError that ended it */
  async run(): Promise<string> {
    try {
      const hello = await this.#hello();
      this.#coordinator.start({
        onMessage: (message) => {
          this.#worker.onMessage(message);
        },
        onFrame: (frame) => {
          this.#worker.onRelayed(frame);
        },
        onClosed: (reason) => {
          // Nobody is left of whom to take leave.
          if (this.#isLeaving) this.#release(`left: ${reason}`);
          this.#worker.apply({ kind: 'coordinatorLost', reason });
        },
      });
      this.#worker.start(hello);
      return await this.#ended;
    } finally {
      this.#links.close();
      this.#coordinator.close();
      await this.#compute?.stop();
    }
  }

  /** Asks to leave at the next step boundary; before the engine is ready it leaves at once. */
  drain(): void {
    this.#isLeaving = true;
    if (this.#isReady) this.#worker.drain();
    else this.#release('left before its engine was ready');
  }

  async #hello(): Promise<Hello> {
    const { dataHost, dataPort, advertiseHost, ...options } = this.#options;
    return {
      kind: 'hello',
      protocolVersion: PROTOCOL_VERSION,
      configFingerprint: options.configFingerprint,
      joinToken: options.joinToken,
      hostName: hostname(),
      processId: process.pid,
      dataUrl: dataUrlOf(advertiseHost, await this.#links.listen(dataHost, dataPort)),
      machine: options.machine,
      localPath: await this.#links.listenLocally(),
      metricsAddress: options.metricsAddress,
    };
  }

  #prepare(
    runConfigJson: string,
    run: RunConfig,
    onMade: (compute: ComputeClient, kernels: WorkerKernels) => void,
  ): void {
    const onFailure = (error: unknown): void => {
      const cause = error instanceof Error ? error : new Error(String(error));
      this.#worker.apply({ kind: 'failed', error: cause });
    };
    this.#options
      .prepareEnvironment(run)
      .then((kernels) => {
        this.#compute = new ComputeClient(
          { runConfigJson },
          (reply) => {
            if (reply.kind === 'ready') this.#isReady = true;
            this.#worker.onReply(reply);
          },
          onFailure,
        );
        onMade(this.#compute, kernels);
      })
      .catch(onFailure);
  }
}
