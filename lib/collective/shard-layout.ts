/**
 * Which member keeps which part of the optimizer state, if it is sharded: each segment is kept by
 * its owner in the all-reduce and by a backup (machines.ts), so that the loss of one worker or
 * machine loses no state. (Rajbhandari et al., "ZeRO: Memory Optimizations Toward Training Trillion
 * Parameter Models", 2020, section 5.1, has the owners.) Pure.
 */
import { defined } from '../base/errors.ts';
import { cutChunks, type Bucket } from './buckets.ts';
import { Machines } from './machines.ts';

export interface ShardMember {
  readonly slot: number;
  /** Name of its machine. */
  readonly machine: string;
}

/** A member of an earlier membership. */
export interface PreviousShardMember extends ShardMember {
  /** It keeps nothing any more, and its slot may be another worker's. */
  readonly isGone?: boolean;
}

/** Elements [begin, end) of the vector. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** A part that is sent to a member when the members change. */
export interface ShardMove extends Range {
  readonly sourceSlot: number;
  readonly targetSlot: number;
}

interface OwnedRange extends Range {
  readonly owner: number;
}

export class ShardLayout {
  readonly #slots: readonly number[];
  readonly #gone: ReadonlySet<number>;
  readonly #machines: Machines;
  /** Ascending, from 0 to the end of the gradient without a gap. */
  readonly #owned: readonly OwnedRange[];

  /** @param buckets of the gradient alone @param blockElements see ChunkUpdate */
  constructor(
    members: readonly PreviousShardMember[],
    buckets: readonly Bucket[],
    blockElements: number,
  ) {
    const sorted = inOrderOfSlots(members);
    this.#slots = sorted.map(({ slot }) => slot);
    this.#gone = new Set(members.filter(({ isGone }) => isGone).map(({ slot }) => slot));
    this.#machines = new Machines(sorted);
    const chunks = cutChunks(buckets, sorted.length, blockElements);
    this.#owned = chunks
      .map(({ offset, length, owner }) => ({ begin: offset, end: offset + length, owner }))
      .sort((left, right) => left.begin - right.begin);
  }

  /** The ranges that a member keeps, as owner or backup: ascending and merged. */
  rangesOf(slot: number): Range[] {
    const ranges: { begin: number; end: number }[] = [];
    for (const { begin, end, owner } of this.#owned) {
      if (!this.#keepers(owner).includes(slot)) continue;
      const last = ranges.at(-1);
      if (last?.end === begin) last.end = end;
      else ranges.push({ begin, end });
    }
    return ranges;
  }

  /** Who owns which part: ascending, from 0 to the end of the gradient, and merged. */
  ownedRanges(): (Range & { readonly slot: number })[] {
    const ranges: { slot: number; begin: number; end: number }[] = [];
    for (const { begin, end, owner } of this.#owned) {
      const slot = this.#slots[owner] as number;
      const last = ranges.at(-1);
      if (last?.slot === slot && last.end === begin) last.end = end;
      else ranges.push({ slot, begin, end });
    }
    return ranges;
  }

  /**
   * The moves that are needed when these members take over from those of `previous`, in an order
   * that is the same on all members. The source of a move is a member of both layouts.
   * @throws InvariantError if no remaining member has a part: see isRecoverable()
   */
  movesFrom(previous: ShardLayout): ShardMove[] {
    const moves: ShardMove[] = [];
    let at = 0;
    for (const { begin, end, owner } of this.#owned) {
      for (let from = begin; from < end;) {
        while ((previous.#owned[at] as OwnedRange).end <= from) at++;
        const held = previous.#owned[at] as OwnedRange;
        const to = Math.min(end, held.end);
        const holders = previous.#keepers(held.owner).filter((one) => !previous.#gone.has(one));
        const source = holders.find((slot) => this.#slots.includes(slot));
        const sourceSlot = defined(source, `a keeper of [${from}, ${to})`);
        for (const targetSlot of this.#keepers(owner)) {
          if (!holders.includes(targetSlot)) {
            moves.push({ sourceSlot, targetSlot, begin: from, end: to });
          }
        }
        from = to;
      }
    }
    return moves;
  }

  #keepers(owner: number): number[] {
    return keepersOf(this.#machines, this.#slots, owner);
  }
}

/** Whether at least one of `left` has each part of the state that `members` keep. */
export function isRecoverable(members: readonly ShardMember[], left: ReadonlySet<number>): boolean {
  const sorted = inOrderOfSlots(members);
  const slots = sorted.map(({ slot }) => slot);
  const machines = new Machines(sorted);
  return slots.every((_, owner) =>
    keepersOf(machines, slots, owner).some((slot) => left.has(slot)),
  );
}

function keepersOf(machines: Machines, slots: readonly number[], owner: number): number[] {
  const backup = slots[machines.backupOf(owner)];
  return [slots[owner] as number, ...(backup === undefined ? [] : [backup])];
}

function inOrderOfSlots(members: readonly ShardMember[]): ShardMember[] {
  return [...members].sort((left, right) => left.slot - right.slot);
}
