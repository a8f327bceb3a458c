/**
 * Blocks of a checkpoint, of which members send whole ones or parts, as they are leased. Members
 * send in the order of the vector, so few blocks are begun and not complete at a time. Pure.
 */
import { blockParts, type BlockPart } from '../../lib/checkpoint/state-leases.ts';
import type { StateLease } from '../../proto/generated/messages.ts';
import { CrescendoError } from '../../lib/base/errors.ts';

const VALUE_BYTES = Float32Array.BYTES_PER_ELEMENT;

interface Part extends BlockPart {
  readonly slot: number;
  hasCome: boolean;
}

interface Block {
  readonly parts: readonly Part[];
  /** Bytes of the parts that have come; undefined before the first. */
  content: Uint8Array | undefined;
}

/** What a member sends. */
export interface SentPart {
  readonly index: number;
  /** The value of the block with which the content begins. */
  readonly begin: number;
  readonly content: Uint8Array;
}

export class BlockGathering {
  /** Those that are not complete. */
  readonly #blocks = new Map<number, Block>();

  constructor(leases: readonly StateLease[]) {
    const parts = leases.flatMap((lease) =>
      blockParts(lease).map((part): Part => ({ ...part, slot: lease.slot, hasCome: false })),
    );
    for (const part of parts) {
      const known = this.#blocks.get(part.index)?.parts ?? [];
      this.#blocks.set(part.index, { parts: [...known, part], content: undefined });
    }
  }

  get areComplete(): boolean {
    return this.#blocks.size === 0;
  }

  /**
   * Takes what a member sends.
   * @returns the block, and who sent its parts, where it is complete now
   * @throws CRESCENDO_PROTOCOL_INVALID where it is not one of its leases
   */
  add(
    slot: number,
    { index, begin, content }: SentPart,
  ): { readonly content: Uint8Array; readonly slots: readonly number[] } | undefined {
    const block = this.#blocks.get(index);
    const part = block?.parts.find((one) => one.begin === begin);
    if (block === undefined || part?.slot !== slot || part.hasCome) {
      throw invalid(`values from ${begin} on of block ${index} are not asked of slot ${slot}`);
    }
    const size = (part.end - part.begin) * VALUE_BYTES;
    if (content.byteLength !== size) {
      throw invalid(
        `the part of block ${index} from ${begin} on has ${content.byteLength} bytes, and must ` +
          `have ${size}`,
      );
    }
    part.hasCome = true;
    const slots = block.parts.map((one) => one.slot);
    if (block.parts.length === 1) {
      this.#blocks.delete(index);
      return { content, slots };
    }
    block.content ??= new Uint8Array(
      block.parts.reduce((sum, one) => sum + (one.end - one.begin), 0) * VALUE_BYTES,
    );
    block.content.set(content, begin * VALUE_BYTES);
    if (block.parts.some(({ hasCome }) => !hasCome)) return undefined;
    this.#blocks.delete(index);
    return { content: block.content, slots };
  }

  /** Whether something is still to come from a member. */
  awaits(slot: number): boolean {
    return [...this.#blocks.values()].some(({ parts }) =>
      parts.some((one) => one.slot === slot && !one.hasCome),
    );
  }

  /** Slots of those that keep the first block from being complete; others may wait for them. */
  awaitedFirst(): number[] {
    const first = this.#blocks.get(Math.min(...this.#blocks.keys()));
    const missing = (first?.parts ?? []).filter(({ hasCome }) => !hasCome);
    return [...new Set(missing.map(({ slot }) => slot))];
  }
}

function invalid(what: string): CrescendoError {
  return new CrescendoError('CRESCENDO_PROTOCOL_INVALID', what);
}
