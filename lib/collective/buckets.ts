/**
 * Divides the vector of a step into buckets, which leave one after the other as the backward pass
 * finishes their gradients, and buckets into chunks, each owned by one member. Pure.
 */
import { defined } from '../base/errors.ts';
import type { ValueFormat } from './kernels/vector.ts';

/** Elements [begin, end) of the vector; buckets are numbered in the order in which they leave. */
export interface Bucket {
  readonly begin: number;
  readonly end: number;
  /** The format to which each node of the tree is rounded, and in which it travels. */
  readonly format: ValueFormat;
}

export interface Chunk {
  readonly bucket: number;
  readonly offset: number;
  readonly length: number;
  /** Index of the member that sums it. */
  readonly owner: number;
}

/**
 * Most elements of a chunk, which travels as one frame: 1 MiB of float32. A frame costs some 20 us:
 * between two processes, frames of a quarter of that size take 20 % longer, and frames of an eighth
 * 50 %.
 */
export const CHUNK_ELEMENTS_MAX = 256 * 1024;

/** Chunks begin on multiples of this many elements (64 bytes), or where their bucket begins. */
const ALIGNMENT_ELEMENTS = 16;

export const BUCKET_BYTES = {
  /** Small, so that the first frames leave early. */
  first: 512 * 1024,
  others: 4 * 1024 * 1024,
} as const;

export interface VectorShape {
  /** Where each tensor of the gradient begins, ascending from 0. */
  readonly tensorBegins: readonly number[];
  readonly gradientElements: number;
  /** The gradient, then statistics and tail, which are not rounded. */
  readonly totalElements: number;
}

/**
 * Whole tensors from the last to the first, in the order in which the backward pass finishes them,
 * at least BUCKET_BYTES each. The last bucket is what follows the gradient; it is always float32.
 */
export function planBuckets(shape: VectorShape, format: ValueFormat): Bucket[] {
  const buckets: Bucket[] = [];
  let end = shape.gradientElements;
  for (const begin of [...shape.tensorBegins].reverse()) {
    const least = buckets.length === 0 ? BUCKET_BYTES.first : BUCKET_BYTES.others;
    if ((end - begin) * 4 < least && begin > 0) continue;
    if (end > begin) buckets.push({ begin, end, format });
    end = begin;
  }
  if (shape.totalElements > shape.gradientElements) {
    const begin = shape.gradientElements;
    buckets.push({ begin, end: shape.totalElements, format: 'float32' });
  }
  return buckets;
}

/** The format of a chunk's values. */
export function formatOf(buckets: readonly Bucket[], { bucket }: Chunk): ValueFormat {
  return defined(buckets[bucket], 'bucket').format;
}

/**
 * Cuts each bucket into nearly equal segments, one per member, and those into chunks. Chunks with
 * the same index in their segments follow each other, so that all owners have work from the start.
 * @param alignmentElements all segments but a bucket's first begin on multiples of it; it divides
 *   CHUNK_ELEMENTS_MAX
 */
export function cutChunks(
  buckets: readonly Bucket[],
  memberCount: number,
  alignmentElements = ALIGNMENT_ELEMENTS,
): Chunk[] {
  const chunks: Chunk[] = [];
  for (const [bucket, { begin, end }] of buckets.entries()) {
    const origin = begin - (begin % alignmentElements);
    const unit = Math.ceil((end - origin) / memberCount / alignmentElements) * alignmentElements;
    for (let place = 0; place < unit; place += CHUNK_ELEMENTS_MAX) {
      for (let owner = 0; owner < memberCount; owner++) {
        const segment = origin + owner * unit;
        const offset = Math.max(begin, segment + place);
        const chunkEnd = segment + Math.min(unit, place + CHUNK_ELEMENTS_MAX);
        const length = Math.min(end, chunkEnd) - offset;
        if (length > 0) chunks.push({ bucket, offset, length, owner });
      }
    }
  }
  return chunks;
}
