/**
 * top-k: the values of largest magnitude and their indices; the others stay in the residual (Aji
 * and Heafield 2017; Stich et al. 2018, arXiv:1809.07599). Of equal magnitudes the first are taken,
 * so the same values always give the same bytes. Pure.
 *
 * Layout, little-endian, of a piece of n values of which at most k = ceil(n * fraction) are kept:
 *
 *   count    uint32     how many are kept, at most k; zeros never are
 *   gaps     count varints (LEB128: 7 bits a byte, the lowest first, the top bit on all but the
 *            last byte): how many values lie between one that is kept and the one before it
 *   values   count bfloat16, in the same order
 *
 * With a fraction of 0.01, normally distributed values take about 3.4 bytes per value that is kept.
 * The rounding error of bfloat16 goes into the residual too.
 */
import { assert } from '../../base/errors.ts';
import { invalid, type AllReduceKernels, type Compressor } from './compressor.ts';

const COUNT_BYTES = 4;
const VALUE_BYTES = 2;
/**
 * Most values of a piece, so that indices and gaps stay below 2^28, which is four bytes of seven
 * bits.
 */
const ELEMENTS_MAX = 2 ** 28;

export interface TopKSettings {
  /** Fraction of a piece's values that is kept, in (0, 1]; at least one value is kept. */
  readonly fraction: number;
  /**
   * Elements of the largest piece. Memory for its indices is allocated, 12 bytes per value that may
   * be kept.
   */
  readonly elementsMax: number;
}

export function topKCompressor(kernels: AllReduceKernels, settings: TopKSettings): Compressor {
  return new TopKCompressor(kernels, settings);
}

/** The most values of a piece that are kept. */
function keptCount(elements: number, fraction: number): number {
  return Math.min(elements, Math.ceil(elements * fraction));
}

class TopKCompressor implements Compressor {
  readonly name = 'top-k';
  readonly #kernels: AllReduceKernels;
  readonly #settings: TopKSettings;
  /** Indices of the values that are kept; valid within one call. */
  readonly #indices: Uint32Array;
  readonly #values: Float32Array;
  readonly #decoded: Float32Array;

  constructor(kernels: AllReduceKernels, settings: TopKSettings) {
    const { fraction, elementsMax } = settings;
    assert(fraction > 0 && fraction <= 1, `top-k's fraction is ${fraction}, not in (0, 1]`);
    assert(elementsMax <= ELEMENTS_MAX, `top-k's pieces have ${elementsMax} values at most`);
    this.#kernels = kernels;
    this.#settings = settings;
    const kept = keptCount(elementsMax, fraction);
    this.#indices = new Uint32Array(kept);
    this.#values = new Float32Array(kept);
    this.#decoded = new Float32Array(kept);
  }

  encodedBytesMax(elements: number): number {
    const kept = keptCount(elements, this.#settings.fraction);
    // Gaps sum to less than the number of values, so only a few can take more than one byte.
    const longGaps = Math.floor(elements / 128);
    const gapBytes = kept + Math.min(kept, longGaps) * 3;
    return COUNT_BYTES + gapBytes + kept * VALUE_BYTES;
  }

  encode(
    bytes: Uint8Array,
    values: Float32Array,
    residual: Float32Array,
    pending: Float32Array,
  ): number {
    const { vectors, compressions } = this.#kernels;
    const most = this.encodedBytesMax(values.length);
    assert(bytes.length >= most, `${bytes.length} bytes for a piece that may take ${most}`);
    vectors.add(pending, values, residual, 'float32');
    const wanted = this.#keptOf(values.length);
    const count = compressions.selectLargest(this.#indices.subarray(0, wanted), pending);
    const kept = this.#values.subarray(0, count);
    for (let order = 0; order < count; order++) {
      kept[order] = pending[this.#indices[order] as number] as number;
    }
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, count, true);
    const begin = writeGaps(bytes, COUNT_BYTES, this.#indices, count);
    const packed = bytes.subarray(begin, begin + count * VALUE_BYTES);
    vectors.encode(packed, kept, 'bfloat16');
    const decoded = this.#decoded.subarray(0, count);
    vectors.decode(decoded, packed, 'bfloat16');
    for (let order = 0; order < count; order++) {
      const left = (kept[order] as number) - (decoded[order] as number);
      pending[this.#indices[order] as number] = Number.isFinite(left) ? left : 0;
    }
    return begin + packed.length;
  }

  check(bytes: Uint8Array, elements: number): void {
    this.#read(bytes, elements);
  }

  decode(target: Float32Array, bytes: Uint8Array): void {
    const count = this.#read(bytes, target.length);
    target.fill(0);
    this.#addTo(target, count);
  }

  decodeAdd(target: Float32Array, bytes: Uint8Array): void {
    this.#addTo(target, this.#read(bytes, target.length));
  }

  #keptOf(elements: number): number {
    const { elementsMax, fraction } = this.#settings;
    assert(elements <= elementsMax, `a piece of ${elements} values, at most ${elementsMax}`);
    return keptCount(elements, fraction);
  }

  #addTo(target: Float32Array, count: number): void {
    for (let order = 0; order < count; order++) {
      const index = this.#indices[order] as number;
      target[index] = (target[index] as number) + (this.#decoded[order] as number);
    }
  }

  /** Reads and checks indices and values of a piece. @returns how many there are */
  #read(bytes: Uint8Array, elements: number): number {
    const wanted = this.#keptOf(elements);
    if (bytes.length < COUNT_BYTES) {
      throw invalid(this.name, `has ${bytes.length} bytes, expected ${COUNT_BYTES} or more`);
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = view.getUint32(0, true);
    if (count > wanted) {
      throw invalid(this.name, `of ${elements} values keeps ${count}, at most ${wanted} expected`);
    }
    const begin = this.#readGaps(bytes, count, elements);
    const expected = begin + count * VALUE_BYTES;
    if (bytes.length !== expected) {
      throw invalid(this.name, `has ${bytes.length} bytes, its gaps end at ${begin}: ${expected}`);
    }
    const decoded = this.#decoded.subarray(0, count);
    this.#kernels.vectors.decode(decoded, bytes.subarray(begin), 'bfloat16');
    return count;
  }

  #readGaps(bytes: Uint8Array, count: number, elements: number): number {
    let [offset, index] = [COUNT_BYTES, -1];
    for (let order = 0; order < count; order++) {
      let [gap, shift, byte] = [0, 0, 0x80];
      while (byte >= 0x80) {
        if (shift > 21 || offset >= bytes.length) {
          throw invalid(this.name, `has a gap that does not end, at byte ${offset}`);
        }
        byte = bytes[offset++] as number;
        gap |= (byte & 0x7f) << shift;
        shift += 7;
      }
      index += gap + 1;
      if (index >= elements) {
        throw invalid(this.name, `of ${elements} values has one at index ${index}`);
      }
      this.#indices[order] = index;
    }
    return offset;
  }
}

/** @returns the offset of the end of the gaps */
function writeGaps(bytes: Uint8Array, begin: number, indices: Uint32Array, count: number): number {
  let [offset, previous] = [begin, -1];
  for (let order = 0; order < count; order++) {
    const index = indices[order] as number;
    let gap = index - previous - 1;
    for (; gap >= 0x80; gap >>>= 7) bytes[offset++] = (gap & 0x7f) | 0x80;
    bytes[offset++] = gap;
    previous = index;
  }
  return offset;
}
