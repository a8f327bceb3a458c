/** How long members may take over what they send each other when a membership is formed. Pure. */

/** Weights, EMA and two slots, in float32. */
const STATE_BYTES_PER_ELEMENT = 16;
/** 100 Mbit/s: on slower links members are late. */
const SLOWEST_BYTES_PER_MS = 12_500;
/** Whatever length a worker claims. */
const TRANSFER_MS_MAX = 3_600_000;

export interface TransferMember {
  /** Length of its vector of gradients, as it says: one that is no number counts as none. */
  readonly vectorElements: number;
  /** Else it is sent the state, by one that has it. */
  readonly hasState: boolean;
}

/** @param isSharded whether members may also send parts of the optimizer state */
export function transferTimeMs(members: readonly TransferMember[], isSharded: boolean): number {
  const joiners = members.filter(({ hasState }) => !hasState).length;
  const states = joiners === members.length ? 0 : Math.max(joiners, isSharded ? 1 : 0);
  const lengths = members.map((one) => one.vectorElements).filter(Number.isFinite);
  const bytes = Math.max(0, ...lengths) * STATE_BYTES_PER_ELEMENT;
  return Math.min(TRANSFER_MS_MAX, (states * bytes) / SLOWEST_BYTES_PER_MS);
}
