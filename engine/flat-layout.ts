/** Named tensors in one flat vector: offsets, views, cutting apart and putting together. */
import * as tf from '@tensorflow/tfjs-core';
import { CrescendoError } from '../base/errors.ts';
import type { NamedTensor } from './engine.ts';

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
}

export class FlatLayout<T extends Entry = Entry> {
  readonly elements: number;
  readonly #entries: readonly T[];
  readonly #sizes: readonly number[];

  constructor(entries: readonly T[]) {
    this.#entries = entries;
    this.#sizes = entries.map((entry) => entry.shape.reduce((left, right) => left * right, 1));
    this.elements = this.#sizes.reduce((left, right) => left + right, 0);
  }

  /** A flat vector made of each entry's values. */
  fill(valuesOf: (entry: T) => Float32Array): Float32Array {
    const flat = new Float32Array(this.elements);
    let offset = 0;
    for (const [index, entry] of this.#entries.entries()) {
      flat.set(valuesOf(entry), offset);
      offset += this.#sizes[index] as number;
    }
    return flat;
  }

  /** Tensors by name, cut from a flat tensor [elements] by one differentiable split. */
  views(flat: tf.Tensor1D): Map<string, tf.Tensor> {
    const parts = tf.split(flat, [...this.#sizes]);
    return new Map(
      this.#entries.map((entry, index) => [
        entry.name,
        tf.reshape(parts[index] as tf.Tensor, [...entry.shape]),
      ]),
    );
  }

  /** Copies of each entry's values. */
  cut(flat: Float32Array): NamedTensor[] {
    let offset = 0;
    return this.#entries.map((entry, index) => {
      const end = offset + (this.#sizes[index] as number);
      const values = flat.slice(offset, end);
      offset = end;
      return { name: entry.name, shape: entry.shape, values };
    });
  }

  /**
   * A flat vector from tensors by name; those used are removed from `byName`.
   * @throws CRESCENDO_WEIGHTS_INVALID when one is missing or has another shape
   */
  collect(byName: Map<string, NamedTensor>): Float32Array {
    return this.fill((entry) => {
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
