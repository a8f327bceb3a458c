/** Which effects of the core are for observers, and what these are told of them. Pure. */
import type { Effect } from './events.ts';
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
