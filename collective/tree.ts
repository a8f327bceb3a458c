/**
 * The fixed binary tree over micro-shards. A node [begin, end) splits at begin plus the largest
 * power of two below its size. Sums always follow this tree, whoever computes them, so the result
 * has the same bytes for any number of workers and any split of micro-shards among them. Pure.
 */

/** Micro-shards [begin, end): one node of the tree. */
export interface TreeNode {
  readonly begin: number;
  readonly end: number;
}

/** Where a node of at least two micro-shards splits. */
export function splitPoint(begin: number, end: number): number {
  const size = end - begin;
  let half = 1;
  while (half * 2 < size) half *= 2;
  return begin + half;
}

/**
 * The fewest tree nodes that together hold exactly the micro-shards in `held`, in order.
 * These are what a holder can sum by itself.
 */
export function coverNodes(held: ReadonlySet<number>, microShards: number): TreeNode[] {
  const nodes: TreeNode[] = [];
  const visit = (begin: number, end: number): void => {
    if (begin >= end) return;
    let count = 0;
    for (let shard = begin; shard < end; shard++) if (held.has(shard)) count++;
    if (count === 0) return;
    if (count === end - begin) {
      nodes.push({ begin, end });
      return;
    }
    const middle = splitPoint(begin, end);
    visit(begin, middle);
    visit(middle, end);
  };
  visit(0, microShards);
  return nodes;
}

/** Contiguous, nearly equal shares of the micro-shards: share `index` of `count`. */
export function shareOf(microShards: number, index: number, count: number): number[] {
  const begin = Math.floor((index * microShards) / count);
  const end = Math.floor(((index + 1) * microShards) / count);
  return Array.from({ length: end - begin }, (_, offset) => begin + offset);
}

/** target[i] = left[i] + right[i] in float32; `target` may be either operand. */
export function addInto(target: Float32Array, left: Float32Array, right: Float32Array): void {
  const length = target.length;
  for (let index = 0; index < length; index++) {
    target[index] = (left[index] as number) + (right[index] as number);
  }
}

/**
 * Sums node values along the tree into `output`.
 * @param valueOf the summed values of a node where that node is given, else undefined; the given
 *   nodes must cover [0, microShards) exactly once
 */
export function sumAlongTree(
  microShards: number,
  valueOf: (begin: number, end: number) => Float32Array | undefined,
  output: Float32Array,
): void {
  const visit = (begin: number, end: number): { values: Float32Array; owned: boolean } => {
    const given = valueOf(begin, end);
    if (given !== undefined) return { values: given, owned: false };
    if (end - begin < 2) throw new RangeError(`no value covers micro-shard ${begin}`);
    const middle = splitPoint(begin, end);
    const left = visit(begin, middle);
    const right = visit(middle, end);
    const target = left.owned
      ? left.values
      : right.owned
        ? right.values
        : new Float32Array(output.length);
    addInto(target, left.values, right.values);
    return { values: target, owned: true };
  };
  output.set(visit(0, microShards).values);
}
