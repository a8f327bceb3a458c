/** Which member holds an all-reduce up, by the members that each says it waits for. Pure. */
import type { Awaited, TaskMember } from './task.ts';

export interface WaitingMember {
  readonly slot: number;
  /** Members that it waits for, as far as it can tell. */
  readonly waitingFor: readonly number[];
}

/**
 * The root of the wait-for graph. A member that others wait for may itself be waiting. So the
 * search begins at the member that most wait for, and follows the waits to one that waits for
 * nobody. On a cycle it ends at the member of the cycle that most wait for.
 * @returns its slot; undefined when nobody waits for a member
 */
export function rootOfWaits(members: readonly WaitingMember[]): number | undefined {
  const waiting = new Map(members.map(({ slot, waitingFor }) => [slot, waitingFor]));
  const votes = new Map<number, number>();
  for (const slot of members.flatMap(({ waitingFor }) => waitingFor)) {
    if (waiting.has(slot)) votes.set(slot, (votes.get(slot) ?? 0) + 1);
  }
  const mostNamed = (slots: readonly number[]): number | undefined =>
    slots
      .filter((slot) => votes.has(slot))
      .sort((left, right) => (votes.get(right) ?? 0) - (votes.get(left) ?? 0))[0];
  const chain: number[] = [];
  for (let next = mostNamed([...votes.keys()]); next !== undefined;) {
    const seenAt = chain.indexOf(next);
    if (seenAt >= 0) return mostNamed(chain.slice(seenAt));
    chain.push(next);
    next = mostNamed(waiting.get(next) ?? []);
  }
  return chain.at(-1);
}

/** The members that hold a step up: those still computing, else the root of the waits. */
export function awaitedInStep(step: number, members: readonly TaskMember[]): Awaited {
  const computing = members.filter(
    ({ heartbeat }) => heartbeat?.step !== step || !heartbeat.computeDone,
  );
  if (computing.length > 0) {
    return { slots: computing.map(({ slot }) => slot), stage: 'compute' };
  }
  const cause = rootOfWaits(
    members.map(({ slot, heartbeat }) => ({ slot, waitingFor: heartbeat?.waitingForSlots ?? [] })),
  );
  return { slots: cause === undefined ? [] : [cause], stage: 'all-reduce' };
}
