/**
 * What a worker needs of the outside. The shell (session.ts) gives sockets, threads and timers; a
 * simulator gives its own. Pure.
 */
import type { SnapshotLayout } from '../../lib/checkpoint/snapshot.ts';
import type { ComputeRequest } from '../compute/messages.ts';
import type { WorkerMessage } from '../../proto/generated/messages.ts';

export type { Clock } from '../../lib/base/clock.ts';

/** The connection to the coordinator. */
export interface CoordinatorPort {
  send(message: WorkerMessage): void;
  /** Sends a data frame to be relayed. @param onSent called once it has left */
  sendBytes(bytes: Uint8Array, onSent: () => void): void;
  /** Calls `action` once the send queue has room. */
  whenRoom(action: () => void): void;
}

/** The compute thread; it handles requests in order, and never replies within a call. */
export interface ComputePort {
  request(request: ComputeRequest): void;
}

/** A training state that is to be saved where the worker is. */
export interface LocalState {
  readonly runId: string;
  readonly runConfigJson: string;
  readonly committedSteps: number;
  readonly layout: SnapshotLayout;
  readonly state: Float32Array;
}
