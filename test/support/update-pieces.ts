/** The step of an optimizer taken piece by piece, as workers do that share its state out. */
import type { UpdateSettings } from '../../lib/base/update-settings.ts';
import type { UpdateVectors } from '../../lib/optim/optimizer.ts';
import type { UpdateKernels } from '../../lib/optim/update-kernels.ts';
import { normOfPieces, normPieces, segmentsWithin } from '../../lib/optim/update-pieces.ts';

/** @param cuts where shares begin and end @returns what the vectors, left as they are, become */
export function stepByPieces(
  kernels: UpdateKernels,
  settings: UpdateSettings,
  vectors: UpdateVectors,
  cuts: readonly number[],
): { norm: number; weights: Float32Array; moments: Float32Array[] } {
  const ranges = cuts.slice(1).map((end, index) => [cuts[index] as number, end] as const);
  const squares = ranges.flatMap(([begin, end]) => {
    const pieces = normPieces(vectors.segments, begin, end).map((value, index) =>
      index % 3 === 2 ? value : value - begin,
    );
    const out = new Float64Array(pieces.length / 3);
    const cut = (values: Float32Array): Float32Array => values.subarray(begin, end);
    kernels.squaredNorms(settings, pieces, cut(vectors.weights), cut(vectors.sum), out);
    return [...out];
  });
  const all = normPieces(vectors.segments, 0, vectors.weights.length);
  const norm = normOfPieces(all, Float64Array.from(squares));
  const clip = kernels.clipOf(settings, norm);
  const weights = vectors.sum.slice();
  const moments = vectors.moments.map((moment) => new Float32Array(moment.length));
  for (const [begin, end] of ranges) {
    kernels.step(settings, clip, {
      ...segmentsWithin(vectors, begin, end),
      weights: vectors.weights.subarray(begin, end),
      moments: vectors.moments.map((moment) => moment.subarray(begin, end)),
      target: weights.subarray(begin, end),
      nextMoments: moments.map((moment) => moment.subarray(begin, end)),
    });
  }
  return { norm, weights, moments };
}
