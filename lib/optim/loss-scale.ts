/**
 * Dynamic loss scaling for float16, whose smallest numbers would swallow small gradients, in products
 * or on the way between workers: the loss
 * is multiplied before the backward pass and the sum divided after it (Micikevicius et al., "Mixed
 * Precision Training", 2018, section 3.2). Powers of two only, so that float32 values keep their
 * bits. It follows from the committed sums alone, hence is the same on all workers.
 */
import type { RunConfig } from '../run/run-config.ts';

const INITIAL = 2 ** 15;
/**
 * Where sums travel as float16, of the mean loss: gradients of the mean from 1e-10 to 64 fit then. The
 * loss is a sum over the batch, so its scale is as much smaller.
 */
const INITIAL_OF_MEAN = 2 ** 10;
const MIN = 2 ** -14;
const MAX = 2 ** 24;
/** Finite steps in a row before it doubles. */
const GROWTH_STEPS = 2000;

export class LossScale {
  readonly #isDynamic: boolean;
  #value: number;
  #finiteSteps = 0;

  /** Without float16 it stays one and has no state. */
  constructor(run: Pick<RunConfig, 'engine' | 'communication' | 'batch'>) {
    const travels = run.communication.compression === 'float16';
    this.#isDynamic = travels || run.engine.precision === 'float16';
    const samples = 2 ** Math.ceil(Math.log2(run.batch.globalSize));
    const initial = travels ? INITIAL_OF_MEAN / samples : INITIAL;
    this.#value = this.#isDynamic ? initial : 1;
  }

  get isDynamic(): boolean {
    return this.#isDynamic;
  }

  get value(): number {
    return this.#value;
  }

  /** After each committed step: halves when its sum was not finite, doubles after long peace. */
  advance(isFinite: boolean): void {
    if (!this.#isDynamic) return;
    this.#finiteSteps = isFinite ? this.#finiteSteps + 1 : 0;
    if (!isFinite) this.#value = Math.max(MIN, this.#value / 2);
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
