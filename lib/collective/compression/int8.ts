/**
 * Blocks of 256 values that share a scale: 260 bytes for 1,024. Pure.
 *
 * Layout, little-endian, blocks one after another, the last with as many values as are left:
 *
 *   scale   float32   the block's largest magnitude / 127; 0 where that is below 2^-100
 *   codes   int8 each value / scale, rounded to the nearest, ties to even; from -127 to 127
 *
 * A value decodes to code * scale, so its error is at most scale / 2 (and rounding of float32). A
 * block with a value that is not finite has the scale NaN and codes 0.
 *
 * Rounding is deterministic where other compressions draw (QSGD, Alistarh et al. 2017): what it leaves out
 * is not lost but comes with the next step, and repeated rounds give the same bytes.
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

/** Any scale and any code is a value, so the length is all that can be wrong. */
function requireBytes(bytes: Uint8Array, elements: number): void {
  const expected = int8Bytes(elements);
  if (bytes.length === expected) return;
  throw invalid('int8', `of ${elements} values has ${bytes.length} bytes, expected ${expected}`);
}
