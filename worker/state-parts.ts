/** Which member sends joiners which part of the training state. Pure. */
import { blockCountOf, CHECKPOINT_BLOCK_BYTES } from '../lib/checkpoint/store.ts';
import { evenPart } from '../lib/collective/tree.ts';
import type { Roster } from '../proto/generated/messages.ts';

/** More hardly shorten a transfer, for the joiner's link is one. */
const SOURCES_MAX = 8;
const BLOCK_ELEMENTS = CHECKPOINT_BLOCK_BYTES / 4;

/** Elements [begin, end) of the state that a member sends to all joiners. */
export interface StatePart {
  readonly slot: number;
  readonly begin: number;
  readonly end: number;
}

/** The parts of a state, in order; none where no member has one or fetches it. */
export function statePartsOf(
  { members, stateSourceSlot }: Pick<Roster, 'members' | 'stateSourceSlot'>,
  elements: number,
): readonly StatePart[] {
  if (stateSourceSlot < 0) return [];
  const holders = members.filter(({ hasState }) => hasState).map(({ slot }) => slot);
  const sources = holders.length === 0 ? [stateSourceSlot] : holders.slice(0, SOURCES_MAX);
  return sources.flatMap((slot, index) => {
    const blocks = evenPart(blockCountOf(elements), index, sources.length);
    const [first] = blocks;
    if (first === undefined) return [];
    const begin = first * BLOCK_ELEMENTS;
    return [{ slot, begin, end: Math.min(elements, begin + blocks.length * BLOCK_ELEMENTS) }];
  });
}
