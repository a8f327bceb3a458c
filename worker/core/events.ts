/** What happens to a worker's core, and what it asks its driver to do. */
import type { CrescendoError } from '../../lib/base/errors.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type {
  CheckpointOrder,
  CoordinatorMessage,
  FinishOrder,
  Prepared,
  Roster,
  StepOrder,
  StepReduced,
  Welcome,
  WorkerMessage,
} from '../../proto/generated/messages.ts';
import type { ReducedGradient } from '../all-reduce/step-all-reduce.ts';
import type { ComputeReply, ComputeRequest } from '../compute/messages.ts';

export type ReadyReply = ComputeReply & { readonly kind: 'ready' };
export type WeightsReply = ComputeReply & { readonly kind: 'weights' };

/**
 * Replies of the compute thread that decide something; buckets go to the all-reduce, and what is
 * for a checkpoint to the coordinator.
 */
export type ControlReply = Exclude<
  ComputeReply,
  {
    readonly kind: 'sumsBegun' | 'bucketsReady' | 'stateCopied' | 'stateImported' | 'failed';
  }
>;

export type WorkerEvent =
  | { readonly kind: 'message'; readonly message: CoordinatorMessage }
  | { readonly kind: 'reply'; readonly reply: ControlReply }
  /** All peers of a generation's roster are dialed, or found unreachable. */
  | {
      readonly kind: 'linked';
      readonly generation: number;
      readonly unreachableSlots: readonly number[];
    }
  /** A connection to the coordinator is there again. */
  | { readonly kind: 'connected' }
  | { readonly kind: 'dialFailed'; readonly reason: string }
  /** The state is saved on this worker's machine, or could not be. @param where in words */
  | { readonly kind: 'savedLocally'; readonly where: string }
  /** What others were to send this worker in a generation is whole. */
  | { readonly kind: 'received'; readonly generation: number; readonly transfer: 'shards' }
  | {
      readonly kind: 'received';
      readonly generation: number;
      readonly transfer: 'state';
      readonly state: Float32Array;
    }
  | { readonly kind: 'linkBroken'; readonly slot: number; readonly reason: string }
  | { readonly kind: 'relinkDue'; readonly generation: number }
  | {
      readonly kind: 'relinked';
      readonly generation: number;
      readonly unreachableSlots: readonly number[];
    }
  /** The all-reduce of an order is complete. @param bytesSent to peers since the start */
  | {
      readonly kind: 'reduced';
      readonly order: StepOrder;
      readonly gradient: ReducedGradient;
      readonly bytesSent: number;
    }
  | { readonly kind: 'drainRequested' }
  | { readonly kind: 'heartbeatDue' }
  /** Bytes came from the coordinator, of a message that may not be whole yet. */
  | { readonly kind: 'bytesReceived' }
  /** A long step may have gone on. */
  | { readonly kind: 'stepBeatDue' }
  | { readonly kind: 'coordinatorLost'; readonly reason: string }
  /** The compute thread, or the driver itself, cannot go on. */
  | { readonly kind: 'failed'; readonly error: Error };

/** What is about the connection to the coordinator. */
export type ContactEvent = WorkerEvent & {
  readonly kind:
    | 'connected'
    | 'dialFailed'
    | 'coordinatorLost'
    | 'drainRequested'
    | 'savedLocally'
    | 'bytesReceived';
};

/** Effects are carried out in order. */
export type WorkerEffect =
  | { readonly kind: 'send'; readonly message: WorkerMessage }
  /** Say that the engine is ready; the driver adds which shards are held. */
  | { readonly kind: 'prepared'; readonly message: Prepared }
  /** Say that this worker lives; the driver adds what was sent, and who is waited for. */
  | { readonly kind: 'heartbeat'; readonly beat: Beat }
  /** Peers may dial from now on, as long as the slot and the token stay the same. */
  | { readonly kind: 'identify'; readonly slot: number; readonly peerToken: string }
  | { readonly kind: 'prepare'; readonly welcome: Welcome; readonly run: RunConfig }
  /** Say hello; a worker that was welcomed before names the run and its slot. */
  | { readonly kind: 'hello'; readonly runId: string; readonly slot: number }
  /** End what is left of the connection, and make another one after a pause. */
  | { readonly kind: 'reconnect'; readonly delayMs: number }
  /** Abandon what is under way with peers and the coordinator. */
  | { readonly kind: 'leave' }
  /**
   * Fetch this worker's shard of a checkpoint, where there is one, from the coordinator.
   * @param isSource whether also the state that others then copy from this worker
   */
  | { readonly kind: 'fetchState'; readonly generation: number; readonly isSource: boolean }
  /** Copy what this worker is to send for a checkpoint. */
  | { readonly kind: 'copyState'; readonly order: CheckpointOrder }
  /** Put the state, after so many steps, on this machine. */
  | {
      readonly kind: 'saveLocally';
      readonly runId: string;
      readonly committedSteps: number;
      readonly state: Float32Array;
    }
  /** The engine's vectors are known: frames may come. */
  | {
      readonly kind: 'openDataPlane';
      readonly slot: number;
      readonly run: RunConfig;
      readonly ready: ReadyReply;
    }
  | { readonly kind: 'request'; readonly request: ComputeRequest }
  /** Abandon the attempt under way, link to the roster's members, move state and shards. */
  | { readonly kind: 'enter'; readonly roster: Roster; readonly needsState: boolean }
  | { readonly kind: 'relink'; readonly roster: Roster }
  | { readonly kind: 'sendState'; readonly slots: readonly number[]; readonly state: Float32Array }
  | { readonly kind: 'startAttempt'; readonly order: StepOrder; readonly roster: Roster }
  /** The attempt's step is committed. @param isFinite whether its reduced gradient is applied */
  | { readonly kind: 'commitAttempt'; readonly isFinite: boolean; readonly sum: Float32Array }
  /** Say what the final weights hash to. */
  | {
      readonly kind: 'reportWeights';
      readonly order: FinishOrder;
      readonly weights: WeightsReply;
    }
  | { readonly kind: 'after'; readonly delayMs: number; readonly event: WorkerEvent }
  | { readonly kind: 'stepReported'; readonly report: StepReduced; readonly sumBytes: number }
  | { readonly kind: 'memoryMeasured'; readonly tensorCount: number; readonly tensorBytes: number }
  | { readonly kind: 'notice'; readonly text: string }
  /** The coordinator let this worker go. */
  | { readonly kind: 'released'; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: CrescendoError | Error };

export interface Beat {
  readonly generation: number;
  readonly step: number;
  readonly attempt: number;
  readonly computeDone: boolean;
  readonly unbegunMicroBatches: readonly number[];
  readonly awaitsInput: boolean;
  readonly tensorCount: number;
  readonly tensorBytes: number;
}
