/**
 * Who adds what: each chunk has an owner; on every other node with several members one of them, the
 * chunk's combiner, adds that node's sums first, so that they cross between nodes once. Chunks have
 * different combiners, so that all links of a node carry their share. Pure.
 */
import { defined } from '../base/errors.ts';
import { Nodes } from './nodes.ts';
import { coverNodes, type TreeNode } from './tree.ts';

export interface Member {
  readonly slot: number;
  /** Name of the machine it runs on: members of one node reach each other without its network. */
  readonly node: string;
  /** Micro-shards whose sum it contributes; those of all members are [0, microShards), once. */
  readonly microShards: readonly number[];
}

/** What one member does with one chunk. */
export interface Role {
  /** Adds what it gets: as owner, or for its node. */
  readonly adds: boolean;
  readonly isOwner: boolean;
  /** Keeps a second copy of what the owner keeps, where the optimiser's state is shared out. */
  readonly isMirror: boolean;
  /** Where sums go: its own where it does not add, else what it added. -1 for the owner. */
  readonly sumTarget: number;
  /** Who sends the finished chunk; -1 for the owner. */
  readonly resultSource: number;
  /** To whom it sends the finished chunk on. */
  readonly resultTargets: readonly number[];
  /** Nodes of the tree that it is sent, by sender, where it adds. */
  readonly expected: ReadonlyMap<number, readonly TreeNode[]>;
  /** Nodes of the tree that it makes, where it adds. */
  readonly outputs: readonly TreeNode[];
}

export class Topology {
  readonly members: readonly Member[];
  readonly microShards: number;
  readonly #nodes: Nodes;
  readonly #coverOf: readonly (readonly TreeNode[])[];
  readonly #nodeCovers: readonly (readonly TreeNode[])[];
  /** Roles of one member by owner: chunks of one owner are all alike. */
  readonly #roles = new Map<number, Role>();

  constructor(members: readonly Member[], microShards: number) {
    this.members = [...members].sort((left, right) => left.slot - right.slot);
    this.microShards = microShards;
    this.#nodes = new Nodes(this.members);
    this.#coverOf = this.members.map((one) => coverNodes(new Set(one.microShards), microShards));
    this.#nodeCovers = this.#nodes.all.map((indices) => {
      const held = indices.flatMap((index) => this.#at(index).microShards);
      return coverNodes(new Set(held), microShards);
    });
  }

  /** Nodes of the tree that a member can sum by itself. */
  coverOf(index: number): readonly TreeNode[] {
    return defined(this.#coverOf[index], `member ${index}`);
  }

  /** Index of the member that keeps what `index` keeps as owner; -1 without one. */
  mirrorOf(index: number): number {
    return this.#nodes.mirrorOf(index);
  }

  /** What member `index` does with chunks of `owner`. */
  roleOf(index: number, owner: number): Role {
    const key = index * this.members.length + owner;
    const known = this.#roles.get(key);
    if (known !== undefined) return known;
    const role = this.#makeRole(index, owner);
    this.#roles.set(key, role);
    return role;
  }

  #makeRole(index: number, owner: number): Role {
    const myNode = this.#nodes.nodeOf(index);
    const ownerNode = this.#nodes.nodeOf(owner);
    const combiner = this.#nodes.combinerOf(myNode, owner);
    const isOwner = index === owner;
    const local = this.#nodes.membersOf(myNode).filter((one) => one !== index);
    const adds = isOwner || (combiner === index && local.length > 0);
    const sumTarget = isOwner ? -1 : combiner === index ? owner : combiner;
    const hasResultFromOwner = myNode === ownerNode || combiner === index;
    const resultSource = isOwner ? -1 : hasResultFromOwner ? owner : combiner;
    return {
      adds,
      isOwner,
      isMirror: this.#nodes.mirrorOf(owner) === index,
      sumTarget,
      resultSource,
      resultTargets: this.#resultTargets(index, owner, local),
      expected: adds ? this.#expected(owner, local, isOwner) : new Map(),
      outputs: isOwner
        ? [{ begin: 0, end: this.microShards }]
        : (this.#nodeCovers[myNode] as readonly TreeNode[]),
    };
  }

  #resultTargets(index: number, owner: number, local: readonly number[]): readonly number[] {
    const myNode = this.#nodes.nodeOf(index);
    if (index === owner) {
      const combiners = this.#nodes
        .othersThan(myNode)
        .map((node) => this.#nodes.combinerOf(node, owner));
      // Those behind oneself first, so that owners do not all send to the same member.
      return [...local, ...combiners].sort(
        (left, right) => this.#distance(index, left) - this.#distance(index, right),
      );
    }
    const isCombiner = this.#nodes.combinerOf(myNode, owner) === index;
    return isCombiner && myNode !== this.#nodes.nodeOf(owner) ? local : [];
  }

  #expected(
    owner: number,
    local: readonly number[],
    isOwner: boolean,
  ): ReadonlyMap<number, readonly TreeNode[]> {
    const expected = new Map(local.map((one) => [one, this.coverOf(one)]));
    if (isOwner) {
      for (const node of this.#nodes.othersThan(this.#nodes.nodeOf(owner))) {
        expected.set(this.#nodes.combinerOf(node, owner), this.#nodeCovers[node] as TreeNode[]);
      }
    }
    return expected;
  }

  #distance(from: number, to: number): number {
    return (to - from + this.members.length) % this.members.length;
  }

  #at(index: number): Member {
    return defined(this.members[index], `member ${index}`);
  }
}
