/**
 * Which member sends which part of the training state for a checkpoint: each value is sent once, by
 * a member that has it. A checkpoint has the same sections and bytes whoever sends them, so a run
 * goes on from it with any members. Pure.
 */
import type { StateLease } from '../../proto/generated/messages.ts';
import type { Bucket } from '../collective/buckets.ts';
import { ShardLayout, type Range, type ShardMember } from '../collective/shard-layout.ts';
import { evenPart } from '../collective/tree.ts';
import { elementsOf, type SnapshotLayout } from './snapshot.ts';
import { blockCountOf, CHECKPOINT_BLOCK_BYTES } from './store.ts';

const BLOCK_ELEMENTS = CHECKPOINT_BLOCK_BYTES / Float32Array.BYTES_PER_ELEMENT;

/** Sections that members hold in shards: each is as long as the gradient. */
export interface ShardedSections {
  readonly names: ReadonlySet<string>;
  /** Those of the gradient alone; with what parts begin on multiples of, as in ShardLayout. */
  readonly buckets: readonly Bucket[];
  readonly blockElements: number;
}

export interface SpreadState {
  /** The sections of a checkpoint's vector. */
  readonly layout: SnapshotLayout;
  /** Undefined where each member holds all sections. */
  readonly sharded: ShardedSections | undefined;
}

/** What a range has of one block. */
export interface BlockPart extends Range {
  readonly index: number;
}

/** Leases of all members, each ascending; none is partly of a section that is sharded. */
export function leaseState(
  { layout, sharded }: SpreadState,
  members: readonly ShardMember[],
): StateLease[] {
  const even = evenLeases(elementsOf(layout), members);
  if (sharded === undefined) return even;
  const owned = new ShardLayout(members, sharded.buckets, sharded.blockElements).ownedRanges();
  return layout.flatMap(({ name, begin, end }): StateLease[] =>
    sharded.names.has(name)
      ? owned.map((one) => ({ slot: one.slot, begin: begin + one.begin, end: begin + one.end }))
      : even.flatMap((lease) => within(lease, begin, end)),
  );
}

/** A range cut where blocks begin. */
export function blockParts({ begin, end }: Range): BlockPart[] {
  const parts: BlockPart[] = [];
  for (let from = begin; from < end;) {
    const index = Math.floor(from / BLOCK_ELEMENTS);
    const origin = index * BLOCK_ELEMENTS;
    const to = Math.min(end, origin + BLOCK_ELEMENTS);
    parts.push({ index, begin: from - origin, end: to - origin });
    from = to;
  }
  return parts;
}

/** Where a part of a block is in the vector. */
export function rangeOf({ index, begin, end }: BlockPart): Range {
  const origin = index * BLOCK_ELEMENTS;
  return { begin: origin + begin, end: origin + end };
}

/** Every member sends nearly as many whole blocks. */
function evenLeases(elements: number, members: readonly ShardMember[]): StateLease[] {
  const slots = members.map(({ slot }) => slot).sort((left, right) => left - right);
  return slots.flatMap((slot, index) => {
    const blocks = evenPart(blockCountOf(elements), index, slots.length);
    const [first] = blocks;
    if (first === undefined) return [];
    const begin = first * BLOCK_ELEMENTS;
    return [{ slot, begin, end: Math.min(elements, begin + blocks.length * BLOCK_ELEMENTS) }];
  });
}

function within({ slot, ...lease }: StateLease, first: number, last: number): StateLease[] {
  const [begin, end] = [Math.max(lease.begin, first), Math.min(lease.end, last)];
  return begin < end ? [{ slot, begin, end }] : [];
}
