/**
 * Who computes which micro-batches of a step. A survivor keeps what it was leased; what the lost
 * held is divided among the survivors. Pure.
 */
import { evenPart } from '../../lib/collective/tree.ts';
import type { Lease } from '../../proto/generated/messages.ts';

export class Leases {
  readonly #microBatches: number;
  readonly #bySlot = new Map<number, readonly number[]>();

  /** @param microBatches how many a step has */
  constructor(microBatches: number) {
    this.#microBatches = microBatches;
  }

  /** Nobody holds anything any more. */
  clear(): void {
    this.#bySlot.clear();
  }

  /** Leases all micro-batches to the members with `slots`, and to no others. */
  divide(slots: readonly number[]): void {
    for (const slot of [...this.#bySlot.keys()]) {
      if (!slots.includes(slot)) this.#bySlot.delete(slot);
    }
    const leased = new Set([...this.#bySlot.values()].flat());
    const all = Array.from({ length: this.#microBatches }, (_, index) => index);
    const free = all.filter((microBatch) => !leased.has(microBatch));
    for (const [index, slot] of slots.entries()) {
      const part = evenPart(free.length, index, slots.length).map((at) => free[at] as number);
      const held = [...(this.#bySlot.get(slot) ?? []), ...part];
      this.#bySlot.set(
        slot,
        held.sort((left, right) => left - right),
      );
    }
  }

  /** Whether the member with `slot` holds any. */
  has(slot: number): boolean {
    return this.#bySlot.has(slot);
  }

  holds(slot: number, microBatch: number): boolean {
    return this.#bySlot.get(slot)?.includes(microBatch) === true;
  }

  list(): Lease[] {
    return [...this.#bySlot].map(([slot, microBatches]) => ({ slot, microBatches }));
  }
}
