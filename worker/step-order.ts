/** What a step order means to a worker, with and without local SGD. */
import { CrescendoError, defined } from '../base/errors.ts';
import { CODECS, isLossy, type CodecName, type LossyCodecName } from '../config/run-config.ts';
import type { Lease, StepOrder } from '../proto/control.ts';
import type { LocalOrder } from './compute-messages.ts';

/** Steps that the order covers: with local SGD all of them before one exchange, else one. */
export function stepCountOf(order: StepOrder): number {
  return Math.max(1, order.innerLearningRates.length);
}

export function leaseOf(order: StepOrder, slot: number): readonly number[] {
  return defined(
    order.leases.find((one) => one.slot === slot),
    `lease of slot ${slot}`,
  ).microShards;
}

/** The leaves of the tree that the exchange sums along, and who holds which. */
export function exchangeLeaves(
  order: StepOrder,
  microShards: number,
): { readonly microShards: number; readonly leases: readonly Lease[] } {
  const isPerMember = order.innerLearningRates.length > 0 || lossyCodecOf(order) !== undefined;
  if (!isPerMember) return { microShards, leases: order.leases };
  const slots = order.leases.map((lease) => lease.slot).sort((left, right) => left - right);
  return {
    microShards: slots.length,
    leases: slots.map((slot, leaf) => ({ slot, microShards: [leaf] })),
  };
}

/**
 * What packs the gradients of this step; undefined for an exact format, and where nothing travels.
 * @throws CRESCENDO_PROTOCOL_INVALID on one that this worker does not know
 */
export function lossyCodecOf({ codec, leases }: StepOrder): LossyCodecName | undefined {
  if (!CODECS.includes(codec as CodecName)) {
    throw new CrescendoError(
      'CRESCENDO_PROTOCOL_INVALID',
      `a step is ordered with codec ${JSON.stringify(codec)}, not one of ${CODECS.join(', ')}`,
    );
  }
  return isLossy(codec) && leases.length > 1 ? codec : undefined;
}

/** The inner steps of local SGD; undefined in a step of all workers together. */
export function localOrderOf(order: StepOrder, slot: number): LocalOrder | undefined {
  if (order.innerLearningRates.length === 0) return undefined;
  const leaf = order.leases.filter((lease) => lease.slot < slot).length;
  return { leaf, learningRates: order.innerLearningRates };
}
