/**
 * What the lossy compression of gradients share. Each worker codes its own sum plus what earlier steps
 * left out of it (error feedback: Seide et al. 2014; Karimireddy et al. 2019, arXiv:1901.09847), the
 * owner of a piece adds what it decodes in the order of slots, and everybody decodes the bytes that
 * the owner sends, so all hold the same sum.
 *
 * That sum depends on how many workers there are: rounding a sum is not the sum of rounded parts, and
 * each worker has a residual of its own. Only the exact formats of lib/collective/kernels/vector.ts give the
 * same bytes for any number of workers. Counts, losses and batch-norm statistics, which are part of
 * the all-reduced vector, are not gradients: what is left out of them would be missing from the step,
 * so they travel in an exact format. Pure.
 */
import { CrescendoError } from '../../base/errors.ts';
import type { VectorKernels } from '../kernels/vector.ts';
import type { CompressionKernels } from '../kernels/compression.ts';

/** What all-reduces with lossy compression compute with. */
export interface AllReduceKernels {
  readonly vectors: VectorKernels;
  readonly compressions: CompressionKernels;
}

/** A compression of pieces of a vector, each of which is coded by itself. It keeps nothing of them. */
export interface Compressor {
  readonly name: string;
  /** Most bytes that encode() writes for a piece. */
  encodedBytesMax(elements: number): number;
  /**
   * Codes values + residual. A value that is not finite is decoded as one that is not finite, and
   * leaves nothing in the residual.
   * @param bytes at any alignment, encodedBytesMax(values.length) at least
   * @param residual what earlier steps left out; not changed
   * @param pending receives the residual of the next step, values + residual - decoded; neither
   *   `values` nor `residual`
   * @returns how many bytes were written, from the first on
   */
  encode(
    bytes: Uint8Array,
    values: Float32Array,
    residual: Float32Array,
    pending: Float32Array,
  ): number;
  /** @throws CRESCENDO_PROTOCOL_INVALID when the bytes are no piece of so many values */
  check(bytes: Uint8Array, elements: number): void;
  /**
   * target[i] = decoded[i]
   * @throws CRESCENDO_PROTOCOL_INVALID, before anything is written, when the bytes do not fit
   */
  decode(target: Float32Array, bytes: Uint8Array): void;
  /** target[i] += decoded[i]; otherwise as decode(). */
  decodeAdd(target: Float32Array, bytes: Uint8Array): void;
}

/**
 * The residual of a vector. A attempt may be repeated, with other sums, so what it leaves out is
 * pending until the step is committed.
 */
export class ErrorFeedback {
  #residual: Float32Array;
  #pending: Float32Array;

  /** @param allocate makes a zeroed vector; called twice */
  constructor(allocate: () => Float32Array) {
    this.#residual = allocate();
    this.#pending = allocate();
  }

  /** What committed steps left out. Another vector after each commit. */
  get residual(): Float32Array {
    return this.#residual;
  }

  /** Where encode() leaves what the step at hand leaves out. */
  get pending(): Float32Array {
    return this.#pending;
  }

  /**
   * The step is committed, and its sum was finite: what it left out joins the next one. Each piece
   * of the vector was coded since the last commit.
   */
  commit(): void {
    [this.#residual, this.#pending] = [this.#pending, this.#residual];
  }

  /** Forgets what was left out, such as when a change of phase gives the vector another meaning. */
  clear(): void {
    this.#residual.fill(0);
  }
}

export function invalid(compression: string, what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', `a ${compression} piece ${what}`);
}
