/**
 * The coordinator's shell in a run: workers and requests from its port (front-door.ts), the clock,
 * the run's folder. All decisions are made by core/coordinator.ts.
 */
import { randomBytes } from 'node:crypto';
import type { SpreadState } from '../lib/checkpoint/state-leases.ts';
import type { RunPlan } from '../lib/run/plan.ts';
import type { RunConfig } from '../lib/run/run-config.ts';
import type { DatasetIdentity } from '../proto/generated/messages.ts';
import { WorkerConnection } from './connection.ts';
import { Coordinator } from './core/coordinator.ts';
import type { CoreStatus } from './core/state.ts';
import type { RunOutcome } from './core/events.ts';
import type { RunObserver } from './core/ports.ts';
import type { FrontDoor } from './front-door.ts';
import { MetricsFile } from './observers/metrics-file.ts';
import type { RunFolder } from './run-folder.ts';

const TICK_MS = 250;

export interface CoordinatorOptions {
  readonly run: RunConfig;
  readonly runId: string;
  readonly configFingerprint: string;
  readonly plan: RunPlan;
  readonly dataset: DatasetIdentity;
  /** Workers must say it; undefined: no token is asked for. */
  readonly joinToken: string | undefined;
  readonly observers: readonly RunObserver[];
  /** The training state, and how its members hold it. */
  readonly state: SpreadState;
  /** Closed with the server. */
  readonly folder: RunFolder;
  /** Body of /metrics in the Prometheus text format. */
  readonly metricsText: () => Promise<string>;
}

export class CoordinatorServer {
  /** Settles when the run is over. */
  readonly outcome: Promise<RunOutcome>;
  readonly folder: RunFolder;
  readonly #door: FrontDoor;
  readonly #coordinator: Coordinator;
  readonly #ticker: NodeJS.Timeout;
  #closed: Promise<void> | undefined;

  /** Starts a coordinator behind an open door, which it closes; the caller closes the server. */
  constructor(door: FrontDoor, options: CoordinatorOptions) {
    const { runId, plan, folder, metricsText, observers } = options;
    this.#door = door;
    this.folder = folder;
    let onEnded: (outcome: RunOutcome) => void = () => undefined;
    this.outcome = new Promise((resolve) => {
      onEnded = resolve;
    });
    const coordinator = new Coordinator(
      {
        ...options,
        peerToken: randomBytes(16).toString('hex'),
        records: folder.records,
      },
      {
        store: folder,
        observers: [...observers, new MetricsFile(folder), { onEnded }],
        now: () => performance.now(),
      },
    );
    this.#coordinator = coordinator;
    coordinator.start();
    door.admitTo({
      http: { runId, plan, coordinator, metricsText },
      hasRoom: () => coordinator.hasRoom,
      onWorker: (socket, stream) => {
        const connection = new WorkerConnection(socket, stream, coordinator);
        coordinator.onOpened(connection, performance.now());
      },
    });
    this.#ticker = setInterval(() => {
      coordinator.tick(performance.now());
    }, TICK_MS);
  }

  /** Finishes the step in flight, saves the weights and ends the run. */
  requestStop(reason: string): void {
    this.#coordinator.requestStop(reason, performance.now());
  }

  status(): CoreStatus {
    return this.#coordinator.status();
  }

  /** Ends all connections and frees the port and the files; more calls wait for the first. */
  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    clearInterval(this.#ticker);
    await this.#door.close();
    this.folder.close();
  }
}
