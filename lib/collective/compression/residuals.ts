/**
 * What a worker's steps left out: of its own sums, and of the sums of the pieces that it owns (Tang
 * et al. 2019, arXiv:1905.05957). Pure.
 *
 * When the cut of the vector changes, with the members or the compression, what was left out of owned
 * pieces joins what was left out of the worker's own sums: it is then part of what this worker sends,
 * and nothing is lost.
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
  /** Of the worker's own sums; as long as the vector. */
  readonly own: ErrorFeedback;
  /** By offset. */
  #pieces = new Map<number, { readonly piece: Piece; readonly feedback: ErrorFeedback }>();

  constructor(kernels: VectorKernels, elements: number) {
    this.#kernels = kernels;
    this.own = new ErrorFeedback(() => new Float32Array(elements));
  }

  /** Says which pieces this worker owns in the attempt that begins. */
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

  /** Of the sum of a piece that this worker owns. */
  ofPiece(offset: number): ErrorFeedback {
    return defined(this.#pieces.get(offset), `an owned piece at ${offset}`).feedback;
  }

  /** As ErrorFeedback's. */
  commit(): void {
    this.own.commit();
    for (const { feedback } of this.#pieces.values()) feedback.commit();
  }

  clear(): void {
    this.own.clear();
    for (const { feedback } of this.#pieces.values()) feedback.clear();
  }
}
