/**
 * Checksums of the gradients that this worker made of audited micro-batches, to be compared with
 * those of others: as leased, and as the one who audits. Both last for one step.
 */
import { javascriptKernels } from '../../lib/collective/kernels/vector.ts';
import type { ComputeOrder, GradientChecksum } from '../../lib/optim/modes/mode.ts';

export class GradientChecksums {
  readonly #leased = new Map<number, number>();
  readonly #audits = new Map<number, number>();

  /** Another step begins, or the weights are others. */
  clear(): void {
    this.#leased.clear();
    this.#audits.clear();
  }

  /** @param vector what the micro-batch alone came to */
  add(microBatch: number, role: 'leased' | 'audit', vector: Float32Array): void {
    const { checksum } = javascriptKernels.inspect(vector, 0);
    (role === 'leased' ? this.#leased : this.#audits).set(microBatch, checksum);
  }

  hasAudit(microBatch: number): boolean {
    return this.#audits.has(microBatch);
  }

  /** Those that an order asks for. */
  list({ microBatches, audits, audited }: ComputeOrder): GradientChecksum[] {
    const leased = audited.filter((one) => microBatches.includes(one));
    return [...entriesOf(this.#leased, leased), ...entriesOf(this.#audits, audits)];
  }
}

function entriesOf(
  checksums: ReadonlyMap<number, number>,
  microBatches: readonly number[],
): GradientChecksum[] {
  return microBatches.flatMap((microBatch) => {
    const checksum = checksums.get(microBatch);
    return checksum === undefined ? [] : [{ microBatch, checksum }];
  });
}
