/**
 * The loops of lossy compression. The JavaScript here is the reference; the addon beside it gives
 * the same bits. All arithmetic is float32 in a fixed order, so every worker decodes the same bytes
 * to the same bits. Pure: no call keeps its arguments or returns memory.
 */
import { assert } from '../../base/errors.ts';

/** Values that share a scale. */
const INT8_BLOCK_VALUES = 256;
/** Bytes of a full block: its scale, and a byte for each value. */
const INT8_BLOCK_BYTES = 4 + INT8_BLOCK_VALUES;

/** A row-major matrix: rows * columns values. */
export interface MatrixSize {
  readonly rows: number;
  readonly columns: number;
}

export interface CompressionKernels {
  /**
   * Encodes values + residual in blocks, laid out as lib/collective/compression/int8.ts says.
   * @param pending receives what the bytes leave out; must be neither `values` nor `residual`
   */
  encodeInt8(
    bytes: Uint8Array,
    values: Float32Array,
    residual: Float32Array,
    pending: Float32Array,
  ): void;
  /** target[i] = decoded[i] */
  decodeInt8(target: Float32Array, bytes: Uint8Array): void;
  /** target[i] = base[i] + decoded[i]; `target` may be `base`. */
  decodeAddInt8(target: Float32Array, base: Float32Array, bytes: Uint8Array): void;
  /**
   * Finds the values of largest magnitude, as many as `indices` has elements, without zeros, and
   * writes their indices in ascending order. Of equal magnitudes those of lower index are taken.
   * NaN and infinities count as the largest.
   * @returns how many there are
   */
  selectLargest(indices: Uint32Array, values: Float32Array): number;
  /** left = matrix * right; factors are stored one column after another, `rank` of them. */
  multiply(
    left: Float32Array,
    matrix: Float32Array,
    right: Float32Array,
    size: MatrixSize,
    rank: number,
  ): void;
  /** right = transpose(matrix) * left */
  multiplyTransposed(
    right: Float32Array,
    matrix: Float32Array,
    left: Float32Array,
    size: MatrixSize,
    rank: number,
  ): void;
  /** matrix = left * transpose(right) */
  product(
    matrix: Float32Array,
    left: Float32Array,
    right: Float32Array,
    size: MatrixSize,
    rank: number,
  ): void;
  /** matrix -= left * transpose(right) */
  subtractProduct(
    matrix: Float32Array,
    left: Float32Array,
    right: Float32Array,
    size: MatrixSize,
    rank: number,
  ): void;
}

const INFINITY_BITS = 0x7f800000;
/**
 * 2^-100. A block with only smaller magnitudes is left to the residual, so that no scale is
 * subnormal.
 */
const SMALLEST_SCALED_BITS = 0x0d800000;
/** 1.5 * 2^23: adding it rounds to an integer, ties to even. */
const ROUND = 12582912;
/** Number of lanes in which dot products are summed; the lanes are then added in order. */
const LANES = 16;
const lanes = new Float32Array(LANES);
/** Magnitudes are sorted by their upper 12, next 12 and last 7 bits. */
const histogram = new Uint32Array(4096);

/** The reference, for engines without an addon. @throws InvariantError on lengths that differ */
export const javascriptCompressionKernels: CompressionKernels = {
  encodeInt8(bytes, values, residual, pending) {
    requireLength(bytes.length, int8Bytes(values.length));
    requireLength(residual.length, values.length);
    requireLength(pending.length, values.length);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const bits = new Uint32Array(pending.buffer, pending.byteOffset, pending.length);
    for (let block = 0; block * INT8_BLOCK_VALUES < values.length; block++) {
      const begin = block * INT8_BLOCK_VALUES;
      const end = Math.min(begin + INT8_BLOCK_VALUES, values.length);
      let largestBits = 0;
      for (let index = begin; index < end; index++) {
        pending[index] = (values[index] as number) + (residual[index] as number);
        largestBits = Math.max(largestBits, (bits[index] as number) & 0x7fffffff);
      }
      const offset = block * INT8_BLOCK_BYTES;
      const codes = bytes.subarray(offset + 4, offset + 4 + end - begin);
      if (largestBits >= INFINITY_BITS) {
        view.setUint32(offset, 0x7fc00000, true);
        codes.fill(0);
        pending.set(residual.subarray(begin, end), begin);
      } else if (largestBits < SMALLEST_SCALED_BITS) {
        view.setUint32(offset, 0, true);
        codes.fill(0);
      } else {
        const scale = Math.fround(magnitudeOf(largestBits) / 127);
        view.setFloat32(offset, scale, true);
        quantize(codes, pending.subarray(begin, end), scale);
      }
    }
  },

  decodeInt8(target, bytes) {
    requireLength(bytes.length, int8Bytes(target.length));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let index = 0; index < target.length; index++) target[index] = int8At(view, index);
  },

  decodeAddInt8(target, base, bytes) {
    requireLength(base.length, target.length);
    requireLength(bytes.length, int8Bytes(target.length));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let index = 0; index < target.length; index++) {
      target[index] = (base[index] as number) + int8At(view, index);
    }
  },

  selectLargest(indices, values) {
    if (indices.length === 0) return 0;
    const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
    const { threshold, ties } = thresholdOf(bits, indices.length);
    let [count, tiesLeft] = [0, ties];
    for (let index = 0; index < bits.length; index++) {
      const magnitude = (bits[index] as number) & 0x7fffffff;
      if (magnitude < threshold || magnitude === 0) continue;
      if (magnitude === threshold && tiesLeft-- <= 0) continue;
      indices[count++] = index;
    }
    return count;
  },

  multiply(left, matrix, right, { rows, columns }, rank) {
    requireFactors(left, matrix, right, { rows, columns }, rank);
    for (let row = 0; row < rows; row++) {
      for (let factor = 0; factor < rank; factor++) {
        lanes.fill(0);
        for (let column = 0; column < columns; column++) {
          const value = matrix[row * columns + column] as number;
          const product = Math.fround(value * (right[factor * columns + column] as number));
          lanes[column % LANES] = (lanes[column % LANES] as number) + product;
        }
        let total = 0;
        for (const lane of lanes) total = Math.fround(total + lane);
        left[factor * rows + row] = total;
      }
    }
  },

  multiplyTransposed(right, matrix, left, { rows, columns }, rank) {
    requireFactors(left, matrix, right, { rows, columns }, rank);
    right.fill(0);
    for (let row = 0; row < rows; row++) {
      for (let factor = 0; factor < rank; factor++) {
        const weight = left[factor * rows + row] as number;
        for (let column = 0; column < columns; column++) {
          const at = factor * columns + column;
          const product = Math.fround((matrix[row * columns + column] as number) * weight);
          right[at] = (right[at] as number) + product;
        }
      }
    }
  },

  product(matrix, left, right, size, rank) {
    requireFactors(left, matrix, right, size, rank);
    for (let index = 0; index < matrix.length; index++) {
      matrix[index] = productAt(left, right, size, rank, index);
    }
  },

  subtractProduct(matrix, left, right, size, rank) {
    requireFactors(left, matrix, right, size, rank);
    for (let index = 0; index < matrix.length; index++) {
      matrix[index] = (matrix[index] as number) - productAt(left, right, size, rank, index);
    }
  },
};

