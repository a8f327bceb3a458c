/** What a step order means to a worker, with and without local SGD. */
import { CrescendoError, defined } from '../../lib/base/errors.ts';
import { isLossy, type Compression, type LossyCompression } from '../../lib/run/run-config.ts';
import { COMPRESSIONS } from '../../lib/run/schema/communication.ts';
import type { Lease, StepOrder } from '../../proto/generated/messages.ts';
import type { ComputeRequest } from '../compute/messages.ts';

/** Steps that the order covers: with local SGD all of them before one all-reduce, else one. */
export function stepCountOf(order: StepOrder): number {
  return Math.max(1, order.innerLearningRates.length);
}

function leaseOf(order: StepOrder, slot: number): readonly number[] {
  return defined(
    order.leases.find((one) => one.slot === slot),
    `lease of slot ${slot}`,
  ).microBatches;
}

/** The leaves of the tree that the all-reduce sums along, and who holds which. */
export function leavesOf(
  order: StepOrder,
  microBatches: number,
): { readonly microBatches: number; readonly leases: readonly Lease[] } {
  const isPerMember =
    order.innerLearningRates.length > 0 || lossyCompressionOf(order) !== undefined;
  if (!isPerMember) return { microBatches, leases: order.leases };
  const slots = order.leases.map((lease) => lease.slot).sort((left, right) => left - right);
  return {
    microBatches: slots.length,
    leases: slots.map((slot, leaf) => ({ slot, microBatches: [leaf] })),
  };
}

/**
 * What packs the gradients of this step; undefined for an exact format, and where nothing travels.
 * @throws CRESCENDO_PROTOCOL_INVALID on one that this worker does not know
 */
export function lossyCompressionOf({
  compression,
  leases,
}: StepOrder): LossyCompression | undefined {
  if (!COMPRESSIONS.includes(compression as Compression)) {
    throw new CrescendoError(
      'CRESCENDO_PROTOCOL_INVALID',
      `a step is ordered with compression ${JSON.stringify(compression)}, not one of ` +
        COMPRESSIONS.join(', '),
    );
  }
  return isLossy(compression) && leases.length > 1 ? compression : undefined;
}

/** Learning rates of the steps that the order covers. */
function learningRatesOf(order: StepOrder): readonly [number, ...number[]] {
  const [first, ...others] = order.innerLearningRates;
  return first === undefined ? [order.learningRate] : [first, ...others];
}

/** The place of a member among those of the order, by slot. */
function memberIndexOf(order: StepOrder, slot: number): number {
  return order.leases.filter((lease) => lease.slot < slot).length;
}

/** What the compute thread of the worker at `slot` is to do for a step order. */
export function stepRequestOf(
  order: StepOrder,
  slot: number,
): ComputeRequest & { readonly kind: 'step' } {
  return {
    kind: 'step',
    generation: order.generation,
    step: order.step,
    attempt: order.attempt,
    microBatches: leaseOf(order, slot),
    audits: order.audits.find((one) => one.slot === slot)?.microBatches ?? [],
    audited: [...new Set(order.audits.flatMap(({ microBatches }) => microBatches))],
    learningRates: learningRatesOf(order),
    sampleCount: order.sampleCount,
    memberIndex: memberIndexOf(order, slot),
    phase: order.phase,
  };
}
