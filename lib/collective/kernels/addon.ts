/** The C++ kernels of the all-reduce, an addon that does not need TensorFlow. */
import { createRequire } from 'node:module';
import { CrescendoError, messageOf } from '../../base/errors.ts';
import type { CompressionKernels } from './compression.ts';
import { VALUE_FORMATS, type ValueFormat, type VectorKernels } from './vector.ts';

type LowRankFunction = (
  matrix: Float32Array,
  left: Float32Array,
  right: Float32Array,
  rows: number,
  columns: number,
  rank: number,
) => void;

/** The addon's exports: formats are numbers, and sizes of matrices are pairs of numbers. */
interface CollectiveAddon extends Pick<
  CompressionKernels,
  'encodeInt8' | 'decodeInt8' | 'decodeAddInt8' | 'selectLargest'
> {
  readonly multiply: LowRankFunction;
  readonly multiplyTransposed: LowRankFunction;
  readonly product: LowRankFunction;
  readonly subtractProduct: LowRankFunction;
  add(format: number, target: Float32Array, left: Float32Array, right: Float32Array): void;
  round(format: number, target: Float32Array, source: Float32Array): void;
  encode(format: number, bytes: Uint8Array, values: Float32Array): void;
  decode(format: number, target: Float32Array, bytes: Uint8Array): void;
  decodeAdd(format: number, target: Float32Array, base: Float32Array, bytes: Uint8Array): void;
  /** The checksum, plus 2^32 if a value is not finite. */
  inspect(values: Float32Array, position: number): number;
}

/**
 * Kernels that give the same bits as `javascriptKernels`. They run on the calling thread.
 * @param path `collectiveAddonPath` of prepareTensorflow()
 * @throws CRESCENDO_ENGINE_UNAVAILABLE when it does not load
 */
export function loadVectorKernels(path: string): VectorKernels {
  const addon = loadAddon(path) as CollectiveAddon;
  return {
    add: (target, left, right, format) => addon.add(numberOf(format), target, left, right),
    round: (target, source, format) => addon.round(numberOf(format), target, source),
    encode: (bytes, values, format) => addon.encode(numberOf(format), bytes, values),
    decode: (target, bytes, format) => addon.decode(numberOf(format), target, bytes),
    decodeAdd: (target, base, bytes, format) =>
      addon.decodeAdd(numberOf(format), target, base, bytes),
    inspect: (values, position) => {
      const both = addon.inspect(values, position);
      return { checksum: both % 2 ** 32, isFinite: both < 2 ** 32 };
    },
  };
}

/**
 * The kernels of lossy compression, with the same bits as `javascriptCompressionKernels`.
 * @param path `collectiveAddonPath` of prepareTensorflow()
 * @throws CRESCENDO_ENGINE_UNAVAILABLE if the addon does not load
 */
export function loadCompressionKernels(path: string): CompressionKernels {
  const addon = loadAddon(path) as CollectiveAddon;
  return {
    encodeInt8: addon.encodeInt8,
    decodeInt8: addon.decodeInt8,
    decodeAddInt8: addon.decodeAddInt8,
    selectLargest: addon.selectLargest,
    multiply: (left, matrix, right, { rows, columns }, rank) =>
      addon.multiply(matrix, left, right, rows, columns, rank),
    multiplyTransposed: (right, matrix, left, { rows, columns }, rank) =>
      addon.multiplyTransposed(matrix, left, right, rows, columns, rank),
    product: (matrix, left, right, { rows, columns }, rank) =>
      addon.product(matrix, left, right, rows, columns, rank),
    subtractProduct: (matrix, left, right, { rows, columns }, rank) =>
      addon.subtractProduct(matrix, left, right, rows, columns, rank),
  };
}

function numberOf(format: ValueFormat): number {
  return VALUE_FORMATS.indexOf(format);
}

/** @throws CRESCENDO_ENGINE_UNAVAILABLE if the addon does not load */
export function loadAddon(path: string): unknown {
  try {
    return createRequire(import.meta.url)(path) as unknown;
  } catch (error) {
    throw new CrescendoError(
      'CRESCENDO_ENGINE_UNAVAILABLE',
      `${path} does not load: ${messageOf(error)}. Remove its folder to have it built again`,
      { cause: error },
    );
  }
}
