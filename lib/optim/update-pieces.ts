/**
 * Over what the squares of a gradient are summed: pieces, each what one parameter has of an aligned
 * block, then the pieces of a chunk, then chunks. So the norm has the same bits whoever computes
 * which piece. Numbers are those of lib/optim/native/update_rules.h. Pure.
 */

/** A share of the vector may begin on multiples of so many elements, or where a parameter does. */
export const NORM_BLOCK_ELEMENTS = 1024;

const NORM_CHUNK_ELEMENTS = 65_536;

/**
 * @param segments triples (begin, end, isDecayed), as in UpdateVectors, ascending
 * @returns triples of the pieces in [begin, end), which cuts no piece in two; ascending
 */
export function normPieces(segments: Int32Array, begin: number, end: number): Int32Array {
  const pieces: number[] = [];
  for (let at = 0; at < segments.length; at += 3) {
    const [first, last, isDecayed] = segments.subarray(at, at + 3) as unknown as Triple;
    const stop = Math.min(end, last);
    let from = Math.max(begin, first);
    while (from < stop) {
      const next = from - (from % NORM_BLOCK_ELEMENTS) + NORM_BLOCK_ELEMENTS;
      pieces.push(from, Math.min(stop, next), isDecayed);
      from = next;
    }
  }
  return Int32Array.from(pieces);
}

/** @param squares of all pieces of the vector, in their order */
export function normOfPieces(pieces: Int32Array, squares: Float64Array): number {
  let sum = 0;
  let chunkSum = 0;
  let chunk = 0;
  for (const [index, square] of squares.entries()) {
    const chunkOfPiece = Math.floor((pieces[3 * index] as number) / NORM_CHUNK_ELEMENTS);
    if (chunkOfPiece !== chunk) {
      sum += chunkSum;
      chunkSum = 0;
      chunk = chunkOfPiece;
    }
    chunkSum += square;
  }
  return Math.sqrt(sum + chunkSum);
}

/** What segments have in [begin, end), with indices from `begin` on, and their rates. */
export function segmentsWithin(
  { segments, rates }: { readonly segments: Int32Array; readonly rates: Float32Array },
  begin: number,
  end: number,
): { segments: Int32Array; rates: Float32Array } {
  const kept: number[] = [];
  const keptRates: number[] = [];
  for (const [index, rate] of rates.entries()) {
    const at = 3 * index;
    const [first, last, isDecayed] = segments.subarray(at, at + 3) as unknown as Triple;
    if (last <= begin || first >= end) continue;
    kept.push(Math.max(first, begin) - begin, Math.min(last, end) - begin, isDecayed);
    keptRates.push(rate);
  }
  return { segments: Int32Array.from(kept), rates: Float32Array.from(keptRates) };
}

type Triple = [begin: number, end: number, isDecayed: number];
