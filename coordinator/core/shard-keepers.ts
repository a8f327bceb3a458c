/**
 * Which members hold the shards of the optimizer state, where it is sharded: those of the last
 * generation that was linked. Two members hold each shard (lib/collective/shard-layout.ts). Pure.
 */
import { isRecoverable } from '../../lib/collective/shard-layout.ts';
import type { Roster, ShardMember } from '../../proto/generated/messages.ts';
import type { Effect, PeerAddress, RunOutcome, SettledShards } from './events.ts';
import { failure } from './task.ts';
import type { Worker } from './workers.ts';

const NO_SHARDS: SettledShards = { generation: 0, members: [] };

interface Keeper {
  readonly slot: number;
  readonly address: PeerAddress;
  readonly hasState: boolean;
}

export class ShardKeepers {
  readonly #isSharded: boolean;
  #generation: number;
  #members: readonly ShardMember[];

  /** @param settled who holds them in a run that goes on; generation 0: nobody */
  constructor(isSharded: boolean, settled: SettledShards = NO_SHARDS) {
    this.#isSharded = isSharded;
    this.#generation = settled.generation;
    this.#members = settled.members;
  }

  /** Whether the optimizer state is sharded at all. */
  get areKept(): boolean {
    return this.#isSharded;
  }

  /** What a roster tells members about them. */
  get inRoster(): Pick<Roster, 'shardGeneration' | 'shardMembers'> {
    return { shardGeneration: this.#generation, shardMembers: this.#members };
  }

  /** All members of a generation are linked and hold their shards. */
  settle(generation: number, members: readonly Keeper[]): Effect[] {
    if (!this.#isSharded) return [];
    this.#generation = generation;
    this.#members = members.map(({ slot, address }) => ({ slot, machine: address.machine }));
    const settled = { generation, members: this.#members };
    return [{ kind: 'journal', record: { kind: 'sharded', settled } }];
  }

  /** Whether a worker that came back has its shard. */
  areHeldBy({ held }: Pick<Worker, 'held'>): boolean {
    if (!this.#isSharded || this.#generation === 0) return true;
    return held.shardGenerations.includes(this.#generation);
  }

  /** Whether `members` are those that hold the shards; always true where nothing is sharded. */
  areOf(members: readonly Keeper[]): boolean {
    if (!this.#isSharded) return true;
    const slots = new Set(members.map(({ slot }) => slot));
    return (
      slots.size === this.#members.length && this.#members.every(({ slot }) => slots.has(slot))
    );
  }

  /** Whether no member holds some shard any more; then the rest of the state is forgotten. */
  forgetIfLost(members: readonly Keeper[]): boolean {
    if (this.areOf(members) || !this.areLostWithout(new Set(), members)) return false;
    this.clear();
    return true;
  }

  /** Nobody holds any: the next members begin anew. */
  clear(): void {
    this.#generation = 0;
    this.#members = [];
  }

  /** Whether some shard is held by none of these. */
  areLostWith(holders: readonly { readonly slot: number }[]): boolean {
    if (!this.#isSharded || this.#generation === 0) return false;
    return !isRecoverable(this.#members, new Set(holders.map(({ slot }) => slot)));
  }

  /**
   * The end of a run whose state nobody holds any more: checkpoints of it lack the optimizer state.
   * @param checkpoint committed steps of the newest one
   * @returns undefined where the run begins anew, or goes on without loss
   */
  endWithout(checkpoint: number | undefined, reason: string): RunOutcome | undefined {
    if (!this.#isSharded || checkpoint === undefined || checkpoint === 0) return undefined;
    const message =
      'all copies of a part of the optimizer state were lost with their workers ' +
      `(training.optimizer.sharded), and checkpoints do not have it; the checkpoint after ` +
      `${checkpoint} steps has the weights: ${reason}`;
    return failure('CRESCENDO_RUN_ABORTED', message);
  }

  /** Whether no member would hold some shard if `leaving` left. */
  areLostWithout(leaving: ReadonlySet<number>, members: readonly Keeper[]): boolean {
    const left = members.filter(({ slot, hasState }) => hasState && !leaving.has(slot));
    return !isRecoverable(this.#members, new Set(left.map(({ slot }) => slot)));
  }

  /**
   * Which of `wanting` may leave at once: a copy of each shard stays, unless all members leave. A
   * member with the last copy can leave once others have taken it over.
   */
  leavers<K extends Keeper>(wanting: readonly K[], members: readonly Keeper[]): readonly K[] {
    const leaving: K[] = [];
    for (const one of wanting) {
      const slots = new Set([...leaving, one].map(({ slot }) => slot));
      if (slots.size === members.length || !this.areLostWithout(slots, members)) leaving.push(one);
    }
    return leaving;
  }
}

/** Why a run ends, in words. @param reason why the last of them left */
export function stateLost(committedSteps: number, reason: string): string {
  return (
    'both copies of a part of the optimizer state were lost with their workers ' +
    `(training.optimizer.sharded); the weights after ${committedSteps} steps are saved: ${reason}`
  );
}
