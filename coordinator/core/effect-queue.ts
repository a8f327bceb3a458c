/**
 * Effects on their way out, in order. What cannot be journaled is not acted upon either: it waits,
 * and all that is behind it, until the journal can be written again. Pure.
 */
import { assert, CrescendoError } from '../../lib/base/errors.ts';
import type { Effect } from './events.ts';

export class EffectQueue {
  readonly #carryOut: (effect: Effect) => void;
  readonly #onStalled: (reason: string) => void;
  #waiting: Effect[] = [];
  #stalledSinceMs: number | undefined;

  /** @param carryOut throws a CrescendoError where a record cannot be journaled */
  constructor(carryOut: (effect: Effect) => void, onStalled: (reason: string) => void) {
    this.#carryOut = carryOut;
    this.#onStalled = onStalled;
  }

  /** Whether effects wait for the journal; none may be given meanwhile. */
  get isStalled(): boolean {
    return this.#stalledSinceMs !== undefined;
  }

  carryOut(effects: readonly Effect[], nowMs: number): void {
    this.#waiting = ordersFirst(effects);
    this.#run(nowMs, true);
  }

  /**
   * Tries again what waits.
   * @returns for how long it has been waiting, in ms; `isStalled` says whether it still does
   */
  retry(nowMs: number): number {
    const sinceMs = this.#stalledSinceMs;
    if (sinceMs === undefined) return 0;
    this.#stalledSinceMs = undefined;
    this.#run(sinceMs, false);
    return nowMs - sinceMs;
  }

  #run(nowMs: number, isNew: boolean): void {
    for (let effect = this.#waiting[0]; effect !== undefined; effect = this.#waiting[0]) {
      try {
        this.#carryOut(effect);
      } catch (error) {
        if (!(error instanceof CrescendoError) || error.code === 'CRESCENDO_INVARIANT') throw error;
        // Else whoever sent what is carried out here would be taken for the cause.
        assert(effect.kind === 'journal', `${effect.kind} has failed: ${error.message}`);
        this.#stalledSinceMs = nowMs;
        if (isNew) this.#onStalled(error.message);
        return;
      }
      this.#waiting.shift();
    }
  }
}

/**
 * A committed step is told of after the orders that directly follow it: workers wait for those,
 * while observers write files.
 */
function ordersFirst(effects: readonly Effect[]): Effect[] {
  const ordered: Effect[] = [];
  let told: Effect[] = [];
  for (const effect of effects) {
    if (effect.kind === 'stepCommitted') {
      told.push(effect);
      continue;
    }
    if (effect.kind !== 'send') {
      ordered.push(...told);
      told = [];
    }
    ordered.push(effect);
  }
  return [...ordered, ...told];
}
