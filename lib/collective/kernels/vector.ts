/**
 * The operations of the all-reduce on pieces of vectors: add, round to a format, pack into frames,
 * unpack. The JavaScript here is the reference; the addon beside it gives the same bits, several
 * times faster. Pure: no call keeps its arguments or returns memory.
 *
 * Formats are exact: a value that is rounded to a format travels without loss. Every node of the
 * tree is rounded after its float32 addition, on whichever worker, so a sum has the same bytes for
 * any number of workers.
 *
 * Rounding is to nearest, ties to even; values beyond the largest become infinite. NaN becomes the
 * one quiet NaN 0x7fc00000, because processors differ in the NaN that they produce. Bytes are
 * little-endian.
 */
import { assert } from '../../base/errors.ts';

/** float32; bfloat16: 8 bits of exponent, 7 of fraction; float16: IEEE 754 binary16, 5 and 10. */
export const VALUE_FORMATS = ['float32', 'bfloat16', 'float16'] as const;
export type ValueFormat = (typeof VALUE_FORMATS)[number];

/** Checksum and finiteness of a finished piece, from one pass over it. */
export interface Inspection {
  /**
   * A 32-bit checksum. That of a vector is the sum of those of its pieces, modulo 2^32, however it
   * is cut; vectors with different bits have different checksums almost certainly.
   */
  readonly checksum: number;
  /** Whether every value is finite. */
  readonly isFinite: boolean;
}

/** All vectors of a call have the same length. Any of them may be on a SharedArrayBuffer. */
export interface VectorKernels {
  /**
   * target[i] = round(left[i] + right[i]). `target` may be an operand, but must not overlap one
   * otherwise.
   */
  add(target: Float32Array, left: Float32Array, right: Float32Array, format: ValueFormat): void;
  /** target[i] = round(source[i]); `target` may be `source`. */
  round(target: Float32Array, source: Float32Array, format: ValueFormat): void;
  /**
   * Packs values, rounded to the format if they are not yet. NaN in float32 keeps its bits.
   * @param bytes at any alignment, bytesPerValue(format) for each value
   */
  encode(bytes: Uint8Array, values: Float32Array, format: ValueFormat): void;
  /** Unpacks what encode() packed. */
  decode(target: Float32Array, bytes: Uint8Array, format: ValueFormat): void;
  /** target[i] = round(base[i] + decode(bytes)[i]); `target` may be `base`. */
  decodeAdd(target: Float32Array, base: Float32Array, bytes: Uint8Array, format: ValueFormat): void;
  /** @param position of the first value in its vector, which its checksum depends on */
  inspect(values: Float32Array, position: number): Inspection;
}

/** Makes the key of a position in a checksum. */
const CHECKSUM_PRIME = 0x9e3779b1;

export function bytesPerValue(format: ValueFormat): number {
  return format === 'float32' ? 4 : 2;
}

/** The reference, for engines without an addon. @throws InvariantError on lengths that differ */
export const javascriptKernels: VectorKernels = {
  add(target, left, right, format) {
    requireLength(left.length, target.length);
    requireLength(right.length, target.length);
    for (let index = 0; index < target.length; index++) {
      target[index] = (left[index] as number) + (right[index] as number);
    }
    roundBits(bitsOf(target), format);
  },

  round(target, source, format) {
    requireLength(source.length, target.length);
    const bits = bitsOf(target);
    bits.set(bitsOf(source));
    roundBits(bits, format);
  },

  encode(bytes, values, format) {
    requireLength(bytes.length, values.length * bytesPerValue(format));
    if (format === 'float32') {
      bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
      return;
    }
    const pack = format === 'bfloat16' ? packBfloat16 : packFloat16;
    const source = bitsOf(values);
    for (let index = 0; index < source.length; index++) {
      const packed = pack(source[index] as number);
      bytes[2 * index] = packed;
      bytes[2 * index + 1] = packed >>> 8;
    }
  },

  decode(target, bytes, format) {
    requireLength(bytes.length, target.length * bytesPerValue(format));
    if (format === 'float32') {
      new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
      return;
    }
    const unpack = format === 'bfloat16' ? unpackBfloat16 : unpackFloat16;
    const bits = bitsOf(target);
    for (let index = 0; index < bits.length; index++) {
      bits[index] = unpack(packedAt(bytes, index));
    }
  },

  decodeAdd(target, base, bytes, format) {
    requireLength(base.length, target.length);
    requireLength(bytes.length, target.length * bytesPerValue(format));
    if (format === 'float32') addFloat32Bytes(target, base, bytes);
    else addPackedBytes(target, base, bytes, format);
    roundBits(bitsOf(target), format);
  },

  inspect(values, position) {
    const words = bitsOf(values);
    let sum = 0;
    for (let index = 0; index < words.length; index++) {
      const key = Math.imul(position + index, CHECKSUM_PRIME);
      sum = (sum + mixed((words[index] as number) ^ key)) | 0;
    }
    const isFinite = values.every((value) => Number.isFinite(value));
    return { checksum: sum >>> 0, isFinite };
  },
};

