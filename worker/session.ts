/**
 * A worker's shell in one run, on the networking thread: sockets, timers and the compute thread for
 * worker.ts, which drives the core.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { messageOf } from '../lib/base/errors.ts';
import { SYSTEM_CLOCK } from '../lib/base/system-clock.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import { CoordinatorLink } from '../lib/transport/coordinator-link.ts';
import { dataUrlOf } from '../lib/transport/peer-dial.ts';
import { PeerLinks } from '../lib/transport/peer-links.ts';
import { PROTOCOL_VERSION } from '../proto/limits.ts';
import type { WorkerKernels } from './all-reduce/data-plane.ts';
import { ComputeClient } from './compute/client.ts';
import type { LocalState, WorkerObserver } from './core/ports.ts';
import { Worker, type Hello } from './worker.ts';

export interface SessionOptions {
  /** Such as `ws://127.0.0.1:9464`; where a lost connection is made anew. */
  readonly coordinatorUrl: string;
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
  /** Keeps a state where the coordinator does not come back. @returns in words where it is */
  readonly saveLocally: (state: LocalState) => Promise<string>;
}

export class WorkerSession {
  readonly #options: SessionOptions;
  #coordinator: CoordinatorLink;
  #isOver = false;
  readonly #links: PeerLinks;
  readonly #worker: Worker;
  readonly #ended: Promise<string>;
  #release: (reason: string) => void = () => undefined;
  #compute: ComputeClient | undefined;
  #isReady = false;

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
      coordinator: {
        send: (message) => {
          this.#coordinator.send(message);
        },
        sendBytes: (bytes, onSent) => {
          this.#coordinator.sendBytes(bytes, onSent);
        },
        whenRoom: (action) => {
          this.#coordinator.whenRoom(action);
        },
        receivedBytes: () => this.#coordinator.receivedBytes,
      },
      peers: this.#links,
      prepare: (welcome, run, onMade) => {
        this.#prepare(welcome.runConfigJson, run, onMade);
      },
      reconnect: (delayMs) => {
        this.#coordinator.close();
        SYSTEM_CLOCK.after(delayMs, () => {
          void this.#reconnect();
        });
      },
      saveLocally: (state, onSaved) => {
        options.saveLocally(state).then(onSaved, (error: unknown) => {
          onSaved(`the training state could not be saved here: ${messageOf(error)}`);
        });
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
      this.#listenTo(this.#coordinator);
      this.#worker.start(hello);
      return await this.#ended;
    } finally {
      this.#isOver = true;
      this.#links.close();
      this.#coordinator.close();
      await this.#compute?.stop();
    }
  }

  /** Asks to leave at the next step boundary; before the engine is ready it leaves at once. */
  drain(): void {
    if (this.#isReady) this.#worker.drain();
    else this.#release('left before its engine was ready');
  }

  #listenTo(link: CoordinatorLink): void {
    link.start({
      onMessage: (message) => {
        this.#worker.onMessage(message);
      },
      onFrame: (frame) => {
        this.#worker.onRelayed(frame);
      },
      onClosed: (reason) => {
        if (this.#coordinator === link) this.#worker.apply({ kind: 'coordinatorLost', reason });
      },
    });
  }

  /** Dials once. */
  async #reconnect(): Promise<void> {
    const isOver = (): boolean => this.#isOver;
    if (isOver()) return;
    try {
      const link = await CoordinatorLink.connect(this.#options.coordinatorUrl, 0);
      if (isOver()) {
        link.close();
        return;
      }
      this.#coordinator = link;
      this.#worker.apply({ kind: 'connected' });
      this.#listenTo(link);
    } catch (error) {
      this.#worker.apply({ kind: 'dialFailed', reason: messageOf(error) });
    }
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
      workerId: randomBytes(16).toString('hex'),
      runId: '',
      slot: 0,
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
