/** The files with the final weights, which are written from the last checkpoint. Pure. */
import { endOfFailing } from './ending.ts';
import type { BestEvaluation, Effect, ExportEnded, RunOutcome, WriteFailure } from './events.ts';
import type { CoreOptions } from './options.ts';

/** Before files that could not be written are tried again. */
const RETRY_MS = 5_000;

/** What follows: something to do, or the end of the run. */
export type AfterExport = Effect | RunOutcome | undefined;

/** What is trained when the run ends. */
interface Trained {
  readonly committedSteps: number;
  readonly best: BestEvaluation | undefined;
}

export class WeightsExport {
  readonly #outcome: RunOutcome;
  readonly #committedSteps: number;
  readonly #best: number | undefined;
  readonly #sinceMs: number;
  #failure: (WriteFailure & { readonly atMs: number }) | undefined;

  /** @param outcome of the run once they are on disk */
  constructor(outcome: RunOutcome, { committedSteps, best }: Trained, nowMs: number) {
    this.#outcome = outcome;
    this.#committedSteps = committedSteps;
    this.#best = best?.steps;
    this.#sinceMs = nowMs;
  }

  get effect(): Effect {
    const { weightsSha256 } = this.#outcome;
    const committedSteps = this.#committedSteps;
    return { kind: 'exportWeights', committedSteps, weightsSha256, best: this.#best };
  }

  onEnded(event: ExportEnded, nowMs: number): AfterExport {
    if (event.kind === 'weightsExported') return this.#outcome;
    this.#failure = { ...event.failure, atMs: nowMs };
    return { kind: 'notice', text: `the weights files were not written: ${event.failure.reason}` };
  }

  onTick(nowMs: number, options: CoreOptions): AfterExport {
    if (this.#failure === undefined || nowMs - this.#failure.atMs < RETRY_MS) return undefined;
    const end = endOfFailing({ ...this.#failure, forMs: nowMs - this.#sinceMs }, options);
    this.#failure = undefined;
    return end ?? this.effect;
  }
}
