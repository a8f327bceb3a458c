/**
 * int8: blocks of 256 values that share a scale, 260 bytes instead of 1,024. Pure.
 *
 * Layout, little-endian, one block after another, the last with the remaining values:
 *
 *   scale   float32   the block's largest magnitude / 127; 0 if that is below 2^-100
 *   codes   int8 each value / scale, rounded to the nearest, ties to even; from -127 to 127
 *
 * A value decodes to code * scale, so its error is at most scale / 2 (and float32 rounding). A
 * block with a value that is not finite has the scale NaN and codes 0.
 *
 * Rounding is deterministic, where QSGD (Alistarh et al. 2017) draws at random: error feedback adds
 * what is left out in the next step, and a repeated attempt gives the same bytes.
 */
import { int8Bytes, type CompressionKernels } from '../kernels/compression.ts';
import { invalid, type Compressor } from './compressor.ts';

export function int8Compressor(kernels: CompressionKernels): Compressor {
  return {
    name: 'int8',
    encodedBytesMax: int8Bytes,
    encode(bytes, values, residual, pending) {
      const length = int8Bytes(values.length);
      kernels.encodeInt8(bytes.subarray(0, length), values, residual, pending);
      return length;
    },
    check: requireBytes,
    decode(target, bytes) {
      requireBytes(bytes, target.length);
      kernels.decodeInt8(target, bytes);
    },
    decodeAdd(target, bytes) {
      requireBytes(bytes, target.length);
      kernels.decodeAddInt8(target, target, bytes);
    },
  };
}

/** Every scale and every code is valid, so only the length can be wrong. */
function requireBytes(bytes: Uint8Array, elements: number): void {
  const expected = int8Bytes(elements);
  if (bytes.length === expected) return;
  throw invalid('int8', `of ${elements} values has ${bytes.length} bytes, expected ${expected}`);
}
