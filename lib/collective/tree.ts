/**
 * The fixed binary tree over micro-batches. A node [begin, end) splits at begin plus the largest
 * power of two below its size. Sums always follow this tree, whoever computes them, so the result
 * has the same bytes for any number of workers and any split of micro-batches among them. Pure.
 */

/** Micro-batches [begin, end): one node of the tree. */
export interface TreeNode {
  readonly begin: number;
  readonly end: number;
}

/** Where a node of at least two micro-batches splits. */
export function splitPoint(begin: number, end: number): number {
  const size = end - begin;
  let half = 1;
  while (half * 2 < size) half *= 2;
  return begin + half;
}

/**
 * The fewest tree nodes that together hold exactly the micro-batches in `held`, in order: what a
 * member with these micro-batches can sum alone.
 */
export function coverNodes(held: ReadonlySet<number>, microBatches: number): TreeNode[] {
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
  visit(0, microBatches);
  return nodes;
}

/** Divides the micro-batches into `count` contiguous, nearly equal parts. @returns part `index` */
export function evenPart(microBatches: number, index: number, count: number): number[] {
  const begin = Math.floor((index * microBatches) / count);
  const end = Math.floor(((index + 1) * microBatches) / count);
  return Array.from({ length: end - begin }, (_, offset) => begin + offset);
}

/** A node's parent and the other child of that parent. */
export interface Kin {
  readonly sibling: TreeNode;
  readonly parent: TreeNode;
}

/** Undefined for the root [0, microBatches), and for a range that is not a node of the tree. */
export function kinOf(node: TreeNode, microBatches: number): Kin | undefined {
  let parent: TreeNode = { begin: 0, end: microBatches };
  while (parent.end - parent.begin > 1) {
    const middle = splitPoint(parent.begin, parent.end);
    const left = { begin: parent.begin, end: middle };
    const right = { begin: middle, end: parent.end };
    if (isSame(node, left)) return { sibling: right, parent };
    if (isSame(node, right)) return { sibling: left, parent };
    parent = node.end <= middle ? left : right;
  }
  return undefined;
}

export function isSame(left: TreeNode, right: TreeNode): boolean {
  return left.begin === right.begin && left.end === right.end;
}

/** A number that identifies a node, as a key. */
export function nodeKey(node: TreeNode): number {
  return node.begin * NODE_KEY_BASE + node.end;
}

/** Larger than every micro-batch count; the product stays a safe integer. */
const NODE_KEY_BASE = 2 ** 20;
