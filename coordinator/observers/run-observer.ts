/** What those who watch a run are told: metrics, summary, metrics file, the live view. */
import type { Heartbeat, Hello, Prepared } from '../../proto/control.ts';
import type { CoreStatus } from '../core/core.ts';
import type { CommittedStep, EvaluationResult } from '../core/events.ts';

/** Told of what happens; for metrics, logs and the live view. All calls are synchronous. */
export interface RunObserver {
  onGeneration?(generation: number, reason: string, status: CoreStatus): void;
  onStep?(committed: CommittedStep): void;
  onEvaluation?(result: EvaluationResult): void;
  onAttemptAborted?(step: number, reason: string): void;
  onWorkerJoined?(slot: number, hello: Hello): void;
  onPrepared?(slot: number, prepared: Prepared): void;
  onWorkerLost?(slot: number, reason: string): void;
  onWorkerFailure?(slot: number, code: string, message: string): void;
  onHeartbeat?(slot: number, heartbeat: Heartbeat): void;
  onRejected?(reason: string): void;
}
