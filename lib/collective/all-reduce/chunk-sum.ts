/**
 * Adds the partial sums of one chunk along the fixed tree: as soon as both children of a node are
 * present, they are added to form the node. Data from a peer is added while it arrives. Pure.
 */
import { defined } from '../../base/errors.ts';
import { ValueSink, type FrameSink } from '../frame-sink.ts';
import type { ValueFormat, VectorKernels } from '../kernels/vector.ts';
import type { BufferPool } from '../buffer-pool.ts';
import { kinOf, nodeKey, type Kin, type TreeNode } from '../tree.ts';

/** The values of one node, and who may overwrite them. */
export interface Held {
  readonly values: Float32Array;
  /**
   * `lent`: owned elsewhere and only read; `pool`: returned to the pool after use; `result`: the
   * output.
   */
  readonly memory: 'lent' | 'pool' | 'result';
}

export interface ChunkSumOptions {
  readonly kernels: VectorKernels;
  readonly pool: BufferPool;
  readonly format: ValueFormat;
  readonly length: number;
  readonly microBatches: number;
  /** The nodes to produce. Each is passed to `onMade`, which then owns its memory. */
  readonly outputs: readonly TreeNode[];
  readonly onMade: (node: TreeNode, held: Held) => void;
}

export class ChunkSum {
  readonly #options: ChunkSumOptions;
  readonly #outputs: ReadonlySet<number>;
  /** Nodes that are present and wait for their sibling. */
  readonly #held = new Map<number, Held>();
  /** Where the last sum is written, once that is allowed. */
  #result: Float32Array | undefined;
  #isResultUsed = false;

  constructor(options: ChunkSumOptions) {
    this.#options = options;
    this.#outputs = new Set(options.outputs.map(nodeKey));
  }

  /** Allows sums to be written to `result` from now on. */
  allowResult(result: Float32Array): void {
    this.#result = result;
  }

  /** Whether adding this node needs memory of the pool. */
  needsMemory(node: TreeNode): boolean {
    const sibling = this.#siblingOf(node);
    if (sibling !== undefined && sibling.memory !== 'lent') return false;
    return this.#result === undefined || this.#isResultUsed;
  }

  /** Adds a node that is complete and does not change any more. */
  addWhole(node: TreeNode, values: Float32Array): void {
    this.#complete(node, { values, memory: 'lent' });
  }

  /** Adds a node that arrives in pieces. `onWhole` is called before the sums that it completes. */
  addArriving(node: TreeNode, onWhole: () => void): FrameSink {
    const { kernels, format } = this.#options;
    const kin = this.#outputs.has(nodeKey(node)) ? undefined : this.#kinOf(node);
    const sibling = kin === undefined ? undefined : this.#take(kin.sibling);
    if (kin === undefined || sibling === undefined) {
      const own = this.#memory();
      return new ValueSink(kernels, format, own.values, undefined, () => {
        onWhole();
        this.#complete(node, own);
      });
    }
    const sum = sibling.memory === 'lent' ? this.#memory() : sibling;
    return new ValueSink(kernels, format, sum.values, sibling.values, () => {
      onWhole();
      this.#complete(kin.parent, sum);
    });
  }

  #complete(node: TreeNode, held: Held): void {
    const { kernels, format, onMade } = this.#options;
    if (this.#outputs.has(nodeKey(node))) {
      onMade(node, held);
      return;
    }
    const kin = this.#kinOf(node);
    const sibling = this.#take(kin.sibling);
    if (sibling === undefined) {
      this.#held.set(nodeKey(node), held);
      return;
    }
    const target = this.#targetOf(held, sibling);
    kernels.add(target.values, held.values, sibling.values, format);
    for (const one of [held, sibling]) if (one !== target) this.#release(one);
    this.#complete(kin.parent, target);
  }

  /** Memory for the sum of two nodes: that of one of them if it may be overwritten. */
  #targetOf(left: Held, right: Held): Held {
    if (left.memory === 'result') return left;
    if (right.memory === 'result') return right;
    if (left.memory === 'pool') return left;
    return right.memory === 'pool' ? right : this.#memory();
  }

  #memory(): Held {
    const { pool, length } = this.#options;
    if (this.#result !== undefined && !this.#isResultUsed) {
      this.#isResultUsed = true;
      return { values: this.#result, memory: 'result' };
    }
    return { values: pool.take(length), memory: 'pool' };
  }

  #release(held: Held): void {
    if (held.memory === 'pool') this.#options.pool.give(held.values);
    if (held.memory === 'result') this.#isResultUsed = false;
  }

  #siblingOf(node: TreeNode): Held | undefined {
    if (this.#outputs.has(nodeKey(node))) return undefined;
    return this.#held.get(nodeKey(this.#kinOf(node).sibling));
  }

  #take(node: TreeNode): Held | undefined {
    const held = this.#held.get(nodeKey(node));
    this.#held.delete(nodeKey(node));
    return held;
  }

  #kinOf(node: TreeNode): Kin {
    return defined(kinOf(node, this.#options.microBatches), `kin of ${node.begin}-${node.end}`);
  }
}
