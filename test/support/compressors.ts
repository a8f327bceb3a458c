/** Values and steps for tests of compressions. */
import type { ErrorFeedback, Compressor } from '../../lib/collective/compression/compressor.ts';

/**
 * Values of many magnitudes, as test/parity/make_compressors.py has them too: exact in every step.
 */
export function valuesOf(count: number, stream: number): Float32Array {
  return Float32Array.from({ length: count }, (_, position) => {
    const index = position + stream * 100_003;
    const uniform = (Math.imul(index, 2654435761) >>> 0) / 2 ** 32 - 0.5;
    const exponent = (Math.floor((index * 40503) / 16) % 20) - 10;
    return uniform * 2 ** exponent;
  });
}

/** Codes values with what earlier steps left out. @returns the bytes */
export function encoded(
  compression: Compressor,
  values: Float32Array,
  feedback: ErrorFeedback,
): Uint8Array {
  const bytes = new Uint8Array(compression.encodedBytesMax(values.length));
  const used = compression.encode(bytes, values, feedback.residual, feedback.pending);
  return bytes.subarray(0, used);
}
