/**
 * Which workers hold the shards of the optimizer state, where it is sharded: those of the last
 * generation that was linked. Two members hold each shard (lib/collective/shard-layout.ts). Where
 * nobody holds some shard, the run goes on from a checkpoint. Pure.
 */
import { isRecoverable } from '../../lib/collective/shard-layout.ts';
import type { Roster } from '../../proto/generated/messages.ts';
import type { Effect, SettledShards } from './events.ts';
import { shardMemberOf, type Worker } from './workers.ts';

const NO_SHARDS: SettledShards = { generation: 0, members: [] };

/** What is asked of a worker here. */
export type Keeper = Pick<Worker, 'slot' | 'held' | 'shardGeneration'>;

export class ShardKeepers {
  readonly #isSharded: boolean;
  #settled: SettledShards;

  /** @param settled who holds them in a run that goes on; generation 0: nobody */
  constructor(isSharded: boolean, settled: SettledShards = NO_SHARDS) {
    this.#isSharded = isSharded;
    this.#settled = settled;
  }

  /** Whether the optimizer state is sharded at all. */
  get areKept(): boolean {
    return this.#isSharded;
  }

  /** What a roster tells its members about them. */
  inRoster(members: readonly Keeper[]): Pick<Roster, 'shardGeneration' | 'shardMembers'> {
    const present = this.#slotsOf(members);
    const shardMembers = this.#settled.members.map(({ slot, machine }) => ({
      slot,
      machine,
      isGone: !present.has(slot),
    }));
    return { shardGeneration: this.#settled.generation, shardMembers };
  }

  /** All members of a generation are linked and hold their shards. */
  settle(generation: number, members: readonly Worker[]): Effect[] {
    if (!this.#isSharded) return [];
    for (const worker of members) worker.shardGeneration = generation;
    const settled = { generation, members: members.map(shardMemberOf) };
    this.#settled = settled;
    return [{ kind: 'journal', record: { kind: 'sharded', settled } }];
  }

  /** Whether a worker that came back has its shard. */
  areHeldBy(worker: Keeper): boolean {
    return !this.#isSharded || this.#settled.generation === 0 || this.#holds(worker);
  }

  /** Whether `members` are those that hold the shards; always true where nothing is sharded. */
  areOf(members: readonly Keeper[]): boolean {
    if (!this.#isSharded) return true;
    return members.length === this.#settled.members.length && members.every(this.#holds, this);
  }

  /** Nobody holds any: the next members begin anew, or fetch them from a checkpoint. */
  clear(): void {
    this.#settled = NO_SHARDS;
  }

  /** Whether some shard is held by none of these; all are before a first generation is linked. */
  areLostWith(holders: readonly Keeper[]): boolean {
    if (!this.#isSharded) return false;
    return !isRecoverable(this.#settled.members, this.#slotsOf(holders)) || this.#isNobodys;
  }

  /** Whether some shard was held before, and is by none of these. */
  wereLostWith(members: readonly Keeper[]): boolean {
    return !this.#isNobodys && this.areLostWith(members);
  }

  /**
   * Which of `wanting` may leave at once: a copy of each shard stays, unless all members leave. A
   * member with the last copy can leave once others have taken it over.
   */
  leavers<K extends Keeper>(wanting: readonly K[], members: readonly K[]): readonly K[] {
    const leaving = new Set<K>();
    for (const one of wanting) {
      const left = members.filter((member) => member !== one && !leaving.has(member));
      if (left.length === 0 || !this.wereLostWith(left)) leaving.add(one);
    }
    return [...leaving];
  }

  get #isNobodys(): boolean {
    return this.#settled.generation === 0;
  }

  #holds({ shardGeneration, held }: Keeper): boolean {
    const { generation } = this.#settled;
    return shardGeneration === generation || held.shardGenerations.includes(generation);
  }

  /** The slots of those among them that hold their shards. */
  #slotsOf(workers: readonly Keeper[]): Set<number> {
    return new Set(workers.filter(this.#holds, this).map(({ slot }) => slot));
  }
}

/** Why a run waits, in words. @param reason why the last of them left */
export function shardsLost(reason: string): string {
  return (
    'both copies of a part of the optimizer state left with their workers ' +
    `(training.optimizer.sharded); unless one comes back, the last checkpoint is next: ${reason}`
  );
}
