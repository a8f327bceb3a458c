/**
 * Dynamic loss scaling for float16, whose smallest numbers would swallow small gradients: the loss
 * is multiplied before the backward pass and the sum divided after it (Micikevicius et al., "Mixed
 * Precision Training", 2018, section 3.2). Powers of two only, so that float32 values keep their
 * bits. It follows from the committed sums alone, hence is the same on all workers.
 */

const INITIAL = 2 ** 15;
const MAX = 2 ** 24;
/** Finite steps in a row before it doubles. */
const GROWTH_STEPS = 2000;

export class LossScale {
  readonly #isDynamic: boolean;
  #value: number;
  #finiteSteps = 0;

  /** @param isDynamic false: it stays one and has no state */
  constructor(isDynamic: boolean) {
    this.#isDynamic = isDynamic;
    this.#value = isDynamic ? INITIAL : 1;
  }

  get value(): number {
    return this.#value;
  }

  /** After each committed step: halves when its sum was not finite, doubles after long peace. */
  advance(isFinite: boolean): void {
    if (!this.#isDynamic) return;
    this.#finiteSteps = isFinite ? this.#finiteSteps + 1 : 0;
    if (!isFinite) this.#value = Math.max(1, this.#value / 2);
    if (this.#finiteSteps < GROWTH_STEPS) return;
    this.#value = Math.min(MAX, this.#value * 2);
    this.#finiteSteps = 0;
  }

  /** For a joiner; empty when it is not dynamic. */
  export(): Float32Array {
    return Float32Array.from(this.#isDynamic ? [this.#value, this.#finiteSteps] : []);
  }

  import(state: Float32Array): void {
    if (!this.#isDynamic) return;
    [this.#value, this.#finiteSteps] = state as unknown as [number, number];
  }
}
