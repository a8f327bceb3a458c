/**
 * A weights file of any framework as a list of named tensors. Values are read one tensor at a time,
 * so that shapes are compared with the model's before memory is allocated.
 */
import { CrescendoError } from '../base/errors.ts';

/** Element types that are widened to float32; tensors of other types are listed, but not read. */
export type FloatType = 'float16' | 'bfloat16' | 'float32';

export interface StoredTensor {
  /** The name in the file. */
  readonly name: string;
  readonly shape: readonly number[];
  /** A float type, or the file's own name for another one. */
  readonly type: string;
  readonly isFloat: boolean;
  /** Reads the values. @throws CRESCENDO_WEIGHTS_INVALID if they are incomplete */
  read(): Float32Array;
}

export type Container = 'safetensors' | 'hdf5' | 'keras-archive' | 'tensorflow-checkpoint';

export interface TensorSource {
  readonly container: Container;
  readonly tensors: readonly StoredTensor[];
  /** Metadata of safetensors files; empty for other kinds. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Closes the file; tensors cannot be read afterwards. */
  close(): void;
}

/** No tensor of a file has more dimensions; those of images have 4. */
const DIMENSIONS_MAX = 8;
/** Files that list more tensors are refused. */
export const TENSORS_MAX = 100_000;

/** Product of a stated shape. @returns undefined if it is not a shape, or too large to count */
export function elementCount(shape: unknown): number | undefined {
  if (!Array.isArray(shape) || shape.length > DIMENSIONS_MAX) return undefined;
  let product = 1;
  for (const size of shape as unknown[]) {
    if (!Number.isSafeInteger(size) || (size as number) < 0) return undefined;
    product *= size as number;
  }
  return Number.isSafeInteger(product) ? product : undefined;
}

export function invalidWeights(path: string, what: string, options?: ErrorOptions): CrescendoError {
  return new CrescendoError('CRESCENDO_WEIGHTS_INVALID', `${path} ${what}`, options);
}