/** The encoded bytes of `elements` values. */
export function int8Bytes(elements: number): number {
  return elements + 4 * Math.ceil(elements / INT8_BLOCK_VALUES);
}

const oneValue = new Float32Array(1);
const oneValueBits = new Uint32Array(oneValue.buffer);

function magnitudeOf(bits: number): number {
  oneValueBits[0] = bits;
  return oneValue[0] as number;
}

/** Encodes a block; `pending` receives what the codes leave out. */
function quantize(codes: Uint8Array, pending: Float32Array, scale: number): void {
  const inverse = Math.fround(1 / scale);
  for (let index = 0; index < pending.length; index++) {
    const value = pending[index] as number;
    const code = Math.fround(Math.fround(value * inverse) + ROUND) - ROUND;
    codes[index] = code;
    pending[index] = value - Math.fround(code * scale);
  }
}

function int8At(view: DataView, index: number): number {
  const offset = Math.floor(index / INT8_BLOCK_VALUES) * INT8_BLOCK_BYTES;
  const code = view.getInt8(offset + 4 + (index % INT8_BLOCK_VALUES));
  return Math.fround(view.getFloat32(offset, true) * code);
}

/**
 * The bits of the `count`-th largest magnitude, and how many values of exactly that magnitude are
 * among the `count` largest: three passes of a radix selection.
 */
function thresholdOf(bits: Uint32Array, count: number): { threshold: number; ties: number } {
  let [prefix, wanted] = [0, Math.min(count, bits.length)];
  let known = 31;
  for (const width of [12, 12, 7]) {
    const shift = known - width;
    histogram.fill(0);
    for (const value of bits) {
      const magnitude = value & 0x7fffffff;
      if (known < 31 && magnitude >>> known !== prefix) continue;
      const bucket = (magnitude >>> shift) & ((1 << width) - 1);
      histogram[bucket] = (histogram[bucket] as number) + 1;
    }
    let bucket = (1 << width) - 1;
    while (bucket > 0 && (histogram[bucket] as number) < wanted) {
      wanted -= histogram[bucket--] as number;
    }
    prefix = (prefix << width) | bucket;
    known = shift;
  }
  return { threshold: prefix, ties: wanted };
}

function productAt(
  left: Float32Array,
  right: Float32Array,
  { rows, columns }: MatrixSize,
  rank: number,
  index: number,
): number {
  const [row, column] = [Math.floor(index / columns), index % columns];
  let total = 0;
  for (let factor = 0; factor < rank; factor++) {
    const one = left[factor * rows + row] as number;
    total = Math.fround(total + Math.fround(one * (right[factor * columns + column] as number)));
  }
  return total;
}

function requireFactors(
  left: Float32Array,
  matrix: Float32Array,
  right: Float32Array,
  { rows, columns }: MatrixSize,
  rank: number,
): void {
  requireLength(matrix.length, rows * columns);
  requireLength(left.length, rows * rank);
  requireLength(right.length, columns * rank);
}

function requireLength(actual: number, expected: number): void {
  assert(actual === expected, `a vector has ${actual} elements or bytes, expected ${expected}`);
}
