/**
 * Which member adds which chunks. Each chunk has an owner. On every other machine with several
 * members one of them, the machine leader of the chunk, adds the sums of that machine first, so
 * that they cross between machines once. Chunks have different machine leaders, so that all members
 * of a machine share the work. Pure.
 */
import { defined } from '../base/errors.ts';
import { Machines } from './machines.ts';
import { coverNodes, type TreeNode } from './tree.ts';

export interface Member {
  readonly slot: number;
  /** Name of its machine; members of one machine reach each other without the network. */
  readonly machine: string;
  /** Micro-batches that it contributes; over all members they are [0, microBatches), each once. */
  readonly microBatches: readonly number[];
}

/** What one member does with a chunk. */
export interface Role {
  /** Whether it adds what it receives: as owner, or as machine leader. */
  readonly adds: boolean;
  readonly isOwner: boolean;
  /** Whether it keeps a second copy of the owner's part, with sharded optimizer state. */
  readonly isBackup: boolean;
  /**
   * Index of the member to which sums are sent: its own sums if it does not add, otherwise what it
   * added. -1 for the owner.
   */
  readonly sumTarget: number;
  /** Index of the member that sends the finished chunk; -1 for the owner. */
  readonly resultSource: number;
  /** Indices of the members to which it sends the finished chunk on. */
  readonly resultTargets: readonly number[];
  /** If it adds, the tree nodes that it receives, by sender. */
  readonly expected: ReadonlyMap<number, readonly TreeNode[]>;
  /** If it adds, the tree nodes that it produces. */
  readonly outputs: readonly TreeNode[];
}

export class Topology {
  readonly members: readonly Member[];
  readonly microBatches: number;
  readonly #machines: Machines;
  readonly #coverOf: readonly (readonly TreeNode[])[];
  readonly #nodeCovers: readonly (readonly TreeNode[])[];
  /** Roles of a member by owner: all chunks of one owner are alike. */
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

  /** The tree nodes that a member can sum alone. */
  coverOf(index: number): readonly TreeNode[] {
    return defined(this.#coverOf[index], `member ${index}`);
  }

  /** Index of the backup of `index`; -1 without one. */
  backupOf(index: number): number {
    return this.#machines.backupOf(index);
  }

  /** The role of member `index` for chunks of `owner`. */
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
      // Starts with the members after this one, so that owners do not all send to the same member.
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
