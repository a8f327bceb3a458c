/**
 * Dynamic loss scaling for float16, whose smallest numbers would swallow small gradients, in
 * products or on the way between workers: the loss is multiplied before the backward pass and the
 * sum divided after it (Micikevicius et al., "Mixed Precision Training", 2018, section 3.2). Powers
 * of two only, so that float32 values keep their bits. It follows from the committed sums alone,
 * hence is the same on all workers.
 */
import type { RunConfig } from '../run/run-config.ts';

const INITIAL = 2 ** 15;
/**
 * Where sums travel as float16, of the mean loss: gradients of the mean from 1e-10 to 64 fit then.
 * The loss is a sum over the batch, so its scale is as much smaller.
 */
const INITIAL_OF_MEAN = 2 ** 10;
const MIN = 2 ** -14;
const MAX = 2 ** 24;
/** Finite steps in a row before it doubles. */
const GROWTH_STEPS = 2000;

type Settings = Pick<RunConfig, 'engine' | 'communication' | 'batch'>;

/** Length of a loss scale's state: the scale and its finite steps in a row, or nothing. */
export function lossScaleElements({ engine, communication }: Settings): number {
  const isDynamic = communication.compression === 'float16' || engine.precision === 'float16';
  return isDynamic ? 2 : 0;
}

export class LossScale {
  readonly #state: Float32Array;

  /**
   * Without float16 it stays one and has no state.
   * @param state lossScaleElements() values, in which the scale is kept; set to the initial scale
   */
  constructor(run: Settings, state: Float32Array) {
    this.#state = state;
    if (state.length === 0) return;
    const samples = 2 ** Math.ceil(Math.log2(run.batch.globalSize));
    const travels = run.communication.compression === 'float16';
    state.set([travels ? INITIAL_OF_MEAN / samples : INITIAL, 0]);
  }

  get isDynamic(): boolean {
    return this.#state.length > 0;
  }

  get value(): number {
    return this.#state[0] ?? 1;
  }

  /** After each committed step: halves when its sum was not finite, doubles after long peace. */
  advance(isFinite: boolean): void {
    if (!this.isDynamic) return;
    let [value, finiteSteps] = this.#state as unknown as [number, number];
    finiteSteps = isFinite ? finiteSteps + 1 : 0;
    if (!isFinite) value = Math.max(MIN, value / 2);
    if (finiteSteps >= GROWTH_STEPS) {
      value = Math.min(MAX, value * 2);
      finiteSteps = 0;
    }
    this.#state.set([value, finiteSteps]);
  }
}
