/**
 * The interface of lossy methods that compress chunks. Each worker encodes its own vector plus its
 * residual, which is what earlier steps left out (error feedback: Seide et al. 2014; Karimireddy et
 * al. 2019, arXiv:1901.09847). The owner of a chunk adds what it decodes in the order of slots. All
 * members decode the bytes that the owner sends, so all hold the same result.
 *
 * The result depends on the number of workers: the rounding of a sum is not the sum of rounded
 * parts, and each worker has its own residual. Only the exact formats of
 * lib/collective/kernels/vector.ts give the same bytes for any number of workers. Counts, losses
 * and batch-norm statistics travel in an exact format: they are not gradients, and a step would
 * lack what is left out of them. Pure.
 */
import { CrescendoError } from '../../base/errors.ts';
import type { VectorKernels } from '../kernels/vector.ts';
import type { CompressionKernels } from '../kernels/compression.ts';

/** The kernels of all-reduces with lossy compression. */
export interface AllReduceKernels {
  readonly vectors: VectorKernels;
  readonly compressions: CompressionKernels;
}

/** Compresses pieces of a vector, each independently. A compressor keeps nothing of them. */
export interface Compressor {
  readonly name: string;
  /** The most bytes that encode() writes for a piece. */
  encodedBytesMax(elements: number): number;
  /**
   * Encodes values + residual. A value that is not finite decodes to one that is not finite, and
   * adds nothing to the residual.
   * @param bytes at any alignment, with at least encodedBytesMax(values.length) bytes
   * @param residual what earlier steps left out; not changed
   * @param pending receives the residual of the next step, values + residual - decoded; must be
   *   neither `values` nor `residual`
   * @returns the number of bytes written, from the first on
   */
  encode(
    bytes: Uint8Array,
    values: Float32Array,
    residual: Float32Array,
    pending: Float32Array,
  ): number;
  /** @throws CRESCENDO_PROTOCOL_INVALID if the bytes do not encode a piece of this many values */
  check(bytes: Uint8Array, elements: number): void;
  /**
   * target[i] = decoded[i]
   * @throws CRESCENDO_PROTOCOL_INVALID if the bytes do not fit, before anything is written
   */
  decode(target: Float32Array, bytes: Uint8Array): void;
  /** target[i] += decoded[i]; otherwise like decode(). */
  decodeAdd(target: Float32Array, bytes: Uint8Array): void;
}

/**
 * The residual of a vector. An attempt may be repeated with other sums, so its new residual is
 * pending until the step is committed.
 */
export class ErrorFeedback {
  #residual: Float32Array;
  #pending: Float32Array;

  /** @param allocate returns a zeroed vector; called twice */
  constructor(allocate: () => Float32Array) {
    this.#residual = allocate();
    this.#pending = allocate();
  }

  /** What committed steps left out. The vector object changes with each commit. */
  get residual(): Float32Array {
    return this.#residual;
  }

  /** Where encode() writes the residual of the present step. */
  get pending(): Float32Array {
    return this.#pending;
  }

  /**
   * The step is committed and its reduced vector was finite: the pending residual is added in the
   * next step. Each piece of the vector must have been encoded since the last commit.
   */
  commit(): void {
    [this.#residual, this.#pending] = [this.#pending, this.#residual];
  }

  /**
   * Sets the residual to zero, for example when a change of phase gives the vector another meaning.
   */
  clear(): void {
    this.#residual.fill(0);
  }
}

export function invalid(compression: string, what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', `a ${compression} piece ${what}`);
}
