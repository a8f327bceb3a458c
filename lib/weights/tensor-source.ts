/**
 * A weights file of any framework as a list of named tensors. Listing costs little; values are read
 * one tensor at a time, so that shapes are compared with the model's before memory is given to them.
 */
import { CrescendoError } from '../base/errors.ts';

/** Element types that are widened to float32; anything else is listed, and not read. */
export type FloatType = 'float16' | 'bfloat16' | 'float32';

export interface StoredTensor {
  /** As the file has it. */
  readonly name: string;
  readonly shape: readonly number[];
  /** A float type, or the file's own name for another one. */
  readonly type: string;
  readonly isFloat: boolean;
  /** Reads the values. @throws CRESCENDO_WEIGHTS_INVALID when they are not there in full */
  read(): Float32Array;
}

export type Container = 'safetensors' | 'hdf5' | 'keras-archive' | 'tensorflow-checkpoint';

export interface TensorSource {
  readonly container: Container;
  readonly tensors: readonly StoredTensor[];
  /** Of safetensors files; else empty. */
  readonly metadata: Readonly<Record<string, string>>;
  /** No tensor can be read afterwards. */
  close(): void;
}

/** No tensor of a file has more dimensions; those of images have 4. */
export const DIMENSIONS_MAX = 8;
/** Files that list more tensors are refused. */
export const TENSORS_MAX = 100_000;

/** Product of a stated shape. @returns undefined when it is none, or too large to count */
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
