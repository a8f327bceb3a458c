/** The evaluations that a run made: which is the best, and since when none was a gain. Pure. */
import type { RunPlan } from '../../lib/run/plan.ts';
import type { BestEvaluation, EvaluationResult } from './events.ts';

/** Rules by which evaluations are compared. */
export type EvaluationRules = Pick<RunPlan, 'keepBest' | 'evaluation'>;

export class EvaluationHistory {
  readonly #rules: EvaluationRules;
  #results: readonly EvaluationResult[] = [];
  #best: BestEvaluation | undefined;
  /** The value of the last gain. */
  #gained: number | undefined;
  #withoutGain = 0;

  /** @param results of evaluations that were made before, oldest first */
  constructor(rules: EvaluationRules, results: readonly EvaluationResult[]) {
    this.#rules = rules;
    for (const result of results) this.add(result);
  }

  /** By `checkpoint.keepBest`; undefined where nothing can be compared. */
  get best(): BestEvaluation | undefined {
    return this.#best;
  }

  /** How many evaluations in a row were no gain. */
  get withoutGain(): number {
    return this.#withoutGain;
  }

  /** Whether training ends for want of a gain (evaluation.stopAfterWithoutGain). */
  get isWithoutGain(): boolean {
    const { stopAfterWithoutGain } = this.#rules.evaluation;
    return stopAfterWithoutGain > 0 && this.#withoutGain >= stopAfterWithoutGain;
  }

  /** The newest evaluation of the state after so many steps. */
  at(steps: number): EvaluationResult | undefined {
    return this.#results.findLast((result) => result.steps === steps);
  }

  add(result: EvaluationResult): void {
    this.#results = [...this.#results, result];
    const value = this.#valueOf(result);
    // A value that is not finite is neither best nor a gain.
    if (this.#isBetter(value, this.#best?.value, 0)) this.#best = { steps: result.steps, value };
    // The one at the end has another image size, and nothing is left to stop.
    if (result.isFinal) return;
    const isGain = this.#isBetter(value, this.#gained, this.#rules.evaluation.gainMin);
    if (isGain) this.#gained = value;
    this.#withoutGain = isGain ? 0 : this.#withoutGain + 1;
  }

  /** Forgets those that were made of later states. */
  rewindTo(steps: number): void {
    const kept = this.#results.filter((result) => result.steps <= steps);
    this.#results = [];
    this.#best = undefined;
    this.#gained = undefined;
    this.#withoutGain = 0;
    for (const result of kept) this.add(result);
  }

  #valueOf(result: EvaluationResult): number {
    const { keepBest } = this.#rules;
    return keepBest === 'none' ? Number.NaN : result[keepBest];
  }

  #isBetter(value: number, than: number | undefined, byAtLeast: number): boolean {
    if (!Number.isFinite(value)) return false;
    if (than === undefined) return true;
    const gain = this.#rules.keepBest === 'loss' ? than - value : value - than;
    return gain > 0 && gain >= byAtLeast;
  }
}
