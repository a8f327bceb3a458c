/**
 * Named tensors in one flat vector: where each lies, views, cutting apart and putting together.
 * Each begins at a multiple of ALIGNMENT_ELEMENTS (64 bytes), so that TensorFlow reads it in place;
 * the padding between them stays zero.
 */
import { CrescendoError } from '../base/errors.ts';
import type { NamedTensor } from '../weights/named-tensor.ts';

const ALIGNMENT_ELEMENTS = 16;

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
}

/** An entry with its place [begin, end) in the vector. */
export interface Placed<T extends Entry> {
  readonly entry: T;
  readonly begin: number;
  readonly end: number;
}

export class FlatLayout<T extends Entry = Entry> {
  /** Length of the vector, padding included. */
  readonly elements: number;
  readonly placed: readonly Placed<T>[];

  constructor(entries: readonly T[]) {
    let next = 0;
    this.placed = entries.map((entry) => {
      const begin = next;
      const end = begin + sizeOf(entry.shape);
      next = Math.ceil(end / ALIGNMENT_ELEMENTS) * ALIGNMENT_ELEMENTS;
      return { entry, begin, end };
    });
    this.elements = next;
  }

  /** Writes each entry's values into `flat`, a vector of this layout. */
  fill(flat: Float32Array, valuesOf: (entry: T) => Float32Array): void {
    for (const { entry, begin } of this.placed) flat.set(valuesOf(entry), begin);
  }

  /** Views into a vector of this layout, in order. */
  views(flat: Float32Array): Float32Array[] {
    return this.placed.map(({ begin, end }) => flat.subarray(begin, end));
  }

  /** Copies of each entry's values. */
  cut(flat: Float32Array): NamedTensor[] {
    return this.placed.map(({ entry, begin, end }) => ({
      name: entry.name,
      shape: entry.shape,
      values: flat.slice(begin, end),
    }));
  }

  /**
   * Fills `flat` from tensors by name; those used are removed from `byName`.
   * @throws CRESCENDO_WEIGHTS_INVALID when one is missing or has another shape
   */
  collect(byName: Map<string, NamedTensor>, flat: Float32Array): void {
    this.fill(flat, (entry) => {
      const tensor = byName.get(entry.name);
      if (tensor === undefined || tensor.shape.join() !== entry.shape.join()) {
        const found = tensor === undefined ? 'missing' : `of shape [${tensor.shape.join(', ')}]`;
        throw new CrescendoError(
          'CRESCENDO_WEIGHTS_INVALID',
          `tensor ${entry.name} is ${found}; the model needs [${entry.shape.join(', ')}]`,
        );
      }
      byName.delete(entry.name);
      return tensor.values;
    });
  }
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((left, right) => left * right, 1);
}
