/** One thing that is done to a run, and what must come of it. */
import type { EngineName } from './chaos-run.ts';
import type { Conclusion } from './conclusion.ts';
import type { Stage } from './stage.ts';

/** What a case is given. */
export interface CaseContext {
  readonly stage: Stage;
  readonly engine: EngineName;
  /** SHA-256 of the weights of the undisturbed run. */
  readonly expected: string;
}

export interface CaseEnd extends Conclusion {
  /** From the fault to the next committed step, or to the end where there is none. */
  readonly recoverySeconds?: number;
  /** The time of a step before the fault. */
  readonly medianStepSeconds?: number;
}

export interface ChaosCase {
  readonly name: string;
  /** Whether it belongs to the subset that takes a few minutes. */
  readonly isQuick: boolean;
  /** Why it cannot be done here; undefined where it can. */
  readonly skipReason?: string | undefined;
  /** @throws ChaosFailure where the run does not come to what it must */
  readonly run: (context: CaseContext) => Promise<CaseEnd>;
}
