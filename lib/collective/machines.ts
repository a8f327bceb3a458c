/**
 * Which members share a machine, and which of them is its leader. Members are numbered by index.
 * Pure.
 */
import { defined } from '../base/errors.ts';

export class Machines {
  /** Indices of members by machine. */
  readonly all: readonly (readonly number[])[];
  readonly #machineOf: readonly number[];

  /** @param members in the order of slots */
  constructor(members: readonly { readonly machine: string }[]) {
    const numbers = new Map<string, number>();
    const all: number[][] = [];
    this.#machineOf = members.map(({ machine: name }, index) => {
      const machine = numbers.get(name) ?? numbers.size;
      numbers.set(name, machine);
      (all[machine] ??= []).push(index);
      return machine;
    });
    this.all = all;
  }

  machineOf(index: number): number {
    return defined(this.#machineOf[index], `member ${index}`);
  }

  membersOf(machine: number): readonly number[] {
    return defined(this.all[machine], `node ${machine}`);
  }

  othersThan(machine: number): number[] {
    return [...this.all.keys()].filter((one) => one !== machine);
  }

  /**
   * The member of a machine that adds the machine's sums of an owner's chunks and passes finished
   * chunks on; on the owner's machine, the owner.
   */
  leaderOf(machine: number, owner: number): number {
    if (this.machineOf(owner) === machine) return owner;
    const indices = this.membersOf(machine);
    return indices[owner % indices.length] as number;
  }

  /**
   * The backup of an owner: a member to which the owner sends its finished chunks in any case, on
   * another machine if there are several. -1 for a member alone.
   */
  backupOf(owner: number): number {
    const memberCount = this.#machineOf.length;
    if (memberCount === 1) return -1;
    const machineCount = this.all.length;
    if (machineCount === 1) return (owner + 1) % memberCount;
    return this.leaderOf((this.machineOf(owner) + 1) % machineCount, owner);
  }
}
