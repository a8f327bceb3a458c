/** Counts in float32 values, which are exact for whole numbers below 2^24 only: in two parts. */

const BASE = 2 ** 20;

export const COUNT_ELEMENTS = 2;

export class UpdateCount {
  readonly #parts: Float32Array;

  /** @param parts COUNT_ELEMENTS values, in which the count is kept: zeros for none */
  constructor(parts: Float32Array) {
    this.#parts = parts;
  }

  /** Below 2^44. */
  get value(): number {
    const [low, high] = this.#parts as unknown as [number, number];
    return high * BASE + low;
  }

  increment(): void {
    const next = this.value + 1;
    this.#parts.set([next % BASE, Math.floor(next / BASE)]);
  }
}
