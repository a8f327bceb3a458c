/** The files with the final weights, which are written from the last checkpoint. Pure. */
import { endOfFailing } from './ending.ts';
import type { Effect, ExportEnded, RunOutcome } from './events.ts';
import type { CoreOptions } from './options.ts';

/** Before files that could not be written are tried again. */
const RETRY_MS = 5_000;

/** What follows: something to do, or the end of the run. */
export type AfterExport = Effect | RunOutcome | undefined;

export class WeightsExport {
  readonly #outcome: RunOutcome;
  readonly #committedSteps: number;
  readonly #sinceMs: number;
  #failure: { readonly reason: string; readonly atMs: number } | undefined;

  /** @param outcome of the run once they are on disk */
  constructor(outcome: RunOutcome, committedSteps: number, nowMs: number) {
    this.#outcome = outcome;
    this.#committedSteps = committedSteps;
    this.#sinceMs = nowMs;
  }

  get effect(): Effect {
    const { weightsSha256 } = this.#outcome;
    return { kind: 'exportWeights', committedSteps: this.#committedSteps, weightsSha256 };
  }

  onEnded(event: ExportEnded, nowMs: number): AfterExport {
    if (event.kind === 'weightsExported') return this.#outcome;
    this.#failure = { reason: event.reason, atMs: nowMs };
    return { kind: 'notice', text: `the weights files were not written: ${event.reason}` };
  }

  onTick(nowMs: number, options: CoreOptions): AfterExport {
    if (this.#failure === undefined || nowMs - this.#failure.atMs < RETRY_MS) return undefined;
    const end = endOfFailing(nowMs - this.#sinceMs, this.#failure.reason, options);
    this.#failure = undefined;
    return end ?? this.effect;
  }
}
