/**
 * The partial sums of a worker in a step. Micro-batches are added as they are computed, and merged
 * with their sibling in the tree as soon as it is present, so k aligned micro-batches take at most
 * log2(k) + 1 vectors. Pure.
 */
import type { ValueFormat, VectorKernels } from './kernels/vector.ts';
import type { Bucket } from './buckets.ts';
import { kinOf, nodeKey, type TreeNode } from './tree.ts';

export interface PartialSum extends TreeNode {
  readonly values: Float32Array;
}

/**
 * The sums to which a micro-batch's vector is added, one after the other, each rounded as the tree
 * requires.
 */
export interface Accumulation {
  /** Sums of siblings, the nearest first. If empty, the micro-batch's vector itself is held. */
  readonly held: readonly Float32Array[];
  /** Where the result is written: the last of `held`, or free memory if it is empty. */
  readonly target: Float32Array;
}

export class PartialSums {
  readonly #microBatches: number;
  readonly #sums = new Map<number, PartialSum>();
  readonly #allocate: () => Float32Array;
  readonly #all: Float32Array[] = [];
  #free: Float32Array[] = [];

  /** @param allocate returns a vector; vectors are reused after clear() */
  constructor(microBatches: number, allocate: () => Float32Array) {
    this.#microBatches = microBatches;
    this.#allocate = allocate;
  }

  /** The number of vectors allocated, in use or free. */
  get vectorCount(): number {
    return this.#all.length;
  }

  /** How to add a micro-batch; the caller writes the target and then calls added(). */
  accumulationOf(microBatch: number): Accumulation {
    const held: Float32Array[] = [];
    let node: TreeNode = { begin: microBatch, end: microBatch + 1 };
    for (;;) {
      const kin = kinOf(node, this.#microBatches);
      const sibling = kin === undefined ? undefined : this.#sums.get(nodeKey(kin.sibling));
      if (kin === undefined || sibling === undefined) break;
      held.push(sibling.values);
      node = kin.parent;
    }
    return { held, target: held.at(-1) ?? this.take() };
  }

  /**
   * Records that the micro-batch is in the target of its accumulation. @returns the node that now
   * contains it
   */
  added(microBatch: number, { target }: Accumulation): PartialSum {
    const sum = this.#nodeWith(microBatch, target);
    for (const [key, one] of this.#sums) {
      if (sum.begin > one.begin || one.end > sum.end) continue;
      this.#sums.delete(key);
      if (one.values !== target) this.#free.push(one.values);
    }
    this.#sums.set(nodeKey(sum), sum);
    return sum;
  }

  /** What list() will return once `microBatch` is added. */
  listAfter(microBatch: number, { target }: Accumulation): PartialSum[] {
    const sum = this.#nodeWith(microBatch, target);
    const others = [...this.#sums.values()].filter(
      (one) => one.end <= sum.begin || one.begin >= sum.end,
    );
    return [...others, sum].sort((left, right) => left.begin - right.begin);
  }

  /** Whether the micro-batch is part of a held sum. */
  has(microBatch: number): boolean {
    for (const sum of this.#sums.values()) {
      if (sum.begin <= microBatch && microBatch < sum.end) return true;
    }
    return false;
  }

  /** Drops sums with micro-batches that are not among these: they are others' now. */
  keepWithin(microBatches: readonly number[]): void {
    const kept = new Set(microBatches);
    for (const [key, { begin, end, values }] of this.#sums) {
      const indices = Array.from({ length: end - begin }, (_, offset) => begin + offset);
      if (indices.every((one) => kept.has(one))) continue;
      this.#sums.delete(key);
      this.#free.push(values);
    }
  }

  /** The held sums in tree order; this object keeps ownership of the vectors. */
  list(): PartialSum[] {
    return [...this.#sums.values()].sort((left, right) => left.begin - right.begin);
  }

  /** A free vector. It stays in use until clear(), or until added() merges it into another. */
  take(): Float32Array {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    const made = this.#allocate();
    this.#all.push(made);
    return made;
  }

  /** Reserves a vector until clear(), unless it is one of the sums. */
  keep(vector: Float32Array | undefined): void {
    const at = vector === undefined ? -1 : this.#free.indexOf(vector);
    if (at >= 0) this.#free.splice(at, 1);
  }

  /** Ends a reservation by keep(). */
  giveBack(vector: Float32Array): void {
    const isSum = [...this.#sums.values()].some((sum) => sum.values === vector);
    if (!isSum && !this.#free.includes(vector)) this.#free.push(vector);
  }

  /** Drops all sums and frees all vectors. */
  clear(): void {
    this.#sums.clear();
    this.#free = [...this.#all];
  }

  #nodeWith(microBatch: number, values: Float32Array): PartialSum {
    let node: TreeNode = { begin: microBatch, end: microBatch + 1 };
    for (;;) {
      const kin = kinOf(node, this.#microBatches);
      if (kin === undefined || !this.#sums.has(nodeKey(kin.sibling))) return { ...node, values };
      node = kin.parent;
    }
  }
}

/** Accumulates one range of a vector: target = round(held + ... round(values)). */
export function accumulate(
  kernels: VectorKernels,
  { held, target }: Accumulation,
  values: Float32Array,
  buckets: readonly Bucket[],
): void {
  for (const { begin, end, format } of buckets) {
    accumulateRange(kernels, { held, target }, values, begin, end, format);
  }
}

function accumulateRange(
  kernels: VectorKernels,
  { held, target }: Accumulation,
  values: Float32Array,
  begin: number,
  end: number,
  format: ValueFormat,
): void {
  const sum = values.subarray(begin, end);
  kernels.round(sum, sum, format);
  for (const one of held.slice(0, -1)) {
    kernels.add(sum, one.subarray(begin, end), sum, format);
  }
  const last = held.at(-1);
  const out = target.subarray(begin, end);
  if (last === undefined) kernels.round(out, sum, format);
  else kernels.add(out, last.subarray(begin, end), sum, format);
}
