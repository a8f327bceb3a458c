/**
 * What a worker needs of the outside. The shell (session.ts) gives sockets, threads and timers; a
 * simulator gives its own. Pure.
 */
import type { Snapshot } from '../../lib/checkpoint/snapshot.ts';
import type { ComputeRequest } from '../compute/messages.ts';
import type { StepReduced, WorkerMessage } from '../../proto/generated/messages.ts';

export type { Clock } from '../../lib/base/clock.ts';

/** The connection to the coordinator. */
export interface CoordinatorPort {
  send(message: WorkerMessage): void;
  /** Sends a data frame to be relayed. @param onSent called once it has left */
  sendBytes(bytes: Uint8Array, onSent: () => void): void;
  /** Calls `action` once the send queue has room. */
  whenRoom(action: () => void): void;
  /** Bytes that came on the present connection, of messages that are not whole too. */
  receivedBytes(): number;
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
  /** Undefined where some of the state is with other workers alone. */
  readonly whole: Snapshot | undefined;
}

/** Told of what happens, for metrics and the log. */
export interface WorkerObserver {
  onStep?(report: StepReduced): void;
  onMemory?(tensorCount: number, tensorBytes: number): void;
  /**
   * @param bytesSent to peers, since the start
   * @param bytesHeld for vectors of sums and frames
   * @param shardBytes held for this worker's shard of the optimizer state
   */
  onAllReduce?(bytesSent: number, bytesHeld: number, shardBytes: number): void;
  onNotice?(text: string): void;
}
