/**
 * Audited micro-batches: two members compute the gradient of each, and what they made must be the
 * same before the step is committed. Which ones are audited follows from seed and step alone, so
 * any number of members has the same ones. Pure.
 */
import { RandomStream } from '../../lib/base/random.ts';
import type { Lease, StepReduced } from '../../proto/generated/messages.ts';

/** Two gradients of a micro-batch, at least, that should be the same. */
export interface Difference {
  readonly microBatch: number;
  /** In words. */
  readonly reason: string;
  /** Those whose gradient is another than most have; empty where no two of three are the same. */
  readonly wrong: readonly number[];
  /** How many have computed it. */
  readonly count: number;
}

interface Claim {
  readonly slot: number;
  readonly checksum: number;
}

export class Audits {
  readonly #step: number;
  readonly #chosen: readonly number[];
  /** Those of which two members had different gradients, so that a third is asked. */
  readonly #disputed = new Set<number>();
  #auditors = new Map<number, readonly number[]>();

  /** @param microBatches how many a step has */
  constructor(
    { ratio, seed }: { readonly ratio: number; readonly seed: number },
    step: number,
    microBatches: number,
  ) {
    this.#step = step;
    const all = Array.from({ length: ratio > 0 ? microBatches : 0 }, (_, index) => index);
    this.#chosen = all.filter(
      (microBatch) => new RandomStream(seed, 'audit', step, microBatch).uniform() < ratio,
    );
  }

  get areAny(): boolean {
    return this.#chosen.length > 0;
  }

  /**
   * Decides who audits what: members that do not hold it, those with the fewest audits first. A
   * member that is alone computes it twice.
   */
  divide(leases: readonly Lease[]): void {
    const loads = new Map(leases.map(({ slot }) => [slot, 0]));
    const before = this.#auditors;
    this.#auditors = new Map();
    for (const microBatch of this.#chosen) {
      const holder = leases.find((one) => one.microBatches.includes(microBatch))?.slot;
      const others = [...loads.keys()].filter((slot) => slot !== holder);
      const able = others.length > 0 ? others : [...loads.keys()];
      // Who has audited it before keeps what it made.
      const known = (before.get(microBatch) ?? []).filter((slot) => able.includes(slot));
      const rest = able
        .filter((slot) => !known.includes(slot))
        .sort((left, right) => (loads.get(left) ?? 0) - (loads.get(right) ?? 0) || left - right);
      const auditors = [...known, ...rest].slice(0, this.#disputed.has(microBatch) ? 2 : 1);
      for (const slot of auditors) loads.set(slot, (loads.get(slot) ?? 0) + 1);
      this.#auditors.set(microBatch, auditors);
    }
  }

  list(): Lease[] {
    const slots = [...new Set([...this.#auditors.values()].flat())];
    return slots.map((slot) => ({
      slot,
      microBatches: this.#chosen.filter((one) => this.#auditors.get(one)?.includes(slot) === true),
    }));
  }

  /** Whether each audited micro-batch was computed twice at least, to the same gradient. */
  hold(reports: ReadonlyMap<number, StepReduced>): boolean {
    return this.#chosen.every((microBatch) => {
      const [first, ...others] = this.#claims(microBatch, reports);
      return others.length > 0 && others.every(({ checksum }) => checksum === first?.checksum);
    });
  }

  /** @returns the first micro-batch whose gradients differ */
  difference(reports: ReadonlyMap<number, StepReduced>): Difference | undefined {
    for (const microBatch of this.#chosen) {
      const claims = this.#claims(microBatch, reports);
      const checksums = claims.map(({ checksum }) => checksum);
      if (new Set(checksums).size < 2) continue;
      const countOf = (checksum: number): number =>
        checksums.filter((one) => one === checksum).length;
      const most = checksums.find((one) => countOf(one) > checksums.length / 2);
      const wrong = claims.filter(({ checksum }) => most !== undefined && checksum !== most);
      const named = claims.map(({ slot, checksum }) => `slot ${slot} has ${checksum.toString(16)}`);
      return {
        microBatch,
        reason:
          `gradients of micro-batch ${microBatch} of step ${this.#step} differ: ` +
          named.join('; '),
        wrong: [...new Set(wrong.map(({ slot }) => slot))],
        count: claims.length,
      };
    }
    return undefined;
  }

  /** A third member is to compute it too. */
  dispute(microBatch: number): void {
    this.#disputed.add(microBatch);
  }

  #claims(microBatch: number, reports: ReadonlyMap<number, StepReduced>): Claim[] {
    return [...reports].flatMap(([slot, { gradientChecksums }]) =>
      gradientChecksums
        .filter((one) => one.microBatch === microBatch)
        .map(({ checksum }) => ({ slot, checksum })),
    );
  }
}
