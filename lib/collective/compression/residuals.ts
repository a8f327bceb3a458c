/**
 * The residuals of a worker: of its own vector, and of the sums of the segments that it owns (Tang
 * et al. 2019, arXiv:1905.05957). Pure.
 *
 * When segments change, with the members or the compression, the residual of owned segments is
 * added to the worker's own residual. It is then part of what this worker sends, and nothing is
 * lost.
 */
import { defined } from '../../base/errors.ts';
import { ErrorFeedback } from './compressor.ts';
import type { VectorKernels } from '../kernels/vector.ts';

/** Elements [offset, offset + length) of the vector. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

export class Residuals {
  readonly #kernels: VectorKernels;
  /** Residual of the worker's own vector, as long as the vector. */
  readonly own: ErrorFeedback;
  /** Residuals of owned pieces by offset. */
  #pieces = new Map<number, { readonly piece: Piece; readonly feedback: ErrorFeedback }>();

  constructor(kernels: VectorKernels, elements: number) {
    this.#kernels = kernels;
    this.own = new ErrorFeedback(() => new Float32Array(elements));
  }

  /** Sets the pieces that this worker owns in the attempt that starts. */
  setPieces(pieces: readonly Piece[]): void {
    const isSame =
      pieces.length === this.#pieces.size &&
      pieces.every(({ offset, length }) => this.#pieces.get(offset)?.piece.length === length);
    if (isSame) return;
    for (const { piece, feedback } of this.#pieces.values()) {
      const own = this.own.residual.subarray(piece.offset, piece.offset + piece.length);
      this.#kernels.add(own, own, feedback.residual, 'float32');
    }
    this.#pieces = new Map(
      pieces.map((piece) => {
        const feedback = new ErrorFeedback(() => new Float32Array(piece.length));
        return [piece.offset, { piece, feedback }];
      }),
    );
  }

  /** Residual of the sum of a piece that this worker owns. */
  ofPiece(offset: number): ErrorFeedback {
    return defined(this.#pieces.get(offset), `an owned piece at ${offset}`).feedback;
  }

  /** See ErrorFeedback.commit(). */
  commit(): void {
    this.own.commit();
    for (const { feedback } of this.#pieces.values()) feedback.commit();
  }

  clear(): void {
    this.own.clear();
    for (const { feedback } of this.#pieces.values()) feedback.clear();
  }
}
