/** The time that members are given to send each other state when a generation is formed. Pure. */

/** The weights, their moving average and two moments, in float32. */
const STATE_BYTES_PER_ELEMENT = 16;
/** 100 Mbit/s; over a slower link the transfer is late. */
const SLOWEST_BYTES_PER_MS = 12_500;
/** Bound on the time, because the length of the vector is only what a worker claims. */
const TRANSFER_MS_MAX = 3_600_000;

export interface TransferMember {
  /** Length of its vector of gradients, as it says; a value that is not finite is ignored. */
  readonly vectorElements: number;
  /** If not, a member that holds the state sends it. */
  readonly hasState: boolean;
}

/**
 * @param isSharded whether members may also send parts of the optimizer state
 * @param isRestored whether nobody has the state, and it comes from a checkpoint
 */
export function transferTimeMs(
  members: readonly TransferMember[],
  isSharded: boolean,
  isRestored: boolean,
): number {
  const joiners = members.filter(({ hasState }) => !hasState).length;
  const hasNothing = joiners === members.length && !isRestored;
  const states = hasNothing ? 0 : Math.max(joiners, isSharded ? 1 : 0);
  const lengths = members.map((one) => one.vectorElements).filter(Number.isFinite);
  const bytes = Math.max(0, ...lengths) * STATE_BYTES_PER_ELEMENT;
  return Math.min(TRANSFER_MS_MAX, (states * bytes) / SLOWEST_BYTES_PER_MS);
}
