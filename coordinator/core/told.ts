/** What observers are told of the effects of the core, and of checkpoints. Pure. */
import type { CoordinatorEvent, Effect } from './events.ts';
import type { RunObserver } from './ports.ts';
import type { CoreStatus } from './state.ts';

export function tellOf(
  effect: Effect & {
    readonly kind:
      | 'paused'
      | 'stepCommitted'
      | 'evaluated'
      | 'badSamplesFound'
      | 'generationFormed'
      | 'stolen'
      | 'attemptAborted'
      | 'ended';
  },
  observer: RunObserver,
  status: CoreStatus,
): void {
  switch (effect.kind) {
    case 'paused':
      return observer.onPaused?.(effect.reason);
    case 'stepCommitted':
      return observer.onStep?.(effect.committed);
    case 'evaluated':
      return observer.onEvaluation?.(effect.result);
    case 'badSamplesFound':
      return observer.onBadSamples?.(effect.count);
    case 'generationFormed':
      return observer.onGeneration?.(effect.generation, effect.reason, status);
    case 'stolen':
      return observer.onStolen?.(effect.task, effect.moves);
    case 'attemptAborted':
      return observer.onAttemptAborted?.(effect.step, effect.reason);
    case 'ended':
      return observer.onEnded?.(effect.outcome);
  }
}

/** Observers are told when a checkpoint was written, or could not be. */
export function tellOfCheckpoint(event: CoordinatorEvent, observer: RunObserver): void {
  if (event.kind === 'checkpointWritten') observer.onCheckpoint?.(event.committedSteps);
  if (event.kind === 'checkpointFailed') observer.onCheckpointFailed?.();
}
