/** How a generation, that is one membership, is made known to the journal and its members. Pure. */
import type { Roster } from '../../proto/generated/messages.ts';
import type { Effect } from './events.ts';
import type { ShardKeepers } from './shard-keepers.ts';
import type { Worker } from './workers.ts';

export interface Generation {
  /** 1-based; it grows with each change of the membership. */
  readonly number: number;
  /** Why it was formed, in words. */
  readonly reason: string;
  readonly members: readonly Worker[];
  readonly committedSteps: number;
  /** As in History. */
  readonly history: number;
  /** Whether joiners get the state while steps go on, in which they have no leases. */
  readonly feedsJoiners: boolean;
}

/**
 * Every member gets the same roster; joiners copy the state from those that have it.
 * @param isRestored whether nobody has it, and the first member fetches it from a checkpoint
 */
export function announce(
  generation: Generation,
  isRestored: boolean,
  shards: ShardKeepers,
): Effect[] {
  const { number, reason, members, committedSteps, history, feedsJoiners } = generation;
  const source = isRestored ? members[0] : members.find(({ hasState }) => hasState);
  const roster: Roster = {
    kind: 'roster',
    generation: number,
    members: members.map(({ slot, address, hasState }) => ({ slot, hasState, ...address })),
    committedSteps,
    stateSourceSlot: source?.slot ?? -1,
    history,
    stateBesideSteps: feedsJoiners,
    // A shard goes with the state: that of a worker which missed a commit is of an earlier step.
    ...shards.inRoster(members.filter(({ hasState }) => hasState)),
  };
  const slots = members.map(({ slot }) => slot);
  return [
    { kind: 'journal', record: { kind: 'generation', generation: number, slots, reason } },
    { kind: 'generationFormed', generation: number, reason },
    ...slots.map((slot): Effect => ({ kind: 'send', slot, message: roster })),
  ];
}
