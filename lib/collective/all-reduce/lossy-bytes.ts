/** Counts the bytes of an all-reduce with lossy compression before it runs. Pure. */
import type { Compressor } from '../compression/compressor.ts';
import { int8Compressor } from '../compression/int8.ts';
import { PowerSgd, type ParameterPlace } from '../compression/power-sgd.ts';
import { topKCompressor } from '../compression/top-k.ts';
import { CHUNK_ELEMENTS_MAX, type Bucket } from '../buckets.ts';
import { javascriptCompressionKernels } from '../kernels/compression.ts';
import { javascriptKernels } from '../kernels/vector.ts';
import { allReduceBytes, type PlannedBytes } from './planned-bytes.ts';
import { packedBuckets } from './power-sgd.ts';

/** The vector whose gradients are compressed, and how. */
export interface LossyShape {
  readonly buckets: readonly Bucket[];
  readonly parameters: readonly ParameterPlace[];
  readonly gradientElements: number;
  /** The fraction of a chunk's values that top-k sends, in (0, 1]. */
  readonly topKFraction: number;
  readonly powerSgdRank: number;
}

const KERNELS = { vectors: javascriptKernels, compressions: javascriptCompressionKernels };

/**
 * Bytes by name of the compression. Each worker is a leaf of the tree, and chunks have their full
 * length.
 */
const LOSSY_BYTES = {
  int8: (shape, workers) => pieceBytes(int8Compressor(KERNELS.compressions), shape, workers),
  'top-k': (shape, workers) => {
    const settings = { fraction: shape.topKFraction, elementsMax: CHUNK_ELEMENTS_MAX };
    return pieceBytes(topKCompressor(KERNELS, settings), shape, workers);
  },
  'power-sgd': ({ buckets, parameters, powerSgdRank }, workers) => {
    const powerSgd = new PowerSgd(KERNELS, {
      rank: powerSgdRank,
      seed: 0,
      elements: Math.max(...buckets.map(({ end }) => end)),
      parameters,
    });
    return allReduceBytes(packedBuckets(powerSgd), workers, workers);
  },
} satisfies Readonly<Record<string, (shape: LossyShape, workers: number) => PlannedBytes>>;

/** Payload of the busiest worker in a step. */
export function lossyBytes(
  compression: keyof typeof LOSSY_BYTES,
  shape: LossyShape,
  workers: number,
): PlannedBytes {
  return LOSSY_BYTES[compression](shape, workers);
}

/**
 * Additional bytes that a worker sends, or receives, in a step with a guard (lossy.ts): those of
 * the largest bucket as float32.
 */
export function guardBytes({ buckets, gradientElements }: LossyShape, workers: number): number {
  const guarded = buckets.filter(({ end }) => end <= gradientElements);
  const bytes = guarded.map(({ begin, end }) => {
    const exact: Bucket = { begin: 0, end: end - begin, format: 'float32' };
    const { sentBytesPerStep, receivedBytesPerStep } = allReduceBytes([exact], workers, workers);
    return Math.max(sentBytesPerStep, receivedBytesPerStep);
  });
  return Math.max(0, ...bytes);
}

function pieceBytes(
  compressor: Compressor,
  { buckets, gradientElements }: LossyShape,
  workers: number,
): PlannedBytes {
  return allReduceBytes(buckets, workers, workers, {
    bytesOf: ({ offset, length }) =>
      offset < gradientElements ? compressor.encodedBytesMax(length) : length * 4,
  });
}
