/**
 * Who computes which micro-batches of a step. A survivor keeps what it was leased; what the lost
 * held is divided among the survivors. Pure.
 */
import { evenPart } from '../../lib/collective/tree.ts';
import type { Lease } from '../../proto/generated/messages.ts';

export class Leases {
  readonly #microBatches: number;
  readonly #speeds: ReadonlyMap<number, number>;
  readonly #bySlot = new Map<number, readonly number[]>();

  /**
   * @param microBatches how many a step has
   * @param speeds relative ones by slot, as for divided()
   */
  constructor(microBatches: number, speeds: ReadonlyMap<number, number>) {
    this.#microBatches = microBatches;
    this.#speeds = speeds;
  }

  /** Those with `slots` are gone: who has one of their slots next holds nothing. */
  forget(slots: readonly number[]): void {
    for (const slot of slots) this.#bySlot.delete(slot);
  }

  /** Nobody holds anything any more. */
  clear(): void {
    this.#bySlot.clear();
  }

  /** @param from the slot that holds the micro-batch, which the one at `to` holds from now on */
  move(microBatch: number, from: number, to: number): void {
    const left = this.of(from).filter((one) => one !== microBatch);
    this.#bySlot.set(from, left);
    const held = [...this.of(to), microBatch];
    this.#bySlot.set(
      to,
      held.sort((left, right) => left - right),
    );
  }

  /**
   * Leases all micro-batches to the members with `slots`, and to no others.
   * @param idle members that take part with an empty lease
   */
  divide(slots: readonly number[], idle: readonly number[] = []): void {
    for (const slot of [...this.#bySlot.keys()]) {
      if (!slots.includes(slot)) this.#bySlot.delete(slot);
    }
    const leased = new Set([...this.#bySlot.values()].flat());
    const all = Array.from({ length: this.#microBatches }, (_, index) => index);
    const free = all.filter((microBatch) => !leased.has(microBatch));
    const parts = divided(free.length, slots, this.#speeds);
    for (const [index, slot] of slots.entries()) {
      const part = (parts[index] ?? []).map((at) => free[at] as number);
      const held = [...(this.#bySlot.get(slot) ?? []), ...part];
      this.#bySlot.set(
        slot,
        held.sort((left, right) => left - right),
      );
    }
    for (const slot of idle) this.#bySlot.set(slot, []);
  }

  /** Whether the member with `slot` holds any. */
  has(slot: number): boolean {
    return this.#bySlot.has(slot);
  }

  holds(slot: number, microBatch: number): boolean {
    return this.of(slot).includes(microBatch);
  }

  /** Ascending. */
  of(slot: number): readonly number[] {
    return this.#bySlot.get(slot) ?? [];
  }

  list(): Lease[] {
    return [...this.#bySlot].map(([slot, microBatches]) => ({ slot, microBatches }));
  }
}

/**
 * Divides places 0 to `count` - 1 into contiguous parts, one for each slot, so that the member that
 * needs longest for its part needs as little as can be. Each gets one where there are enough.
 * @param speeds relative ones; members without one have the mean, and with none all are equal
 */
export function divided(
  count: number,
  slots: readonly number[],
  speeds: ReadonlyMap<number, number>,
): number[][] {
  const known = slots.flatMap((slot) => speeds.get(slot) ?? []);
  if (known.length === 0) return slots.map((_, index) => evenPart(count, index, slots.length));
  const mean = known.reduce((sum, speed) => sum + speed, 0) / known.length;
  const each = slots.map((slot) => speeds.get(slot) ?? mean);
  const sizes = sizesOf(count, each);
  let begin = 0;
  return sizes.map((size) => {
    begin += size;
    return Array.from({ length: size }, (_, offset) => begin - size + offset);
  });
}

/** Gives one place after the other to the member that would be done with it first. */
function sizesOf(count: number, speeds: readonly number[]): number[] {
  const isEnough = count >= speeds.length;
  const sizes = speeds.map((): number => (isEnough ? 1 : 0));
  const doneAt = (index: number): number =>
    ((sizes[index] as number) + 1) / (speeds[index] as number);
  for (let left = isEnough ? count - speeds.length : count; left > 0; left--) {
    let first = 0;
    for (const index of speeds.keys()) if (doneAt(index) < doneAt(first)) first = index;
    sizes[first] = (sizes[first] as number) + 1;
  }
  return sizes;
}
