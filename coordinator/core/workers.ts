/** The workers that are in the cluster: members of the generation, and joiners that wait. Pure. */
import { assert } from '../../lib/base/errors.ts';
import type { ShardMember } from '../../lib/collective/shard-layout.ts';
import type { Heartbeat, HeldState } from '../../proto/generated/messages.ts';
import { DRAINED } from './ending.ts';
import type { Effect, PeerAddress } from './events.ts';
import type { Ordering } from './task.ts';

export interface Worker {
  readonly slot: number;
  readonly address: PeerAddress;
  /** Length of its vector of gradients, as it says. */
  readonly vectorElements: number;
  /** Else it joins at the next boundary between tasks. */
  isMember: boolean;
  /** Steps that were committed when it became a member. */
  memberSinceSteps: number;
  /** Whether it holds the weights; one without them copies them from a member while it links. */
  hasState: boolean;
  /** What it brought of the run when it joined. */
  readonly held: HeldState;
  /** The last generation that was linked with it: its shard of the optimizer state is of that. */
  shardGeneration: number;
  /** It leaves at the next boundary between tasks. */
  isDraining: boolean;
  /** Members that it could not reach when it linked last. */
  unreachableSlots: readonly number[];
  lastSeenMs: number;
  /** The newest; undefined before the first. */
  heartbeat: Heartbeat | undefined;
}

export type NewWorker = Pick<Worker, 'slot' | 'address' | 'vectorElements' | 'held'>;

export class Workers {
  readonly #bySlot = new Map<number, Worker>();

  get count(): number {
    return this.#bySlot.size;
  }

  /** Ascending. */
  get slots(): number[] {
    return [...this.#bySlot.keys()].sort((left, right) => left - right);
  }

  /** The slots of the members, ascending. */
  get memberSlots(): number[] {
    return this.members().map(({ slot }) => slot);
  }

  get(slot: number): Worker | undefined {
    return this.#bySlot.get(slot);
  }

  add({ slot, address, vectorElements, held }: NewWorker, nowMs: number): void {
    assert(!this.#bySlot.has(slot), `slot ${slot} joined twice`);
    this.#bySlot.set(slot, {
      slot,
      address,
      vectorElements,
      isMember: false,
      memberSinceSteps: 0,
      hasState: false,
      held,
      shardGeneration: 0,
      isDraining: false,
      unreachableSlots: [],
      lastSeenMs: nowMs,
      heartbeat: undefined,
    });
  }

  /**
   * @returns how many of the committed steps were committed while it was a member; undefined where
   * it was none
   */
  remove(slot: number, committedSteps: number): number | undefined {
    const worker = this.#bySlot.get(slot);
    this.#bySlot.delete(slot);
    return worker?.isMember === true ? committedSteps - worker.memberSinceSteps : undefined;
  }

  /**
   * Removes draining members, unless they hold the last copy of some state.
   * @param leaversOf those of the draining ones that may leave
   * @returns what they are told, one message each
   */
  releaseDrained(
    leaversOf: (draining: readonly Worker[], members: readonly Worker[]) => readonly Worker[],
    committedSteps: number,
  ): Effect[] {
    const members = this.members();
    const draining = members.filter(({ isDraining }) => isDraining);
    return leaversOf(draining, members).map(({ slot }) => {
      this.remove(slot, committedSteps);
      return { kind: 'send', slot, message: DRAINED };
    });
  }

  /** In the order of their slots, so that the order in which they joined decides nothing. */
  members(): Worker[] {
    return this.#sorted().filter((worker) => worker.isMember);
  }

  /** Members that have the state. */
  able(): Worker[] {
    return this.members().filter(({ hasState }) => hasState);
  }

  joiners(): Worker[] {
    return this.#sorted().filter((worker) => !worker.isMember);
  }

  /** Makes those that wait members. @returns their slots, ascending */
  admitJoiners(committedSteps: number): number[] {
    const joiners = this.joiners();
    for (const worker of joiners) {
      worker.isMember = true;
      worker.memberSinceSteps = committedSteps;
    }
    return joiners.map(({ slot }) => slot);
  }

  /** Those of which nothing was heard since `sinceMs`. */
  silentSince(sinceMs: number): Worker[] {
    return this.#sorted().filter((worker) => worker.lastSeenMs < sinceMs);
  }

  /** A tick is due; the parameters are as in Tick. */
  onTick(pausedMs: number, heardSlots: readonly number[], nowMs: number): void {
    for (const worker of this.#bySlot.values()) {
      worker.lastSeenMs = heardSlots.includes(worker.slot) ? nowMs : worker.lastSeenMs + pausedMs;
    }
  }

  /** Under which membership a task is ordered now. */
  ordering(generation: number, committedSteps: number, nowMs: number): Ordering {
    const members = this.members();
    return {
      generation,
      slots: members.map(({ slot }) => slot),
      members: this.able().map(shardMemberOf),
      relayedPairs: members.flatMap(({ slot, unreachableSlots }) =>
        unreachableSlots.map((sourceSlot) => ({ sourceSlot, targetSlot: slot })),
      ),
      committedSteps,
      nowMs,
    };
  }

  #sorted(): Worker[] {
    return [...this.#bySlot.values()].sort((left, right) => left.slot - right.slot);
  }
}

/** A worker, as far as the place of shards depends on it. */
export function shardMemberOf({
  slot,
  address,
}: {
  readonly slot: number;
  readonly address: PeerAddress;
}): ShardMember {
  return { slot, machine: address.machine };
}
