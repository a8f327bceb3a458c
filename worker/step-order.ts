/** What a step order means to a worker, with and without local SGD. */
import { defined } from '../base/errors.ts';
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
  if (order.innerLearningRates.length === 0) return { microShards, leases: order.leases };
  const slots = order.leases.map((lease) => lease.slot).sort((left, right) => left - right);
  return {
    microShards: slots.length,
    leases: slots.map((slot, leaf) => ({ slot, microShards: [leaf] })),
  };
}

/** The inner steps of local SGD; undefined in a step of all workers together. */
export function localOrderOf(order: StepOrder, slot: number): LocalOrder | undefined {
  if (order.innerLearningRates.length === 0) return undefined;
  const leaf = order.leases.filter((lease) => lease.slot < slot).length;
  return { leaf, learningRates: order.innerLearningRates };
}
