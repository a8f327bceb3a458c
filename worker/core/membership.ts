/**
 * A worker's place among the members of a generation. Pure.
 *
 *   outside -> linking -> linked -> linking -> ...
 *
 * A roster starts a generation; the worker is linked once all that the generation waits for is
 * there.
 */
import type { Roster } from '../../proto/generated/messages.ts';

/** What a generation waits for: links to peers, the state of the run, this worker's shards. */
export type Awaited = 'links' | 'state' | 'shards';

type Place =
  | { readonly name: 'outside' }
  | {
      readonly name: 'linking';
      readonly roster: Roster;
      readonly awaited: ReadonlySet<Awaited>;
      readonly unreachableSlots: readonly number[];
    }
  | { readonly name: 'linked'; readonly roster: Roster };

/** Whether no member has the state: the one that others copy it from fetches a checkpoint. */
export function isFromCheckpoint({ members, stateSourceSlot }: Roster): boolean {
  return members.some(({ slot, hasState }) => slot === stateSourceSlot && !hasState);
}

export class Membership {
  readonly #slot: number;
  #place: Place = { name: 'outside' };

  constructor(slot: number) {
    this.#slot = slot;
  }

  /** That of the generation this worker is in; undefined while it is in none. */
  get roster(): Roster | undefined {
    return this.#place.name === 'outside' ? undefined : this.#place.roster;
  }

  /** The roster once the worker is linked; undefined before. */
  get linkedRoster(): Roster | undefined {
    return this.#place.name === 'linked' ? this.#place.roster : undefined;
  }

  /** Members of the generation that have to be sent the state. */
  get joiners(): readonly number[] {
    return (this.roster?.members ?? [])
      .filter(({ slot, hasState }) => slot !== this.#slot && !hasState)
      .map(({ slot }) => slot);
  }

  isIn(generation: number): boolean {
    return this.roster?.generation === generation;
  }

  isLinkingFor(generation: number): boolean {
    return this.#place.name === 'linking' && this.isIn(generation);
  }

  /** A generation begins; what an earlier one waited for does not matter any more. */
  enter(roster: Roster, needsState: boolean): void {
    const awaited = new Set<Awaited>(['links', 'shards']);
    if (needsState) awaited.add('state');
    this.#place = { name: 'linking', roster, awaited, unreachableSlots: [] };
  }

  /** Peers are dialed but for some. @returns as receive() */
  link(generation: number, unreachableSlots: readonly number[]): readonly number[] | undefined {
    if (this.#place.name === 'linking' && this.isIn(generation)) {
      this.#place = { ...this.#place, unreachableSlots };
    }
    return this.receive(generation, 'links');
  }

  /**
   * One of the things that a generation waits for is there.
   * @returns the unreachable slots where it was the last: the worker is linked; else undefined
   */
  receive(generation: number, what: Awaited): readonly number[] | undefined {
    const place = this.#place;
    if (place.name !== 'linking' || place.roster.generation !== generation) return undefined;
    const awaited = new Set([...place.awaited].filter((one) => one !== what));
    if (awaited.size > 0) {
      this.#place = { ...place, awaited };
      return undefined;
    }
    this.#place = { name: 'linked', roster: place.roster };
    return place.unreachableSlots;
  }
}
