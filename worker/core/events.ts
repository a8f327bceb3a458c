/** What happens to a worker's core, and what it asks its driver to do. */
import type { CrescendoError } from '../../lib/base/errors.ts';
import type { RunConfig } from '../../lib/run/run-config.ts';
import type {
  CoordinatorMessage,
  FinishOrder,
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

/** Replies of the compute thread that decide something; those with buckets go to the all-reduce. */
export type ControlReply = Exclude<
  ComputeReply,
  { readonly kind: 'sumsBegun' | 'bucketsReady' | 'unitDone' | 'stateImported' | 'failed' }
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
  | { readonly kind: 'coordinatorLost'; readonly reason: string }
  /** The compute thread, or the driver itself, cannot go on. */
  | { readonly kind: 'failed'; readonly error: Error };

/** Effects are carried out in order. */
export type WorkerEffect =
  | { readonly kind: 'send'; readonly message: WorkerMessage }
  /** Say that this worker lives; the driver adds what was sent, and who is waited for. */
  | { readonly kind: 'heartbeat'; readonly beat: Beat }
  /** Peers may dial from now on, and the engine is to be made ready. */
  | { readonly kind: 'prepare'; readonly welcome: Welcome; readonly run: RunConfig }
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
  /** Upload the final weights where the order names this worker, then say Finished. */
  | {
      readonly kind: 'deliverWeights';
      readonly order: FinishOrder;
      readonly isUploader: boolean;
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
  readonly computeDone: boolean;
  readonly tensorCount: number;
  readonly tensorBytes: number;
}
