/**
 * Who adds what: each chunk has an owner; on every other node with several members one of them, the
 * chunk's leader, adds that node's sums first, so that they cross between nodes once. Chunks have
 * different machine leaders, so that all links of a node carry their share. Pure.
 */
import { defined } from '../base/errors.ts';
import { Machines } from './machines.ts';
import { coverNodes, type TreeNode } from './tree.ts';

export interface Member {
  readonly slot: number;
  /** Name of the machine it runs on: members of one node reach each other without its network. */
  readonly machine: string;
  /** Micro-batches whose sum it contributes; those of all members are [0, microBatches), once. */
  readonly microBatches: readonly number[];
}

/** What one member does with one chunk. */
export interface Role {
  /** Adds what it gets: as owner, or for its node. */
  readonly adds: boolean;
  readonly isOwner: boolean;
  /** Keeps a second copy of what the owner keeps, where the optimizer state is sharded. */
  readonly isBackup: boolean;
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
  readonly microBatches: number;
  readonly #machines: Machines;
  readonly #coverOf: readonly (readonly TreeNode[])[];
  readonly #nodeCovers: readonly (readonly TreeNode[])[];
  /** Roles of one member by owner: chunks of one owner are all alike. */
  readonly #roles = new Map<number, Role>();

  constructor(members: readonly Member[], microBatches: number) {
    this.members = [...members].sort((left, right) => left.slot - right.slot);
    this.microBatches = microBatches;
    this.#machines = new Machines(this.members);
    this.#coverOf = this.members.map((one) => coverNodes(new Set(one.microBatches), microBatches));
    this.#nodeCovers = this.#machines.all.map((indices) => {
      const held = indices.flatMap((index) => this.#at(index).microBatches);
      return coverNodes(new Set(held), microBatches);
    });
  }

  /** Nodes of the tree that a member can sum by itself. */
  coverOf(index: number): readonly TreeNode[] {
    return defined(this.#coverOf[index], `member ${index}`);
  }

  /** Index of the member that keeps what `index` keeps as owner; -1 without one. */
  backupOf(index: number): number {
    return this.#machines.backupOf(index);
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
    const myMachine = this.#machines.machineOf(index);
    const ownerMachine = this.#machines.machineOf(owner);
    const leader = this.#machines.leaderOf(myMachine, owner);
    const isOwner = index === owner;
    const local = this.#machines.membersOf(myMachine).filter((one) => one !== index);
    const adds = isOwner || (leader === index && local.length > 0);
    const sumTarget = isOwner ? -1 : leader === index ? owner : leader;
    const hasResultFromOwner = myMachine === ownerMachine || leader === index;
    const resultSource = isOwner ? -1 : hasResultFromOwner ? owner : leader;
    return {
      adds,
      isOwner,
      isBackup: this.#machines.backupOf(owner) === index,
      sumTarget,
      resultSource,
      resultTargets: this.#resultTargets(index, owner, local),
      expected: adds ? this.#expected(owner, local, isOwner) : new Map(),
      outputs: isOwner
        ? [{ begin: 0, end: this.microBatches }]
        : (this.#nodeCovers[myMachine] as readonly TreeNode[]),
    };
  }

  #resultTargets(index: number, owner: number, local: readonly number[]): readonly number[] {
    const myMachine = this.#machines.machineOf(index);
    if (index === owner) {
      const leaders = this.#machines
        .othersThan(myMachine)
        .map((machine) => this.#machines.leaderOf(machine, owner));
      // Those behind oneself first, so that owners do not all send to the same member.
      return [...local, ...leaders].sort(
        (left, right) => this.#distance(index, left) - this.#distance(index, right),
      );
    }
    const isLeader = this.#machines.leaderOf(myMachine, owner) === index;
    return isLeader && myMachine !== this.#machines.machineOf(owner) ? local : [];
  }

  #expected(
    owner: number,
    local: readonly number[],
    isOwner: boolean,
  ): ReadonlyMap<number, readonly TreeNode[]> {
    const expected = new Map(local.map((one) => [one, this.coverOf(one)]));
    if (isOwner) {
      for (const machine of this.#machines.othersThan(this.#machines.machineOf(owner))) {
        expected.set(
          this.#machines.leaderOf(machine, owner),
          this.#nodeCovers[machine] as TreeNode[],
        );
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