/** Each bit of a word changes about half of the bits of the result: the end of MurmurHash3. */
function mixed(word: number): number {
  let bits = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

const QUIET_NAN = 0x7fc00000;
const INFINITY = 0x7f800000;
/** 2^-14, below which binary16 has steps of 2^-24. */
const SMALLEST_NORMAL_HALF = 0x38800000;

/** One value and its bits. */
const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

function addFloat32Bytes(target: Float32Array, base: Float32Array, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < target.length; index++) {
    target[index] = (base[index] as number) + view.getFloat32(4 * index, true);
  }
}

function addPackedBytes(
  target: Float32Array,
  base: Float32Array,
  bytes: Uint8Array,
  format: ValueFormat,
): void {
  const unpack = format === 'bfloat16' ? unpackBfloat16 : unpackFloat16;
  for (let index = 0; index < target.length; index++) {
    scratchBits[0] = unpack(packedAt(bytes, index));
    target[index] = (base[index] as number) + (scratch[0] as number);
  }
}

function packedAt(bytes: Uint8Array, index: number): number {
  return (bytes[2 * index] as number) | ((bytes[2 * index + 1] as number) << 8);
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

function roundBits(bits: Uint32Array, format: ValueFormat): void {
  for (let index = 0; index < bits.length; index++) {
    const value = bits[index] as number;
    if ((value & 0x7fffffff) > INFINITY) bits[index] = QUIET_NAN;
    else if (format === 'bfloat16') bits[index] = packBfloat16(value) << 16;
    else if (format === 'float16') bits[index] = unpackFloat16(packFloat16(value));
  }
}

/** @param bits of a float32 @returns the nearest bfloat16's */
function packBfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > INFINITY) return QUIET_NAN >>> 16;
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

function unpackBfloat16(packed: number): number {
  return packed << 16;
}

/** @param bits of a float32 @returns the nearest binary16's */
function packFloat16(bits: number): number {
  const magnitude = bits & 0x7fffffff;
  const sign = (bits >>> 16) & 0x8000;
  if (magnitude > INFINITY) return 0x7e00;
  if (magnitude < SMALLEST_NORMAL_HALF) {
    scratchBits[0] = magnitude;
    return sign | roundToEven((scratch[0] as number) * 2 ** 24);
  }
  // Ten of the 23 fraction bits are kept. A carry goes into the exponent, whose bias falls by 112.
  const packed = (magnitude - (112 << 23) + 0xfff + ((magnitude >>> 13) & 1)) >>> 13;
  return sign | Math.min(packed, 0x7c00);
}

/** @param packed a binary16's bits @returns the float32's */
function unpackFloat16(packed: number): number {
  const magnitude = packed & 0x7fff;
  const sign = (packed & 0x8000) << 16;
  if (magnitude > 0x7c00) return QUIET_NAN;
  if (magnitude === 0x7c00) return sign | INFINITY;
  if (magnitude >= 0x400) return sign | ((magnitude << 13) + (112 << 23));
  scratch[0] = magnitude * 2 ** -24;
  return sign | (scratchBits[0] as number);
}

function roundToEven(value: number): number {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}

function requireLength(actual: number, expected: number): void {
  assert(actual === expected, `a vector has ${actual} elements or bytes, expected ${expected}`);
}
