/** Who holds an all-reduce up, from what its members say that they wait for. Pure. */
import type { Heartbeat } from '../../proto/generated/messages.ts';

export interface WaitingMember {
  readonly slot: number;
  /** Members that it waits for, as far as it can tell. */
  readonly waitingFor: readonly number[];
}

/**
 * Most members wait for one that waits itself. So from the one that most wait for it goes on to the
 * one that this waits for, to the end of the chain; where that is a circle, to whom in it most wait
 * for.
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

/** Who holds a step up: whoever is not done computing; if all are, whom the others wait for. */
export function lateInStep(
  step: number,
  members: readonly { readonly slot: number; readonly heartbeat: Heartbeat | undefined }[],
): number[] {
  const computing = members.filter(
    ({ heartbeat }) => heartbeat?.step !== step || !heartbeat.computeDone,
  );
  if (computing.length > 0) return computing.map(({ slot }) => slot);
  const cause = rootOfWaits(
    members.map(({ slot, heartbeat }) => ({ slot, waitingFor: heartbeat?.waitingForSlots ?? [] })),
  );
  return cause === undefined ? [] : [cause];
}
