/** Which members share a machine, and who of them stands for it. Members by index. Pure. */
import { defined } from '../base/errors.ts';

export class Nodes {
  /** Indices of members, by node. */
  readonly all: readonly (readonly number[])[];
  readonly #nodeOf: readonly number[];

  /** @param members in the order of slots */
  constructor(members: readonly { readonly node: string }[]) {
    const numbers = new Map<string, number>();
    const all: number[][] = [];
    this.#nodeOf = members.map(({ node: name }, index) => {
      const node = numbers.get(name) ?? numbers.size;
      numbers.set(name, node);
      (all[node] ??= []).push(index);
      return node;
    });
    this.all = all;
  }

  nodeOf(index: number): number {
    return defined(this.#nodeOf[index], `member ${index}`);
  }

  membersOf(node: number): readonly number[] {
    return defined(this.all[node], `node ${node}`);
  }

  othersThan(node: number): number[] {
    return [...this.all.keys()].filter((one) => one !== node);
  }

  /** Who on a node adds for an owner's chunks, and passes the finished ones on; there the owner. */
  combinerOf(node: number, owner: number): number {
    if (this.nodeOf(owner) === node) return owner;
    const indices = this.membersOf(node);
    return indices[owner % indices.length] as number;
  }

  /**
   * Who keeps a second copy of what an owner keeps: one to whom the owner sends its finished chunks
   * anyway, on another machine where there is one. -1 for a member alone.
   */
  mirrorOf(owner: number): number {
    const memberCount = this.#nodeOf.length;
    if (memberCount === 1) return -1;
    const nodeCount = this.all.length;
    if (nodeCount === 1) return (owner + 1) % memberCount;
    return this.combinerOf((this.nodeOf(owner) + 1) % nodeCount, owner);
  }
}
