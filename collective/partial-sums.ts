/**
 * The sums one worker holds for a step: micro-shard vectors are added as they are computed and
 * merged with their sibling in the tree as soon as it is there, so at most about log2(V) + 1
 * vectors are held for a contiguous share. Pure.
 */
import { addInto, splitPoint, type TreeNode } from './tree.ts';

export interface PartialSum extends TreeNode {
  readonly values: Float32Array;
}

export class PartialSums {
  readonly #microShards: number;
  readonly #sums = new Map<number, PartialSum>();
  readonly #allocate: () => Float32Array;
  readonly #free: Float32Array[] = [];

  /** @param allocate makes a vector; vectors are reused after clear() */
  constructor(microShards: number, allocate: () => Float32Array) {
    this.#microShards = microShards;
    this.#allocate = allocate;
  }

  /** A vector to compute the next micro-shard into. */
  take(): Float32Array {
    return this.#free.pop() ?? this.#allocate();
  }

  /** Adds a micro-shard; `values` came from take() and belongs to this object afterwards. */
  add(microShard: number, values: Float32Array): void {
    let sum: PartialSum = { begin: microShard, end: microShard + 1, values };
    for (;;) {
      const sibling = this.#siblingOf(sum);
      const other = sibling === undefined ? undefined : this.#sums.get(sibling.begin);
      if (sibling === undefined || other === undefined || other.end !== sibling.end) break;
      this.#sums.delete(other.begin);
      const [left, right] = sum.begin < other.begin ? [sum, other] : [other, sum];
      addInto(left.values, left.values, right.values);
      this.#free.push(right.values);
      sum = { begin: left.begin, end: right.end, values: left.values };
    }
    this.#sums.set(sum.begin, sum);
  }

  /** True when the micro-shard is part of a held sum. */
  has(microShard: number): boolean {
    for (const sum of this.#sums.values()) {
      if (sum.begin <= microShard && microShard < sum.end) return true;
    }
    return false;
  }

  /** Held sums in tree order; the vectors stay this object's. */
  list(): PartialSum[] {
    return [...this.#sums.values()].sort((left, right) => left.begin - right.begin);
  }

  /** Forgets all sums; their vectors are reused. */
  clear(): void {
    for (const sum of this.#sums.values()) this.#free.push(sum.values);
    this.#sums.clear();
  }

  #siblingOf(node: TreeNode): TreeNode | undefined {
    let begin = 0;
    let end = this.#microShards;
    while (end - begin > 1) {
      const middle = splitPoint(begin, end);
      if (node.begin === begin && node.end === middle) return { begin: middle, end };
      if (node.begin === middle && node.end === end) return { begin, end: middle };
      if (node.end <= middle) end = middle;
      else begin = middle;
    }
    return undefined;
  }
}
