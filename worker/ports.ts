/** All that a worker needs of its surroundings; what its core knows of it is in core/ports.ts. */
import type { RunConfig } from '../lib/run/run-config.ts';
import type { PeerTransport } from '../lib/transport/peer-transport.ts';
import type { Welcome } from '../proto/generated/messages.ts';
import type { WorkerKernels } from './all-reduce/data-plane.ts';
import type {
  Clock,
  ComputePort,
  CoordinatorPort,
  LocalState,
  WorkerObserver,
} from './core/ports.ts';

export interface WorkerPorts {
  readonly clock: Clock;
  readonly coordinator: CoordinatorPort;
  readonly peers: PeerTransport;
  /**
   * Makes the engine ready; replies come by onReply(), `ready` first.
   * @param onMade receives the compute port, and what the networking thread adds and steps with
   */
  readonly prepare: (
    welcome: Welcome,
    run: RunConfig,
    onMade: (compute: ComputePort, kernels: WorkerKernels) => void,
  ) => void;
  /**
   * Ends what is left of the connection to the coordinator, and makes another after a pause; then
   * the event `connected` or `dialFailed` is due.
   */
  readonly reconnect: (delayMs: number) => void;
  /** Saves a state on this machine. @param onSaved receives in words where it is, or why not */
  readonly saveLocally: (state: LocalState, onSaved: (where: string) => void) => void;
  readonly observer: WorkerObserver;
  /** The coordinator let this worker go. */
  readonly onReleased: (reason: string) => void;
  readonly onFailed: (error: Error) => void;
}
