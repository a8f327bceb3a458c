/**
 * What the coordinator needs of the world. The shell makes it of sockets and files, a simulator of
 * memory.
 */
import type {
  CoordinatorMessage,
  Heartbeat,
  Hello,
  Prepared,
} from '../../proto/generated/messages.ts';
import type { CheckpointEntry, CheckpointStore, Done } from '../../lib/checkpoint/store.ts';
import type { CoreStatus } from './state.ts';
import type { Straggler } from './stragglers.ts';
import type { CommittedStep, EvaluationResult, JournalRecord } from './events.ts';
import type { Move, RunOutcome } from './events.ts';

/**
 * The connection to one worker. The coordinator calls nothing of it once it is told that the
 * connection is closed.
 */
export interface Connection {
  send(message: CoordinatorMessage): void;
  /** Passes on another worker's data frame; `Coordinator.onFlushed` is called when it has left. */
  forward(frame: Uint8Array): void;
  /** Bytes that were sent or forwarded and have not left yet. */
  readonly queuedBytes: number;
  /** Bytes that came from the worker, of messages that are not whole too. */
  readonly receivedBytes: number;
  /** Nothing more is read from the worker until `resume`. */
  pause(): void;
  resume(): void;
  /**
   * Ends it, behind what was sent. `Coordinator.onClosed` is called when it has ended.
   * @param why `refused`: the worker broke the rules; `dropped`: it is not in the cluster any more
   * @param reason for the worker, in words
   */
  close(why: 'refused' | 'dropped', reason: string): void;
}

/** Where a run is kept. */
export interface RunStore {
  /** Appends a record to the journal; it is on stable storage when this returns. */
  append(record: JournalRecord): void;
  readonly checkpoints: CheckpointStore;
  /**
   * Writes the files with the weights and their moving average from a checkpoint.
   * @param weightsSha256 of the first of them, as the workers say; another is an error
   * @param done called once both are on stable storage
   */
  exportWeights(checkpoint: CheckpointEntry, weightsSha256: string, done: Done): void;
  /**
   * Writes the file with the best weights, or their moving average, from a checkpoint.
   * @param done called once it is on stable storage
   */
  exportBestWeights(checkpoint: CheckpointEntry, which: 'raw' | 'ema', done: Done): void;
}

/** Told of what happens; for metrics, logs and the live view. All calls are synchronous. */
export interface RunObserver {
  onGeneration?(generation: number, reason: string, status: CoreStatus): void;
  onStep?(committed: CommittedStep): void;
  onEvaluation?(result: EvaluationResult): void;
  /** More training samples cannot be read. @param count of all of them so far */
  onBadSamples?(count: number): void;
  onCheckpoint?(committedSteps: number): void;
  /** One could not be written; it is tried again. */
  onCheckpointFailed?(): void;
  /** Something a person should see. */
  onNotice?(text: string): void;
  /** Too few members are left; the run waits for workers. */
  onPaused?(reason: string): void;
  /** Units of slow members are done by others, in another attempt at the task. */
  onStolen?(task: string, moves: readonly Move[]): void;
  /** Who holds the others up has changed, or how much. */
  onStragglers?(stragglers: readonly Straggler[]): void;
  onAttemptAborted?(step: number, reason: string): void;
  onWorkerJoined?(slot: number, hello: Hello): void;
  onPrepared?(slot: number, prepared: Prepared): void;
  onWorkerLost?(slot: number, reason: string): void;
  onWorkerFailure?(slot: number, code: string, message: string): void;
  onHeartbeat?(slot: number, heartbeat: Heartbeat): void;
  /** @param code of the error for which a connection was refused */
  onRejected?(code: string): void;
  /** The run is over; nothing but ends of connections comes after it. */
  onEnded?(outcome: RunOutcome): void;
}
