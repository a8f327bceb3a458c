/**
 * A member's partial sums of a step as one vector, for attempts in which each member is one leaf.
 * They are added in float32 in the order of the tree's nodes, bucket by bucket as they become
 * final. Pure.
 */
import type { VectorKernels } from '../kernels/vector.ts';
import type { PartialSum } from '../partial-sums.ts';

export class MemberLeaf {
  readonly #kernels: VectorKernels;
  readonly #memory: () => Float32Array;
  #sums: readonly PartialSum[] = [];
  #values: Float32Array = new Float32Array(0);

  /**
   * @param memory allocates a vector of the step's length, if no partial sum can be used in place
   */
  constructor(kernels: VectorKernels, memory: () => Float32Array) {
    this.#kernels = kernels;
    this.#memory = memory;
  }

  /** The vector; only its offered part is valid. */
  get values(): Float32Array {
    return this.#values;
  }

  /**
   * @param result may be the values of a partial sum, which are then copied before it is written
   */
  begin(sums: readonly PartialSum[], result: Float32Array): void {
    this.#sums = [...sums].sort((left, right) => left.begin - right.begin);
    const [only, second] = this.#sums;
    const isAsItLies =
      only !== undefined && second === undefined && only.values.buffer !== result.buffer;
    this.#values = isAsItLies ? only.values : this.#memory();
  }

  /** Tells that elements [begin, end) of the partial sums are final. */
  offer({ begin, end }: { readonly begin: number; readonly end: number }): void {
    const target = this.#values.subarray(begin, end);
    const [first, ...others] = this.#sums;
    if (first === undefined) target.fill(0);
    else if (first.values !== this.#values) target.set(first.values.subarray(begin, end));
    for (const { values } of others) {
      this.#kernels.add(target, target, values.subarray(begin, end), 'float32');
    }
  }
}
